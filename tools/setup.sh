#!/usr/bin/env bash
# Everything a checkout needs, from nothing: Python packages in .venv, and a Docker Engine that answers.
# Does only what is not done yet; says what it does in a few lines and keeps the rest in .setup/.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Two set-ups of one checkout take turns.
exec 9>.setup/lock
if has flock; then flock 9; fi

# apt, the disk and the index are waited for side by side.
tools/engine.sh 9>&- &
engine=$!
tools/packages.sh 9>&- || { wait "$engine" || true; exit 3; }
wait "$engine" || exit 3
