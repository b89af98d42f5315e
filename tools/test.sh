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

stage "sandbox image" .venv/bin/mendbox images build
stage "ruff" .venv/bin/ruff check
stage "format" .venv/bin/ruff format --check
stage "types" .venv/bin/mypy
stage "tests" .venv/bin/python -m pytest --cov --cov-report=term --cov-fail-under=95 "$@"

if [ ${#failed[@]} -gt 0 ]; then
    printf '\nFAILED: %s\n' "${failed[*]}"
    exit 1
fi
printf '\nall green\n'
