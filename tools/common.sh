# What the scripts beside this one share. Sourced, never run.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p .setup

say() { printf '%s\n' "[setup] $*" >&2; }

# One clear line, and where to read more.
fail() {
    printf '%s\n' "[setup] FAILED: $*" >&2
    exit 3
}

# logged NAME COMMAND...: run it with everything it says in .setup/NAME.log.
logged() {
    local log=.setup/$1.log
    shift
    "$@" >>"$log" 2>&1 </dev/null
}

is_root() { [ "$(id -u)" = 0 ]; }

has() { command -v "$1" >/dev/null 2>&1; }

# apt_install LOG PACKAGE...: only for root on Debian or Ubuntu; waits for another apt to finish.
apt_install() {
    local log=$1
    shift
    logged "$log" apt-get -q -o DPkg::Lock::Timeout=180 update || return 1
    logged "$log" env DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1 \
        apt-get -q -y -o DPkg::Lock::Timeout=180 install --no-install-recommends "$@"
}
