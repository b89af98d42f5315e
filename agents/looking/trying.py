"""Runs in a box: one test, or a short program, with the files as handed in or with changes made before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import Field, ValidationError

from agents.answering import Answer, NotApplicable, apply
from agents.base import Brief, Findings, Suite, Value, Workshop
from agents.looking.requests import LONGEST_CODE, Python, Test
from agents.looking.texts import is_inside

SECONDS = 20.0
"""Longest that one run may take."""
SHARE = 0.25
"""Of the seconds that are left, for one run."""
LEAST_SECONDS = 2.0
GRACE = 5.0
"""Seconds for starting and leaving."""
MOST_OUTPUT = 8_192
"""Bytes of output that are kept: the first and the last half."""
LONGEST_CHANGE = 1_000_000
"""Characters of all files that a run may change or add."""
ARGV = ("python", "{tools}/trial.py")
_PROGRAM = Path(__file__).parent / "inside" / "trial.py"
_INI = "[pytest]\naddopts =\n"


class _Told(Value):
    """What the program in the box reports."""

    late: bool
    exit_code: int
    head: str = Field(max_length=MOST_OUTPUT)
    tail: str = Field(max_length=MOST_OUTPUT)
    left_out: int


async def run(request: Test | Python, brief: Brief, workshop: Workshop, *, left: float) -> str:
    """What came of it, in words and as it was printed; *left* are the seconds of the allowance."""
    seconds = min(SECONDS, left * SHARE)
    if seconds < LEAST_SECONDS:
        return "There is no time left for a run."
    if isinstance(request, Python) and not 0 < len(request.code) <= LONGEST_CODE:
        return f"A program must have 1 to {LONGEST_CODE} characters."
    try:
        files = _changed(request, brief)
    except NotApplicable as error:
        return f"Nothing was run, because the changes do not fit: {error}"
    if isinstance(request, Test) and not _is_test(request.node, brief):
        return "Nothing was run: there is no such test file. Give a node id: path::name, or a path."
    findings = await workshop.run(
        files=files,
        locked=brief.tests,
        tools={"trial.py": _PROGRAM.read_text(encoding="utf-8"), "pytest.ini": _INI},
        argv=ARGV,
        stdin=json.dumps(_asked(request, brief, files, seconds)).encode(),
        seconds=seconds + GRACE,
    )
    return _in_words(findings, seconds)


def _changed(request: Test | Python, brief: Brief) -> Mapping[str, str]:
    if not request.edits and not request.files:
        return brief.files
    files = apply(Answer(edits=request.edits, files=request.files), brief.files, brief.tests)
    changed = {path: text for path, text in files.items() if brief.files.get(path) != text}
    for path in changed:
        if path in brief.tests:
            raise NotApplicable(f"{path!r} is a frozen test")
        if not is_inside(path):
            raise NotApplicable(f"{path[:200]!r} is no path in the project")
    if sum(map(len, changed.values())) > LONGEST_CHANGE:
        raise NotApplicable(f"they are longer than {LONGEST_CHANGE:,} characters")
    return files


def _is_test(node: str, brief: Brief) -> bool:
    path = node.partition("::")[0]
    return path in brief.tests or path in brief.files


def _asked(request: Test | Python, brief: Brief, files: Mapping[str, str], seconds: float) -> dict[str, object]:
    suite = brief.suite or Suite()
    usual = (".", "src") if any(path.startswith("src/") for path in files) else (".",)
    return {
        "argv": ["python", *(_pytest(request.node, suite, brief) if isinstance(request, Test) else ("-",))],
        "stdin": request.code if isinstance(request, Python) else "",
        "path": [*suite.path, *(folder for folder in usual if folder not in suite.path)],
        "environment": dict(suite.environment),
        "seconds": seconds,
        "most": MOST_OUTPUT,
    }


def _pytest(node: str, suite: Suite, brief: Brief) -> tuple[str, ...]:
    texts = (*brief.tests.values(), *brief.files.values())
    plugins = [*(["_hypothesis_pytestplugin"] if any("hypothesis" in text for text in texts) else []), *suite.plugins]
    return (
        *("-m", "pytest", "-c", "{tools}/pytest.ini", "--rootdir", ".", "-p", "no:cacheprovider"),
        *("--disable-plugin-autoload", "--tb=short", "--color=no", "-q"),
        *(word for plugin in plugins for word in ("-p", plugin)),
        *(word for name, value in sorted(suite.options.items()) for word in ("-o", f"{name}={value}")),
        *suite.arguments,
        "--",
        node,
    )


def _in_words(findings: Findings, seconds: float) -> str:
    try:
        told = _Told.model_validate_json(findings.lines[-1] if findings.lines else "")
    except ValidationError:
        return f"It was stopped ({findings.ended}) and told nothing."
    how = f"It was stopped after {seconds:.3g} s" if told.late else f"It ended with exit code {told.exit_code}"
    cut = f"\n[... {told.left_out} bytes left out ...]\n" if told.left_out > 0 else ""
    printed = f"{told.head}{cut}{told.tail}".strip("\n")
    return f"{how}, and printed:\n{printed}" if printed else f"{how}, and printed nothing."
