#!/usr/bin/env bash
# Builds Notify and runs it in the foreground, with its own PostgreSQL unless ConnectionStrings__Notify names another. Ctrl-C stops it.
#   build/run.sh [--demo] [arguments of Notify, such as --urls http://127.0.0.1:9000]
# --demo: also stand-ins for the platforms (on PEERS_URL, by default http://127.0.0.1:8067, and for mails on PEERS_MAIL_PORT, by default 8068), and
# example services, messages, and rules.
set -euo pipefail
build=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
root=$(dirname "$build")
. "$build/prerequisites.sh"

demo=''
arguments=()
for argument in "$@"; do
    if [ "$argument" = --demo ]; then demo=yes; else arguments+=("$argument"); fi
done

peers_url=${PEERS_URL:-http://127.0.0.1:8067}
mail_port=${PEERS_MAIL_PORT:-8068}
# setting NAME: its value on the command line, as --NAME=value or --NAME value; nothing if it is not given.
setting() {
    local previous='' argument value=''
    for argument in ${arguments[@]+"${arguments[@]}"}; do
        case $argument in --"$1"=*) value=${argument#--"$1"=} ;; esac
        if [ "$previous" = --"$1" ]; then value=$argument; fi
        previous=$argument
    done
    printf '%s' "$value"
}

notify_url() {
    local url
    url=$(setting urls)
    url=${url:-${ASPNETCORE_URLS:-http://127.0.0.1:8066}}
    url=${url%%;*}
    printf '%s\n' "${url%/}"
}

# wait_for URL PROCESS: waits until the URL answers 200 or the process has ended. Without curl, which a fresh machine may lack.
wait_for() {
    local address=${1#http://} path='' host port answer
    case $address in */*) path=${address#*/} address=${address%%/*} ;; esac
    host=${address%:*} port=${address##*:}
    case $host in '*' | + | 0.0.0.0) host=127.0.0.1 ;; esac
    while kill -0 "$2" 2>/dev/null; do
        if answer=$( { exec 3<>"/dev/tcp/$host/$port" && printf 'GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n' "$path" "$host" >&3 && head -n 1 <&3; } 2>/dev/null) &&
            [[ $answer == *" 200 "* ]]; then return; fi
        sleep 0.2
    done
    return 1
}

# must_be_free URL SETTING: fails if something listens there; the example would be configured in whatever answers.
must_be_free() {
    local address=${1#http://} host
    address=${address%%/*}
    host=${address%:*}
    case $host in '*' | + | 0.0.0.0) host=127.0.0.1 ;; esac
    if (exec 3<>"/dev/tcp/$host/${address##*:}") 2>/dev/null; then
        say "Something listens on $1 already. Stop it, or give another address ($2)."
        exit 1
    fi
}

# Takes the place of the shell, so that signals reach Notify itself.
notify() { exec "$@" dotnet "$root/artifacts/notify/Notify.Host.dll" ${arguments[@]+"${arguments[@]}"}; }

start_demo() {
    local url peers='' notify='' status=0 key
    url=$(notify_url)
    must_be_free "$peers_url" PEERS_URL
    must_be_free "http://127.0.0.1:$mail_port" PEERS_MAIL_PORT
    must_be_free "$url" --urls
    # stop_demo CODE: stops Notify first, because what it still sends must arrive somewhere. After a requested stop, its exit code is this script's.
    stop_demo() {
        local code=$1 ended=0
        trap - EXIT INT TERM HUP
        if [ -n "$notify" ] && kill -TERM "$notify" 2>/dev/null; then wait "$notify" || ended=$?; fi
        if [ -n "$peers" ] && kill -TERM "$peers" 2>/dev/null; then wait "$peers" || true; fi
        if [ "$code" = asked ]; then code=$ended; fi
        exit "$code"
    }
    trap 'stop_demo $?' EXIT
    trap 'stop_demo asked' INT TERM HUP

    # Neither process outlives this script, even if it is killed.
    setpriv --pdeathsig KILL dotnet "$root/artifacts/peers/Notify.Peers.dll" --urls "$peers_url" --mail-port "$mail_port" --accept-any-robot \
        --robot 'demo-line-1=Line 1' --robot 'demo-line-2=Line 2' --app ww00000000000demo:demo-secret:1000002:zhangsan,lisi >"$root/artifacts/peers.log" 2>&1 &
    peers=$!
    wait_for "$peers_url/" "$peers" || { tail -n 20 "$root/artifacts/peers.log" >&2; say "The stand-in did not start."; exit 1; }

    export Notify__WeCom__ApiBaseUrl=$peers_url Notify__WeCom__AllowedOrigins__0=$peers_url
    export Notify__DingTalk__ApiBaseUrl=$peers_url Notify__DingTalk__AllowedOrigins__0=$peers_url Notify__Feishu__AllowedOrigins__0=$peers_url
    export Notify__SmsTwilio__AllowedOrigins__0=$peers_url Notify__SmsAliyun__AllowedOrigins__0=$peers_url
    export Notify__Outgoing__AllowedNetworks__0=127.0.0.0/8 Notify__Webhook__AllowHttp=true
    notify setpriv --pdeathsig TERM &
    notify=$!
    wait_for "$url/health/ready" "$notify" || { say "Notify did not start."; exit 1; }
    key=$(setting Notify:Auth:BootstrapKey)
    if [ -n "$key" ]; then export Notify__Auth__BootstrapKey=$key; fi
    NOTIFY_URL=$url PEERS_URL=$peers_url PEERS_MAIL_PORT=$mail_port "$build/demo-setup.sh" || exit 1
    wait "$notify" || status=$?
    notify=''
    exit "$status"
}

data=$(setting Notify:DataDirectory)
export Notify__DataDirectory=${data:-${Notify__DataDirectory:-$root/.data}}
# Settings files and web assets are beside the program, wherever it is started from.
export ASPNETCORE_CONTENTROOT=$root/artifacts/notify
if [ -z "${ConnectionStrings__Notify:-}" ]; then need_postgres; fi
if [ -n "$demo" ]; then need_curl; fi
"$build/build.sh" ${demo:+peers}

if [ -n "$demo" ]; then start_demo; fi
notify
