#!/usr/bin/env bash
# The checkout's own environment: .venv with the locked packages and Mendbox itself, linked to these sources.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if has "$name" && new_enough "$name"; then
            printf '%s\n' "$name"
            return
        fi
    done
    fail "no Python 3.11 or newer found; install one (Debian, Ubuntu: apt-get install python3 python3-venv)"
}

make_environment() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        # Debian keeps these apart from Python itself.
        local package=$(basename "$python")-venv
        is_root && has apt-get || fail "Python's venv module is missing: apt-get install $package"
        say "installing $package"
        apt_install packages "$package" || fail "apt-get could not install $package (.setup/packages.log)"
    fi
    say "making .venv with $("$python" --version)"
    rm -rf .venv
    logged packages "$python" -m venv .venv || fail "python -m venv .venv did not work (.setup/packages.log)"
}

# stamped NAME KEY: whether this very state was installed before. Stamps stand inside .venv and go with it.
stamped() { [ -f ".venv/.done-$1" ] && [ "$(cat ".venv/.done-$1")" = "$2" ]; }
stamp() { printf '%s\n' "$2" >".venv/.done-$1"; }
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

# Fetched in four streams, as pip alone spends its time waiting for an index page after another; then put in place
# from what was fetched. The lock is complete, so nothing is left to resolve; what is never imported is not compiled.
install_locked() {
    local parts=.setup/parts part fetching=()
    rm -rf "$parts"
    mkdir -p "$parts/wheels"
    awk -v parts="$parts" '/^[A-Za-z0-9]/ { i = (i + 1) % 4 } { print > (parts "/" i ".lock") }' requirements.lock
    for part in "$parts"/*.lock; do
        logged packages pip_ download --no-deps --require-hashes --only-binary=:all: \
            --dest "$parts/wheels" -r "$part" &
        fetching+=($!)
    done
    local all=0
    for part in "${fetching[@]}"; do wait "$part" || all=1; done
    [ "$all" = 0 ] || return 1
    logged packages pip_ install --no-index --find-links "$parts/wheels" --no-deps --require-hashes \
        --no-compile -r requirements.lock || return 1
    rm -rf "$parts"
}

pip_() {
    local action=$1
    shift
    .venv/bin/python -m pip "$action" --disable-pip-version-check --no-input --progress-bar off "$@"
}

pip_failed() { fail "$1: $(grep -E '^(ERROR|error)' .setup/packages.log | tail -n 1) (all of it: .setup/packages.log)"; }

{ [ -x .venv/bin/python ] && new_enough .venv/bin/python; } || make_environment

locked=$(hash_of requirements.lock)
if ! stamped packages "$locked"; then
    say "installing $(grep -c '^[A-Za-z0-9]' requirements.lock) locked packages"
    install_locked || pip_failed "the packages could not be installed"
    stamp packages "$locked"
fi

# The path is part of the key: a checkout that was moved or copied is linked again.
linked=$(hash_of pyproject.toml requirements.lock <(pwd))
if ! stamped project "$linked" || [ ! -x .venv/bin/mendbox ]; then
    say "linking Mendbox into .venv"
    logged packages pip_ install --no-deps --no-build-isolation -e . || pip_failed "Mendbox could not be installed into .venv"
    stamp project "$linked"
fi

# Ours is in the key, for it changes with every pull.
compiled=$(hash_of requirements.lock <(find engine agents sandboxes serving server.py tools/bytecode.py -name '*.py' -exec sha256sum {} + 2>/dev/null | sort))
if ! stamped bytecode "$compiled"; then
    say "compiling what mendbox imports"
    if PYTHONDONTWRITEBYTECODE='' logged packages .venv/bin/python tools/bytecode.py; then
        stamp bytecode "$compiled"
    else
        say "that did not work (.setup/packages.log); every command will be slower"
    fi
fi
