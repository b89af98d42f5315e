"""JUnit XML, as Jenkins, GitLab and the actions of GitHub read it: the suite as it was found, one suite a file.

A build is judged by how the tests stand and not by what is proposed, so a red test stays a `failure` here; that a fix
is proven for it is told by a property and in its text.
"""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import Element

from engine.ci.elements import document, element
from engine.ci.nodes import name_of
from engine.ci.remarks import Remark
from engine.ci.shown import line, passage
from engine.domain import TestResult
from engine.repository.result import RepositoryResult, SuiteRun

SKIPPED = frozenset({"skipped", "xfailed"})
ERRORS = frozenset({"error", "missing"})
"""What JUnit calls an error: the test itself could not be run to its end."""
MOST_TEXT = 8_000


def junit(result: RepositoryResult, remarks: tuple[Remark, ...], *, prefix: str = "") -> str:
    """The run of the suite before anything was mended. *remarks* are those on *result*."""
    told = {remark.test: remark for remark in reversed(remarks) if remark.test}
    tests = _with_broken(result.before)
    suites: dict[str, list[TestResult]] = {}
    for test in tests:
        suites.setdefault(name_of(test.node_id).path, []).append(test)
    root = element(None, "testsuites", {"name": "mendbox", **_counts(tests)})
    for path, inside in suites.items():
        suite = element(root, "testsuite", {"name": f"{prefix}{path}", **_counts(inside)})
        for test in inside:
            _case(suite, test, told.get(test.node_id), flaky=test.node_id in result.flaky, prefix=prefix)
    return document(root)


def _with_broken(run: SuiteRun) -> list[TestResult]:
    known = {test.node_id for test in run.tests}
    return [*run.tests, *(TestResult(node_id=path, ended="error") for path in run.broken if path not in known)]


def _counts(tests: list[TestResult]) -> dict[str, str]:
    numbers: Mapping[str, int] = {
        "tests": len(tests),
        "failures": sum(_kind(test) == "failure" for test in tests),
        "errors": sum(_kind(test) == "error" for test in tests),
        "skipped": sum(_kind(test) == "skipped" for test in tests),
    }
    return {**{name: str(number) for name, number in numbers.items()}, "time": f"{sum(t.seconds for t in tests):.3f}"}


def _kind(test: TestResult) -> str:
    if test.ended == "passed":
        return ""
    if test.ended in SKIPPED:
        return "skipped"
    return "error" if test.ended in ERRORS else "failure"


def _case(suite: Element, test: TestResult, told: Remark | None, *, flaky: bool, prefix: str) -> None:
    name = name_of(test.node_id)
    case = element(
        suite,
        "testcase",
        {
            "classname": name.classname,
            "name": name.name,
            "file": f"{prefix}{name.path}",
            "time": f"{test.seconds:.3f}",
        },
    )
    properties = {"mendbox.flaky": "true"} if flaky else {}
    if told and told.healed:
        properties["mendbox.outcome"] = told.healed.run.outcome or told.healed.run.status
        properties["mendbox.run"] = told.healed.run.id
    if properties:
        listed = element(case, "properties", {})
        for key, value in properties.items():
            element(listed, "property", {"name": key, "value": value})
    message = told.message if told else f"it ended as {test.ended}"
    kind = _kind(test)
    if not kind and flaky:
        # As Surefire writes it: it passed in this run, and failed in another one.
        element(case, "flakyFailure", {"message": "it ends one way and then another", "type": "flaky"})
    elif kind == "skipped":
        element(case, "skipped", {"message": test.ended})
    elif kind:
        shown = {"message": line(message, limit=900), "type": told.rule if told else test.ended}
        element(case, kind, shown, _text(message, told))


def _text(message: str, told: Remark | None) -> str:
    if told is None:
        return message
    text = told.evidence or message
    if told.healed and told.healed.verified:
        fix = f"Mendbox has a verified fix (run {told.healed.run.id}):\n{told.healed.diff}"
        text = f"{text}\n\n{fix}"
    return passage(text, limit=MOST_TEXT)
