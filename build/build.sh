#!/usr/bin/env bash
# Publishes Notify to artifacts/notify, and with "peers" the stand-ins for other systems to artifacts/peers; does nothing when no source changed.
set -euo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1

if ! command -v dotnet >/dev/null; then
    echo "Notify needs the .NET SDK 10: https://dotnet.microsoft.com/download" >&2
    exit 1
fi

# Concurrent starts build one after the other. dotnet does not inherit the lock, because its build servers outlive the build.
mkdir -p "$root/artifacts"
if [ -z "${NOTIFY_BUILD_LOCKED:-}" ]; then NOTIFY_BUILD_LOCKED=1 exec flock -o "$root/artifacts/.lock" "$BASH" "$root/build/build.sh" "$@"; fi
cd "$root"

# source_hash PATH...: a hash over the content of all files of a build, so that a checkout or a copy does not count as a change.
source_hash() {
    { dotnet --version
      find "$@" Directory.Build.props Directory.Packages.props global.json .editorconfig build/build.sh \
          \( -name bin -o -name obj -o -path src/Host/Internal/Generated \) -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
    } | sha256sum
}

# publish PROJECT OUTPUT [more arguments]
publish() {
    local log=$root/artifacts/build.log project=$1 output=$2
    shift 2
    if ! dotnet publish "$project" --configuration Release --output "$output" "$@" -v quiet -nodeReuse:false >"$log" 2>&1; then
        grep -E 'error|warn' "$log" | sort -u | head -n 40 >&2 || cat "$log" >&2
        echo "The build failed; all of its output is in $log" >&2
        return 1
    fi
}

# A new version is built beside the old one and replaces it when it is complete.
replace() {
    rm -rf "$1"
    mv "$1.new" "$1"
    echo "$2" >"$1.stamp"
}

build_notify() {
    local hash output=artifacts/notify generated=src/Host/Internal
    hash=$(source_hash src)
    if [ "$hash" = "$(cat "$output.stamp" 2>/dev/null)" ] && [ -f "$output/Notify.Host.dll" ]; then return; fi
    echo "Building Notify ..." >&2
    rm -rf "$output.stamp" "$output.new" "$generated"
    publish src/Host/Notify.Host.csproj "$output.new"
    # A running Host generates handler code, which is then compiled into the published one, so that it need not be compiled at each start.
    # It does not stay in the source tree: old generated code may not compile against new handlers.
    trap 'rm -rf "$root/src/Host/Internal"' EXIT
    (cd src/Host && dotnet "$root/$output.new/Notify.Host.dll" codegen write >"$root/artifacts/codegen.log" 2>&1) && [ -d "$generated/Generated" ] ||
        { tail -n 20 artifacts/codegen.log >&2; echo "Generating the handlers' code failed." >&2; return 1; }
    rm -rf "$output.new"
    # Native code made here saves the runtime a minute of compiling after each start. If its compiler is not available, the runtime compiles.
    # That compiler is a package for this machine's platform, and so is in a lock file of its own.
    publish src/Host/Notify.Host.csproj "$output.new" --use-current-runtime --self-contained false -p:PublishReadyToRun=true \
        -p:NuGetLockFilePath=obj/native.lock.json 2>/dev/null || {
        rm -rf "$output.new"
        publish src/Host/Notify.Host.csproj "$output.new"
    }
    echo '{ "Notify": { "GeneratedCode": "Static" } }' >"$output.new/appsettings.Production.json"
    rm -rf "$generated"
    replace "$output" "$hash"
}

build_peers() {
    local hash output=artifacts/peers
    hash=$(source_hash tests/Peers tests/Directory.Build.props)
    if [ "$hash" = "$(cat "$output.stamp" 2>/dev/null)" ] && [ -f "$output/Notify.Peers.dll" ]; then return; fi
    echo "Building the stand-ins ..." >&2
    rm -rf "$output.stamp" "$output.new"
    publish tests/Peers/Notify.Peers.csproj "$output.new"
    replace "$output" "$hash"
}

build_notify
if [ "${1:-}" = peers ]; then build_peers; fi
