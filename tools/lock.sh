#!/usr/bin/env bash
# Resolve the locks again after a dependency changed: the host's and the image's. No address of any index stays in them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ -x .venv/bin/pip-compile ] || .venv/bin/python -m pip install -q pip-tools
compile() {
    .venv/bin/pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options "$@"
}
compile --extra dev --build-deps-for editable --output-file requirements.lock pyproject.toml
compile --output-file images/python/requirements.txt images/python/requirements.in
compile --output-file tools/peers.lock tools/peers.in
compile --output-file tools/peers-inside.lock tools/peers-inside.in
compile --output-file tests/conformance/handshake/requirements.lock tests/conformance/handshake/requirements.in
npm --prefix tests/conformance/node install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
npm --prefix images/node install --package-lock-only --ignore-scripts --omit-lockfile-registry-resolved
