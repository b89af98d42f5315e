"""What has to be shown before green is called verified, and whether it was."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping

from engine.case import Case
from engine.checks.base import Subject
from engine.checks.node_ids import function_of
from engine.checks.results import NOT_COUNTED
from engine.domain import Proof, Report, TestResult, Verdict

CLEARLY_FASTER = 20.0
"""A test that was stopped on the input counts as red there when it now takes less than this part of what it was given."""


def tests_passed(report: Report) -> Proof:
    """Every frozen test that counts passed, by name."""
    passed = [test for test in report.tests if test.ended == "passed"]
    left = [test.node_id for test in report.tests if test.ended in NOT_COUNTED]
    detail = f"{len(passed)} of {len(report.tests) - len(left)} frozen tests passed by name"
    if left:
        detail += f"; not counted, because the frozen file skips them on the input as well: {some(left)}"
    return Proof(name="tests passed", held=bool(passed) and report.status == "passed", detail=detail)


def red_before(case: Case, after: Report, baseline: Verdict) -> Proof:
    """At least one test that passes now did not pass on the input."""
    was = {test.node_id: test for test in baseline.tests}
    cut_short = any(
        finding.rule in {"timeout", "memory", "processes", "disk", "no-report"} for finding in baseline.findings
    )
    passed = [test for test in after.tests if test.ended == "passed"]
    red, stopped, flaky = list[str](), list[str](), list[str]()
    for test in passed:
        earlier = was.get(test.node_id) or _same_function(test.node_id, baseline)
        if earlier is not None and earlier.node_id in baseline.flaky:
            flaky.append(test.node_id)
            continue
        if earlier is None or earlier.ended in {"failed", "error"} or (earlier.ended == "missing" and cut_short):
            red.append(test.node_id)
        elif earlier.ended == "hung" and test.seconds * CLEARLY_FASTER < earlier.seconds:
            stopped.append(test.node_id)
        elif earlier.ended == "missing" and not any(test.ended == "hung" for test in baseline.tests):
            red.append(test.node_id)
    on = "empty modules of the same names" if case.stand_in else "the code as handed in"
    detail = f"{len(red) + len(stopped)} of {len(passed)} tests were red on {on}"
    if stopped:
        detail += f"; {len(stopped)} of them did not end there, and take less than a twentieth of that time now"
    if flaky:
        detail += f"; not counted, because they are flaky there: {some(flaky)}"
    return Proof(name="red before", held=bool(red or stopped), detail=detail)


def green_before(after: Report, baseline: Verdict) -> Proof:
    """What an improvement has in place of a red test: every test that counts was green before, and by the same names."""
    was = {function_of(test.node_id) for test in baseline.tests if test.ended == "passed"}
    now = {function_of(test.node_id) for test in after.tests if test.ended == "passed"}
    red = [test.node_id for test in baseline.tests if test.ended not in {"passed", *NOT_COUNTED}]
    detail = f"{len(was)} tests were green on the code as handed in, and the same ones now"
    if red or was != now:
        detail = f"not the same tests were green on the code as handed in: {some([*red, *sorted(was ^ now)])}"
    return Proof(name="green before", held=bool(was) and was == now and not red, detail=detail)


def _same_function(node_id: str, baseline: Verdict) -> TestResult | None:
    """A case of the same test that was red on the input, else any: ids may be named after what the code returns."""
    cases = [test for test in baseline.tests if function_of(test.node_id) == function_of(node_id)]
    return next((test for test in cases if test.ended != "passed"), cases[0] if cases else None)


def undecided(baseline: Verdict, proof: Proof) -> bool:
    """Whether the input has to be looked at again with more time, because tests were only stopped early there."""
    return not proof.held and any(test.ended == "hung" for test in baseline.tests)


def changed_lines_ran(subject: Subject, after: Report) -> Proof:
    """Every changed region of every changed file has a line that ran while the tests did."""
    name = "changed lines ran"
    if subject.case.stand_in:
        ran = [path for path in subject.sources if after.executed.get(path)]
        return Proof(
            name=name,
            held=bool(ran) or "*" in after.executed,
            detail=f"lines of {len(ran)} of {len(subject.sources)} files ran" + _elsewhere(after),
        )
    silent, missed, total = [], 0, 0
    for path in subject.sources:
        executable, executed = set(subject.executable.get(path, ())), set(after.executed.get(path, ()))
        for region in changed_regions(subject.case.before.get(path, ""), subject.files[path]):
            lines = executable.intersection(region)
            total += len(lines)
            missed += len(lines - executed)
            if lines and not lines & executed:
                silent.append(f"{path}:{min(lines)}")
    detail = f"{total - missed} of {total} changed executable lines ran"
    others = not_python(subject)
    if others:
        detail += f"; of {some(others)} that cannot be told"
    if silent:
        detail += f"; none ran at {some(silent)}"
    return Proof(name=name, held=not silent or "*" in after.executed, detail=detail + _elsewhere(after))


def not_python(subject: Subject) -> list[str]:
    """Changed files whose lines nobody sees run: sources in C, templates, tables."""
    before, after = subject.case.before, subject.files
    return sorted(
        path for path in {*before, *after} if not path.endswith(".py") and before.get(path) != after.get(path)
    )


def changed_regions(before: str, after: str) -> list[range]:
    """Ranges of line numbers of *after*, counted from 1, that are new or different."""
    blocks = difflib.SequenceMatcher(None, before.splitlines(), after.splitlines(), autojunk=False).get_opcodes()
    return [range(start + 1, end + 1) for tag, _, _, start, end in blocks if tag in {"replace", "insert"}]


def tests_untouched(report: Report, tests: Mapping[str, str], *examples: str) -> Proof:
    """The frozen files are as they were; *examples* are files that may be changed, but of which pytest runs examples that
    are not as they were.
    """
    touched = [finding for finding in report.findings if finding.rule == "tampered"]
    detail = f"{len(tests)} frozen files had the same hashes before and after"
    if examples:
        detail += f"; examples that are run as tests were changed in {some(examples)}"
    return Proof(name="tests untouched", held=not touched and not examples, detail=detail)


def no_new_finding(report: Report) -> Proof:
    return Proof(name="no new lint finding", held=report.status == "passed", detail=report.summary)


def repeat_agrees(first: Report, reversed_order: Report, same_order: Report | None) -> Proof:
    """A second session, in another order and in an interpreter with another hash seed, ended the same way.

    Where only the order makes the difference (*same_order* agrees), the tests depend on their order; that is
    theirs, and not the draft's.
    """
    name = "repeat agrees"
    if _ends(first) == _ends(reversed_order):
        return Proof(name=name, held=True, detail="in the opposite order and with another hash seed")
    differs = sorted(set(_ends(first).items()) ^ set(_ends(reversed_order).items()))
    if same_order is not None and _ends(first) == _ends(same_order):
        detail = f"with another hash seed; in the opposite order {some([node for node, _ in differs])} differ"
        return Proof(name=name, held=True, detail=detail)
    return Proof(
        name=name, held=False, detail=f"a second session ended differently: {some([node for node, _ in differs])}"
    )


def _ends(report: Report) -> dict[str, str]:
    # Parameters may be named after objects or their hashes, which a second session may well call otherwise.
    ends: dict[str, list[str]] = {}
    for test in report.tests:
        ends.setdefault(function_of(test.node_id), []).append(test.ended)
    return {name: ",".join(sorted(ended)) for name, ended in ends.items()}


def _elsewhere(after: Report) -> str:
    return "; the tests started other processes, whose lines are not counted" if "*" in after.executed else ""


def some(names: Iterable[str], most: int = 5) -> str:
    unique = list(dict.fromkeys(names))
    return ", ".join(unique[:most]) + (f" and {len(unique) - most} more" if len(unique) > most else "")
