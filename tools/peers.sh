#!/usr/bin/env bash
# Other sandboxes to measure Mendbox against, in an environment of their own: .peers with the locked packages, and
# .peers/inside with what SWE-ReX has to find in a container of our image.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

key=$(cat tools/peers.lock tools/peers-inside.lock | sha256sum | cut -d' ' -f1)
if [ -f .peers/.done ] && [ "$(cat .peers/.done)" = "$key" ]; then
    say "the peers are installed in .peers"
    exit 0
fi
say "installing the peers into .peers"
rm -rf .peers
logged peers .venv/bin/python -m venv .peers || fail "python -m venv .peers did not work (.setup/peers.log)"
logged peers .peers/bin/python -m pip install --disable-pip-version-check --no-input --progress-bar off \
    --no-deps --require-hashes --only-binary=:all: -r tools/peers.lock ||
    fail "the peers could not be installed (.setup/peers.log)"
logged peers .venv/bin/python -c "
import asyncio, platform
from pathlib import Path
from sandboxes.programs import Log
from sandboxes.wheels import lay_out
wanted, target = Path('tools/peers-inside.lock'), Path('.peers/inside')
asyncio.run(lay_out(wanted, target, architecture=platform.machine(), log=Log(print)))
" || fail "what a peer needs inside of a container could not be had (.setup/peers.log)"
printf '%s\n' "$key" >.peers/.done
say "done: mendbox bench --speed measures them as well"
