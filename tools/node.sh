#!/usr/bin/env bash
# The peers that the tests of the MCP face talk to, in .setup: a Node.js with the protocol's conformance suite and its
# Inspector (.setup/node), and the SDK of before 2026 in an environment of its own (.setup/handshake); and what the plans
# of projects are held to (.setup/plans). Only tests need them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

wanted=tests/conformance
plans=tests/projects/node
key=$(cat "$wanted"/node/package*.json "$plans"/package*.json "$wanted"/handshake/requirements.lock | sha256sum | cut -d' ' -f1)
if [ -f .setup/node/.done ] && [ "$(cat .setup/node/.done)" = "$key" ] && [ -x .setup/handshake/bin/python ]; then
    exit 0
fi

if ! has npm; then
    is_root && has apt-get || fail "npm is missing, which fetches the peers of the tests: install Node.js with npm"
    say "installing npm"
    apt_install node npm || fail "apt-get could not install npm (.setup/node.log)"
fi

say "installing the peers of the MCP tests"
rm -rf .setup/node .setup/handshake .setup/plans
mkdir -p .setup/node .setup/plans
cp "$wanted"/node/package*.json .setup/node/
cp "$plans"/package*.json .setup/plans/

# No program of a package is run, and none is fetched that the lock does not hold a hash of, but for what the lock
# could not be made with; so it is `install`, where `ci` asks for every optional package of every other system.
quietly=(install --no-save --ignore-scripts --no-audit --no-fund --loglevel=error)
{ logged node npm --prefix .setup/node "${quietly[@]}" && logged node npm --prefix .setup/plans "${quietly[@]}"; } &
modules=$!
{
    logged handshake .venv/bin/python -m venv .setup/handshake &&
        logged handshake .setup/handshake/bin/python -m pip install --disable-pip-version-check --no-input \
            --progress-bar off --no-deps --require-hashes --only-binary=:all: --no-compile -r "$wanted"/handshake/requirements.lock
} || { wait "$modules" || true; fail "the older SDK could not be installed (.setup/handshake.log)"; }
wait "$modules" || fail "npm could not install the peers: $(grep -m 1 'npm error' .setup/node.log) (all of it: .setup/node.log)"

program=$(ls -d .setup/node/node_modules/node-linux-*/bin/node 2>/dev/null | head -n 1) || true
[ -n "$program" ] || program=$(command -v node) || fail "there is no Node.js for this machine among the peers"
ln -sf "$(cd "$(dirname "$program")" && pwd)/node" .setup/node/node
printf '%s\n' "$key" >.setup/node/.done
