#!/usr/bin/env bash
# Everything a change is held to: tests with branch coverage, lint, format, types. All are run; any that fails fails this.
set -uo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

failed=()
stage() {
    local name=$1 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" </dev/null || failed+=("$name")
    printf '== %s: %s s\n' "$name" "$((SECONDS - began))"
}

# half NAME OPTION...: one pytest process with coverage data of its own.
half() {
    local name=$1
    shift
    COVERAGE_FILE=.setup/coverage/$name .venv/bin/python -m pytest --cov --cov-report= "$@"
}

# The tests with boxes wait for the engine most of the time, so the others run beside them.
tests() {
    local plain status=0
    rm -rf .setup/coverage
    mkdir -p .setup/coverage
    half plain -m "not docker" "$@" >.setup/plain-tests.log 2>&1 </dev/null &
    plain=$!
    half boxes -m docker "$@" || status=1
    wait "$plain" || status=1
    printf '\n-- without boxes\n'
    cat .setup/plain-tests.log
    .venv/bin/python -m coverage combine --data-file=.setup/coverage/all .setup/coverage/plain .setup/coverage/boxes >/dev/null || status=1
    .venv/bin/python -m coverage report --data-file=.setup/coverage/all --fail-under=94 || status=1
    return "$status"
}

stage "peers of the MCP tests" tools/node.sh
stage "sandbox image" .venv/bin/mendbox images build
stage "ruff" .venv/bin/ruff check
stage "format" .venv/bin/ruff format --check
stage "types" .venv/bin/mypy
stage "tests" tests "$@"

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFAILED: %s\n' "${failed[*]}"
    exit 1
fi
printf '\nall green\n'
