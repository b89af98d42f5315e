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

# part NAME OPTION...: one pytest process with coverage data of its own. That nothing asked for is in it is no failure.
part() {
    local name=$1 status=0
    shift
    COVERAGE_FILE=.setup/coverage/$name .venv/bin/python -m pytest --cov --cov-report= "$@" </dev/null || status=$?
    [ "$status" -eq 0 ] || [ "$status" -eq 5 ]
}

# The tests with boxes wait for the engine most of the time, so they run in parts side by side (tests/parts.py), and the
# others beside them. What one part says is shown as it runs, of the others when they have ended.
tests() {
    local name status=0
    local -A beside=()
    rm -rf .setup/coverage
    mkdir -p .setup/coverage
    part plain -m "not docker" "$@" >.setup/tests-plain.log 2>&1 &
    beside[plain]=$!
    for name in judged told; do
        part "$name" -m docker --part "$name" "$@" >".setup/tests-$name.log" 2>&1 &
        beside[$name]=$!
    done
    part boxes -m docker --part boxes "$@" || status=1
    for name in plain judged told; do
        wait "${beside[$name]}" || status=1
        printf '\n-- %s\n' "$name"
        cat ".setup/tests-$name.log"
    done
    .venv/bin/python -m coverage combine --data-file=.setup/coverage/all .setup/coverage/* >/dev/null || status=1
    .venv/bin/python -m coverage report --data-file=.setup/coverage/all --fail-under=94 || status=1
    return "$status"
}

stage "peers of the MCP tests" tools/node.sh
stage "sandbox image" .venv/bin/mendbox images build
# Before the tests: side by side with them it takes three times as long, and they wait for it.
stage "image with Node.js" .venv/bin/mendbox images build node
stage "ruff" .venv/bin/ruff check
stage "format" .venv/bin/ruff format --check
stage "types" .venv/bin/mypy
stage "tests" tests "$@"

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFAILED: %s\n' "${failed[*]}"
    exit 1
fi
printf '\nall green\n'
