#!/usr/bin/env bash
# Have a Docker Engine that answers: left alone where one does, else installed (Debian, Ubuntu) and started.
#
# MENDBOX_ENGINE_RUN  folder of the engine's pid files, /var/run where unset
# MENDBOX_ENGINE_WAIT seconds to wait for an answer after a start, 60 where unset
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

run=${MENDBOX_ENGINE_RUN:-/var/run}
patience=${MENDBOX_ENGINE_WAIT:-60}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

# Mendbox reads DOCKER_HOST, and no context of the docker command; so it is asked the same way.
answers() {
    if has docker; then
        DOCKER_CONTEXT=default timeout 10 docker version >.setup/version.log 2>&1
    else
        python3 tools/ping.py >.setup/version.log 2>&1
    fi
}

# lives PIDFILE NAME: whether the process in the file runs and is the program of that name.
# A number alone proves nothing: after a restart it belongs to somebody else.
lives() {
    local pid
    pid=$(cat "$1" 2>/dev/null) || return 1
    [ -n "$pid" ] && [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$2" ]
}

# The engine refuses to start, or waits for a containerd that never answers, over a file like this.
remove_stale_pid_files() {
    local pair file name
    for pair in "$run/docker.pid dockerd" "$run/docker/containerd/containerd.pid containerd"; do
        read -r file name <<<"$pair"
        if [ -e "$file" ] && ! lives "$file" "$name"; then
            say "removing $file: no $name behind it"
            rm -f "$file"
        fi
    done
}

# wait_for_engine [PID]: until it answers; gives up when the time is over or the process has ended.
wait_for_engine() {
    local end=$((SECONDS + patience))
    while [ "$SECONDS" -lt "$end" ]; do
        answers && return 0
        if [ -n "${1:-}" ] && ! kill -0 "$1" 2>/dev/null; then return 1; fi
        sleep 0.5
    done
    return 1
}

# start_dockerd OPTION...: detached from this terminal and from every descriptor of its caller.
start_dockerd() {
    (
        for descriptor in 3 4 5 6 7 8 9; do eval "exec $descriptor>&-"; done
        exec setsid nohup dockerd "$@" >>.setup/dockerd.log 2>&1 </dev/null
    ) &
    local pid=$!
    disown "$pid"
    wait_for_engine "$pid"
}

start() {
    say "starting the Docker Engine"
    remove_stale_pid_files
    if lives "$run/docker.pid" dockerd; then
        wait_for_engine && return 0
        fail "dockerd runs (process $(cat "$run/docker.pid")) but did not answer within $patience s; see its log"
    fi
    if [ -d /run/systemd/system ] && has systemctl; then
        logged engine systemctl start docker || true
        wait_for_engine && return 0
        fail "systemctl start docker did not bring up an engine; see: journalctl -u docker"
    fi
    : >.setup/dockerd.log
    start_dockerd && return 0
    # Inside some containers no packet filter can be set up. A box has no network, so none is needed.
    if grep -qiE 'iptables|nftables|NAT chain' .setup/dockerd.log && ! lives "$run/docker.pid" dockerd; then
        say "trying again without a container network"
        remove_stale_pid_files
        start_dockerd --iptables=false --ip6tables=false --bridge=none && return 0
    fi
    tail -n 15 .setup/dockerd.log >&2
    fail "the Docker Engine did not answer within $patience s (its log: .setup/dockerd.log)"
}

install() {
    has apt-get || fail "no Docker Engine here: install Docker Engine 20.10 or newer and start it"
    say "installing the Docker Engine"
    # Newer Debian keeps the command apart from the engine.
    local command=
    logged engine apt-get -q -o DPkg::Lock::Timeout=180 update || true
    apt-cache show docker-cli >/dev/null 2>&1 && command=docker-cli
    apt_install engine docker.io $command ca-certificates mmdebstrap debian-archive-keyring gpg ||
        fail "apt-get could not install docker.io: $(grep '^E:' .setup/engine.log | tail -n 1) (all of it: .setup/engine.log)"
}

have_bootstrap() {
    # Only needed where no registry is in reach, so not having it is no failure here.
    has mmdebstrap || ! is_root || ! has apt-get || apt_install engine mmdebstrap debian-archive-keyring gpg ||
        say "mmdebstrap could not be installed: the engine will have to reach a registry"
}

if answers; then
    have_bootstrap
    exit 0
fi
case ${DOCKER_HOST:-unix:///var/run/docker.sock} in
    unix:///var/run/docker.sock | unix:///run/docker.sock) ;;
    *) fail "no engine answers at DOCKER_HOST=$DOCKER_HOST: start that one, or unset DOCKER_HOST" ;;
esac
if ! is_root; then
    grep -qi 'permission denied' .setup/version.log 2>/dev/null &&
        fail "this user may not use the Docker Engine: sudo usermod -aG docker $(id -un), then log in again"
    has dockerd && fail "the Docker Engine does not run: sudo systemctl start docker (or run make as root once)"
    fail "no Docker Engine here: sudo apt-get install docker.io mmdebstrap debian-archive-keyring, or run make as root once"
fi
has dockerd || install
answers || start
have_bootstrap
