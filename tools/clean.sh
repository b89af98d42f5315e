#!/usr/bin/env bash
# Back to a fresh clone: our images, environment and caches. The journal of past runs is kept.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

if has docker && timeout 10 docker version >/dev/null 2>&1; then
    # The label and the name have to agree; an image that a box is made from right now stays.
    docker image ls --filter label=mendbox --format '{{.Repository}}:{{.Tag}}' | grep '^mendbox/' | while read -r image; do
        docker image rm "$image" >/dev/null 2>&1 || say "$image is in use and stays"
    done
    docker image prune --force --filter label=mendbox.build >/dev/null 2>&1 || true
fi
rm -rf .venv .peers .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage .coverage.* htmlcov build dist .setup
rm -rf "${XDG_CACHE_HOME:-$HOME/.cache}/mendbox"
find . -path ./.git -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +
