#!/usr/bin/env bash
# Takes a picture of every page of the console, in both languages, both themes, on a desk and on a phone, into artifacts/screenshots, and renews those that
# the README shows (docs/pictures). Notify runs with the data of tests/Console/Pictures for this.
#   build/screenshots.sh                    all of them
#   build/screenshots.sh zh-dark-phone ...  only these kinds, without those of the README
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cd "$root"
. build/prerequisites.sh
need_chromium
if [ -z "${NOTIFY_TEST_POSTGRES:-}" ]; then need_postgres; fi
dotnet build tests/Console -v quiet -clp:NoSummary
rm -rf artifacts/screenshots
mkdir -p artifacts/screenshots docs/pictures
dotnet tests/Console/bin/Debug/net10.0/Notify.Console.Tests.dll artifacts/screenshots docs/pictures "$@"
find artifacts/screenshots -name '*.png' | wc -l | xargs printf '%d pictures in artifacts/screenshots\n'
