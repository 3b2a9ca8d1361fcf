# Sourced by the other scripts: installs what is missing from Debian's packages, as root or through sudo, and says so only then.

say() { printf '%s\n' "$*" >&2; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; elif command -v sudo >/dev/null; then sudo "$@"; else
        say "Root is needed to install it, and there is no sudo. As root: apt-get install $needed"
        return 1
    fi
}

# install_packages NAME...: quiet unless it fails; fetches the package lists only if they lack a package.
install_packages() {
    local needed="$*" log
    command -v apt-get >/dev/null || { say "Please install: $needed (this script knows only apt-get)."; return 1; }
    say "Installing $needed ..."
    log=$(mktemp)
    local install=(as_root env DEBIAN_FRONTEND=noninteractive UCF_FORCE_CONFFOLD=1
        apt-get install -y -q --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confold "$@")
    if ! "${install[@]}" >"$log" 2>&1 </dev/null; then
        if ! { as_root apt-get update -q && "${install[@]}"; } >>"$log" 2>&1 </dev/null; then
            tail -n 20 "$log" >&2
            say "Could not install $needed."
            rm -f "$log"
            return 1
        fi
    fi
    rm -f "$log"
}

# Prints the directory with the newest installed PostgreSQL server, 15 or later.
postgres_directory() {
    local directory version best='' best_version=14 linked=''
    if linked=$(command -v postgres); then linked=$(dirname "$(readlink -f "$linked")"); fi
    for directory in "$linked" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /usr/local/pgsql/bin; do
        if [ -x "$directory/postgres" ] && [ -x "$directory/initdb" ]; then
            version=$("$directory/postgres" --version | sed -n 's/.*(PostgreSQL) \([0-9]*\).*/\1/p')
            if [ "${version:-0}" -gt "$best_version" ]; then best=$directory best_version=$version; fi
        fi
    done
    [ -n "$best" ] && printf '%s\n' "$best"
}

need_postgres() {
    postgres_directory >/dev/null && return
    # Debian's package would create a cluster of its own and start it; Notify keeps its data elsewhere.
    local needed=postgresql setting=/etc/postgresql-common/createcluster.d/notify.conf
    as_root mkdir -p "$(dirname "$setting")"
    echo "create_main_cluster = false" | as_root tee "$setting" >/dev/null
    local result=0
    install_packages postgresql || result=$?
    as_root rm -f "$setting"
    [ "$result" = 0 ] && postgres_directory >/dev/null || { say "Notify needs PostgreSQL 15 or later."; return 1; }
}

need_curl() { command -v curl >/dev/null || install_packages curl; }

# install_idle PACKAGE: its service is neither started nor enabled.
install_idle() {
    # While this file answers 101, no package starts a service.
    local needed=$1 policy=/usr/sbin/policy-rc.d ours='' result=0
    if [ ! -e "$policy" ]; then
        ours=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    fi
    install_packages "$1" || result=$?
    [ -z "$ours" ] || as_root rm -f "$policy"
    [ ! -d /run/systemd/system ] || as_root systemctl disable --now --quiet "$1" || true
    return "$result"
}

# prometheus-alertmanager and amtool, for the tests.
need_alertmanager() { { command -v prometheus-alertmanager && command -v amtool; } >/dev/null || install_idle prometheus-alertmanager; }

# A mail server, for the tests.
need_exim() { [ -x /usr/sbin/exim4 ] || install_idle exim4-daemon-light; }

# An MQTT broker, for the tests.
need_mosquitto() { [ -x /usr/sbin/mosquitto ] || install_idle mosquitto; }

# A message broker, for the tests.
need_rabbitmq() { [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] || install_idle rabbitmq-server; }

# A browser, and letters for what it shows, for the tests of the console.
# Without windows, menus and tabs: the same engine in half of the time.
need_chromium() { command -v chromium-headless-shell >/dev/null || install_packages chromium-headless-shell fonts-noto-cjk; }
