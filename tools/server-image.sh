#!/usr/bin/env bash
# Build images/server/Dockerfile on an engine that reaches no registry and no index: its base comes from where the boxes'
# base comes from, and the packages by the host's own pip. Where there are both, plain `docker build` does.
#
# Usage: tools/server-image.sh [TAG]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tag=${1:-mendbox-server}
wheels=.setup/server-wheels

say "fetching the packages"
mkdir -p "$wheels"
mapfile -t platform < <(.venv/bin/python -c "
from sandboxes.wheels import platforms
import platform
for name in platforms(platform.machine()): print('--platform'); print(name)
")
logged server-image .venv/bin/python -m pip download --disable-pip-version-check --no-input --progress-bar off \
    --no-deps --require-hashes --only-binary=:all: --implementation cp --python-version 3.13 "${platform[@]}" \
    --dest "$wheels" -r images/server/pip.txt -r requirements.lock ||
    fail "the packages could not be had (.setup/server-image.log)"

say "finding a base"
base=$(.venv/bin/python -m tools.server_base) || fail "there is no base to build upon"
say "building $tag on $base"
logged server-image env DOCKER_BUILDKIT=0 docker build --network host --build-arg "BASE=$base" \
    -f images/server/Dockerfile -t "$tag" . || fail "the build failed (.setup/server-image.log)"
say "done: docker run -e MENDBOX_BEARER_TOKEN=... -p 8000:8000 $tag"
