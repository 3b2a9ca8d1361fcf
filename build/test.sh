#!/usr/bin/env bash
# Runs every test, or those of the projects whose name contains the argument:  build/test.sh [Rules]
# Installs what is missing. The last line is "N passed, N failed, N skipped"; details are in artifacts/tests.
set -uo pipefail
root=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
cd "$root" || exit 1
. build/prerequisites.sh
filter=${1:-}
results=$root/artifacts/tests
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en MSBUILDDISABLENODEREUSE=1
# Programs that live for some minutes gain nothing from being observed before they are compiled anew. A collector of its own thread would take one of two
# cores, and that memory is never writable and executable at once makes everything that is compiled while running, which is most of a test, a tenth slower.
export DOTNET_TieredPGO=0 DOTNET_gcConcurrent=0 DOTNET_EnableWriteXorExecute=0
# Projects run two at a time, in this order and then by name; three at a time take longer on two processors. The longest begin first, so that none of them
# runs alone at the end with half of the machine idle; Acceptance, which runs whole nodes under load and kills them, runs beside those that need little.
order='Delivery Console Access Audit Rules Host Acceptance Operation'
most=2
# A project that hangs counts as failed instead of blocking the run.
limit=30m

server=''
complete=''
compiler=notify-tests-$$
handlers=src/Host/Internal
finish() {
    trap - EXIT
    stop_server
    stop_compiler
    rm -rf "$handlers"
    local passed=0 failed=0 skipped=0 file p f s
    for file in "$results"/*.result; do
        [ -f "$file" ] || continue
        read -r p f s <"$file"
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done
    # A run that ended early has not passed, whatever the reason.
    if [ -z "$complete" ] && [ "$failed" = 0 ]; then failed=1; fi
    echo "$passed passed, $failed failed, $skipped skipped"
    if [ "$failed" != 0 ]; then exit 1; fi
    exit 0
}

fail() {
    say "$*"
    exit 1
}

as_server() { if [ "$(id -u)" = 0 ]; then setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups "$@"; else "$@"; fi; }

# One server for all projects; each would start its own otherwise. Nothing in it needs to survive a crash of the machine.
start_server() {
    local bin port password started=''
    bin=$(postgres_directory) || return 1
    server_user=$(id -un postgres 2>/dev/null || echo nobody)
    # In memory if there is plenty: it makes hundreds of databases of six hundred files each.
    local place=/tmp free
    if free=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1) && [ "$free" -gt 6000000 ] \
        && [ "$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo)" -gt 12000000 ]; then place=/dev/shm; fi
    server=$(mktemp -d "$place/notify-tests.XXXXXX")
    password=$(head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n')
    (umask 077 && printf '%s' "$password" >"$server/password")
    if [ "$(id -u)" = 0 ]; then chown -R "$server_user" "$server"; fi
    (cd / && as_server "$bin/initdb" -D "$server/data" -U postgres -E UTF8 --locale=C.UTF-8 -A md5 --pwfile="$server/password" -N) >"$results/postgres.log" 2>&1 || return 1
    # Cleans up even if this script is killed, which runs no trap.
    setsid bash -c 'while kill -0 "$1" 2>/dev/null; do sleep 1; done
        pid=$(head -n 1 "$2/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" && sleep 1; rm -rf "$2"' bash $$ "$server" </dev/null >/dev/null 2>&1 &
    disown
    for _ in 1 2 3 4 5; do
        port=$((20000 + RANDOM % 10000))
        if (cd / && as_server "$bin/pg_ctl" start -w -t 60 -D "$server/data" -l "$server/log" -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
            -c fsync=off -c full_page_writes=off -c shared_buffers=256MB -c max_wal_size=1GB -c max_connections=500 -c jit=off") >>"$results/postgres.log" 2>&1; then
            started=yes
            break
        fi
    done
    [ -n "$started" ] || return 1
    export NOTIFY_TEST_POSTGRES="Host=127.0.0.1;Port=$port;Username=postgres;Password=$password;Database=postgres;SSL Mode=Disable;GSS Encryption Mode=Disable"
}

stop_server() {
    [ -n "$server" ] || return
    local pid
    if pid=$(head -n 1 "$server/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null; then
        for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    fi
    rm -rf "$server"
}

# report NAME PASSED FAILED SKIPPED SECONDS NOTE
report() {
    echo "$2 $3 $4" >"$results/$1.result"
    printf '%-14s %4d passed, %d failed, %d skipped in %d s%s\n' "$1" "$2" "$3" "$4" "$5" "${6:+  ($6)}"
}

# Counts from the summary line of dotnet test. A run that ends badly without a failed test (a crash, a hang) counts as a failure.
run_project() {
    local name=$1 log=$results/$1.log status=0 counts passed=0 failed=0 skipped=0 note='' assembly began=$SECONDS
    assembly=tests/$name/bin/Debug/net10.0/Notify.$name.Tests.dll
    timeout --kill-after=10 "$limit" dotnet test "$assembly" --logger "console;verbosity=minimal" --logger "trx;LogFileName=$name.trx" --results-directory "$results" \
        >"$log" 2>&1 </dev/null || status=$?
    counts=$(sed -nE 's/^(Passed|Failed|Skipped)! +- Failed: +([0-9]+), Passed: +([0-9]+), Skipped: +([0-9]+),.*/\3 \2 \4/p' "$log" | tail -n 1)
    if [ -n "$counts" ]; then read -r passed failed skipped <<<"$counts"
    elif [ "$status" = 0 ] && grep -q 'No test is available' "$log"; then note='no tests'
    else failed=1 note="no summary, exit code $status"; fi
    if [ "$status" != 0 ] && [ "$failed" = 0 ]; then failed=1 note="exit code $status"; fi
    report "$name" "$passed" "$failed" "$skipped" "$((SECONDS - began))" "$note"
    if [ "$failed" != 0 ]; then
        sed -nE '/^ *(\[xUnit|Passed |Failed! |Passed! )/!p' "$log" | tail -n 80
        echo "All of its output: $log"
    fi
}

# One compiler for all projects, of this run only: a new one for each would take as much time again.
stop_compiler() {
    local process
    for process in /proc/[0-9]*; do
        if tr '\0' ' ' <"$process/cmdline" 2>/dev/null | grep -q -- "-pipename:$compiler "; then kill "${process#/proc/}" 2>/dev/null; fi
    done
}

# White space. Everything else that dotnet format would find is an analyzer warning, and so an error of the build, or found by a test (SourceTests: the order
# of usings); finding it twice would take as long as the build.
check_format() {
    local began=$SECONDS
    if dotnet format whitespace . --folder --verify-no-changes --include src/ tests/ tools/ >"$results/format.log" 2>&1 </dev/null; then report format 1 0 0 "$((SECONDS - began))"; else
        report format 0 1 0 "$((SECONDS - began))" 'run: dotnet format'
        head -n 40 "$results/format.log"
    fi
}

rm -rf "$results"
mkdir -p "$results"
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

mapfile -t projects < <(sed -nE 's/.*"tests[\\/]([A-Za-z]+)[\\/]Notify\.[A-Za-z]+\.Tests\.csproj".*/\1/p' Notify.sln | grep -iF -- "$filter" | sort)
[ ${#projects[@]} != 0 ] || fail "No test project has '$filter' in its name."
command -v dotnet >/dev/null || fail "The tests need the .NET SDK 10: https://dotnet.microsoft.com/download"
has() { [[ " ${projects[*]} " == *" $1 "* ]]; }
install_missing() {
    need_postgres || return
    if has Acceptance; then need_alertmanager && need_rabbitmq || return; fi
    if has Delivery; then need_exim || return; fi
    if has Console; then need_chromium || return; fi
    if has Alarms; then need_mosquitto || return; fi
}

# While the build runs: the one waits for the network, the other for the processor.
install_missing &
installing=$!

# The compiler does the same for two minutes: what it runs often is compiled anew at once, which saves it a quarter.
build() {
    if ! DOTNET_TC_CallCountingDelayMs=0 dotnet build "$1" --configuration Debug -p:Optimize=true -v quiet -nodeReuse:false \
        -p:UseSharedCompilation=true "-p:SharedCompilationId=$compiler" >"$results/build.log" 2>&1 </dev/null; then
        grep -E 'error|warn' "$results/build.log" | sort -u | head -n 40 || cat "$results/build.log"
        fail "The build failed; all of its output is in $results/build.log"
    fi
}

# The code that calls the handlers of messages, as in what build/build.sh makes: generated and compiled here once, instead of in each process that starts
# Notify, for a third of a start.
generate_handlers() {
    rm -rf "$handlers"
    build src/Host
    (cd src/Host && dotnet bin/Debug/net10.0/Notify.Host.dll codegen write) >"$results/codegen.log" 2>&1 </dev/null && [ -d "$handlers/Generated" ] ||
        { tail -n 20 "$results/codegen.log"; fail "Generating the handlers' code failed."; }
}

# Native code for Notify and for the libraries that it stands on, as build/build.sh makes it: each of some sixty Notifys that tests start as a program would
# compile the same twenty thousand methods for itself, a third of its start. Without the compiler, a package of the SDK's version, the tests run all the same.
compile_natively() {
    local native=$root/artifacts/native from=tests/Acceptance/bin/Debug/net10.0 native_compiler framework directory project file
    if ! native_compiler=$(dotnet msbuild build/native.proj -restore -t:Find -getProperty:Compiler 2>"$results/native.log") || ! [ -x "$native_compiler" ]; then
        say 'Without the compiler to native code; the run takes longer.'
        return
    fi
    local references=(-r "$from/*.dll")
    for framework in NETCore AspNetCore; do
        directory=$(dotnet --list-runtimes | sed -nE "s/^Microsoft\.$framework\.App (10\.[^ ]+) \[(.*)\]$/\2\/\1/p" | tail -n 1)
        references+=(-r "$directory/*.dll")
    done
    rm -rf "$native"
    mkdir -p "$native"
    for file in "$from"/{Notify,Wolverine,JasperFx,Weasel}.*dll "$from"/{Marten,Npgsql,Polly.Core}.dll; do
        case $file in *.Tests.dll) ;; *) echo "${file##*/}" ;; esac
    done | xargs -P 2 -I {} "$native_compiler" "$from/{}" -o "$native/{}" "${references[@]}" -O >"$results/native.log" 2>&1 ||
        { say "Native code could not be made ($results/native.log); the run takes longer."; return; }
    for project in "${projects[@]}"; do
        for file in tests/"$project"/bin/Debug/net10.0/*.dll; do
            if [ -f "$native/${file##*/}" ]; then cp "$native/${file##*/}" "$file"; fi
        done
    done
}

if [ -z "$filter" ]; then
    generate_handlers
    build Notify.sln
    rm -rf "$handlers"
    compile_natively
else
    for project in "${projects[@]}"; do build "tests/$project"; done
fi
stop_compiler

wait "$installing" || fail "Something that the tests need could not be installed."
if [ -z "${NOTIFY_TEST_POSTGRES:-}" ] && ! timeout 2 docker version >/dev/null 2>&1; then
    start_server || { tail -n 20 "$results/postgres.log" "$server/log" >&2; fail "The tests' PostgreSQL did not start."; }
fi

# A test runs most of its code a few times: only what still runs after four seconds (the value is hexadecimal) without new code is compiled anew.
export DOTNET_TC_CallCountingDelayMs=1000
jobs_left() { jobs -rp | wc -l; }
in_order() {
    local project
    for project in $order; do ! has "$project" || echo "$project"; done
    for project in "${projects[@]}"; do [[ " $order " == *" $project "* ]] || echo "$project"; done
}

for project in $(in_order); do
    while [ "$(jobs_left)" -ge "$most" ]; do sleep 0.1; done
    run_project "$project" &
done
if [ -z "$filter" ]; then
    while [ "$(jobs_left)" -ge "$most" ]; do sleep 0.1; done
    check_format &
fi
while [ "$(jobs_left)" -gt 0 ]; do sleep 0.1; done
complete=yes
