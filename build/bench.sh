#!/usr/bin/env bash
# Measures the released Notify on this machine and prints ratios side by side:  build/bench.sh [compare <Notify.Host.dll of another build>|throughput|latency|memory|idle|configuration|audit|following|proofs|review|reload|storm|escalation|million|console]
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
. "$root/build/prerequisites.sh"
need_postgres
if [[ " $* " == *" console "* ]]; then need_chromium; fi
"$root/build/build.sh"
export NOTIFY_BENCH_HOST=$root/artifacts/notify/Notify.Host.dll
exec dotnet run --project "$root/tests/Benchmarks" --configuration Release -v quiet -- "$@"
