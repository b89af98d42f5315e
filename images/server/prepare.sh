#!/bin/sh
# Lay out /opt/mendbox, a virtual environment with the locked packages and this source, and /data. Runs in a build.
set -eu

source=/source
wheels=$source/.setup/server-wheels
target=/opt/mendbox
from=
[ -d "$wheels" ] && from="--no-index --find-links $wheels"

python3 -m venv --without-pip "$target"
# A Debian without pip brings none to begin with; a wheel of pip is a program that Python can run.
if python3 -m pip --version >/dev/null 2>&1; then
    pip="python3 -m pip"
else
    pip="python3 $(echo "$wheels"/pip-*.whl)/pip"
fi
install() {
    # shellcheck disable=SC2086  # words on purpose
    $pip --python "$target/bin/python" install $from --quiet --no-input --disable-pip-version-check \
        --no-warn-script-location --root-user-action=ignore --no-cache-dir "$@"
}
install --require-hashes --no-deps -r "$source/images/server/pip.txt"
install --require-hashes --no-deps --only-binary=:all: -r "$source/requirements.lock"
install --no-deps --no-build-isolation "$source"
# What only developing takes.
$pip --python "$target/bin/python" uninstall --quiet --yes --root-user-action=ignore \
    editables hatchling hypothesis librt mypy mypy_extensions pytest-asyncio pytest-cov sortedcontainers \
    types-docker types-requests
cp "$source/images/server/health.py" "$target/health.py"
"$target/bin/python" -m compileall -q "$target/lib" || true
mkdir -p /data/journal /data/cache
chown -R 10001:10001 /data
