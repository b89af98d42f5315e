"""Which red tests belong together: those that break at the same place, else those whose files break in the same way.

Parting too finely costs little, because the suite is run again after each fix and what it mended is green then.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from engine.domain import Finding
from engine.repository.result import Cause, SuiteRun

NAME_LIMIT = 160


def find_causes(run: SuiteRun, *, besides: frozenset[str] = frozenset()) -> tuple[Cause, ...]:
    """The red tests of *run*, parted by cause, the cause with most tests first; *besides* are left out."""
    told = _findings_by_test(run)
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for node in run.red:
        if node not in besides:
            groups[_place(node, told.get(node))].append(node)
    causes = [_cause(nodes, told) for nodes in groups.values()]
    return tuple(sorted(causes, key=lambda cause: (-len(cause.tests), cause.tests)))


def together(causes: Sequence[Cause]) -> Cause:
    """All of them as one."""
    tests = tuple(node for cause in causes for node in cause.tests)
    findings = tuple(finding for cause in causes for finding in cause.findings)
    return Cause(name=f"{len(tests)} red tests together", tests=tests, findings=findings)


def parts(cause: Cause) -> tuple[Cause, ...]:
    """*cause* parted by test function, for where it was several after all; none where there is one function only."""
    told = {node: finding for finding in cause.findings for node in _names(finding.message, set(cause.tests))}
    groups: dict[str, list[str]] = defaultdict(list)
    for node in cause.tests:
        groups[node.partition("[")[0]].append(node)
    return tuple(_cause(nodes, told) for nodes in groups.values()) if len(groups) > 1 else ()


def _findings_by_test(run: SuiteRun) -> Mapping[str, Finding]:
    nodes = set(run.red)
    found: dict[str, Finding] = {}
    for finding in run.findings:
        node = next(_names(finding.message, nodes), None)
        if node is not None:
            found.setdefault(node, finding)
    return found


def _names(message: str, nodes: set[str]) -> Iterator[str]:
    """Of *nodes*, those that our own sentence about a test or a file begins with."""
    for match in re.finditer(r": | cannot be collected", message):
        if message[: match.start()] in nodes:
            yield message[: match.start()]


def _place(node: str, finding: Finding | None) -> tuple[str, ...]:
    """What tests of one cause share: the line of the project where they broke, else their file and kind of failure."""
    if finding is None:
        return ("file", node.split("::", 1)[0])
    if finding.path and finding.line:
        return ("line", finding.rule, finding.path, str(finding.line))
    if "::" not in node:
        # What keeps several files from being collected is mostly one thing.
        return ("collection", finding.rule, _without_names(finding.message.partition("cannot be collected: ")[2]))
    return ("file", finding.rule, node.split("::", 1)[0])


def _without_names(message: str) -> str:
    return re.sub(r"\S*/\S*|0x[0-9a-f]+|\d+", "#", message)


def _cause(nodes: Sequence[str], told: Mapping[str, Finding]) -> Cause:
    findings = tuple(told[node] for node in nodes if node in told)
    return Cause(name=_name(nodes, findings), tests=tuple(nodes), findings=findings[:20])


def _name(nodes: Sequence[str], findings: Sequence[Finding]) -> str:
    if not findings:
        return f"{nodes[0]} is red"[:NAME_LIMIT]
    first = findings[0]
    message = first.message.removeprefix(f"{nodes[0]}: ").splitlines()[0]
    place = f" at {first.path}:{first.line}" if first.path and first.path != PurePosixPath(nodes[0]).as_posix() else ""
    return f"{message[: NAME_LIMIT - len(place)]}{place}"
