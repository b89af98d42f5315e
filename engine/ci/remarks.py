"""What a report says about lines: each failing test, lint finding and suspicious line, with the fix that is proven for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from engine.ci.nodes import Definitions, name_of
from engine.ci.shown import line, passage, visible
from engine.domain import Finding, Value, sha256
from engine.repository.result import Healed, RepositoryResult

Level = Literal["error", "warning", "note"]
"""`error`: it keeps the suite red. `warning`: it does not, at least not each time. `note`: a place to look at."""
NOT_COLLECTED = " cannot be collected"
MOST_SUSPECTS = 5


class Remark(Value):
    """One thing that is said of one place."""

    rule: str
    """What kind of thing, such as ``tests/AssertionError`` or ``lint/F401``."""
    level: Level
    message: str
    path: str | None
    """Relative to the repository, with slashes; None where it is about none of its files."""
    line: int | None = None
    evidence: str = ""
    test: str = ""
    """Node id of the test that says so."""
    rank: float | None = None
    """Suspicion from 0 to 100, for a suspicious line."""
    healed: Healed | None = None
    """What became of the cause that it belongs to."""
    fingerprint: str
    """The same for the same thing at another line, or in another run; no two remarks of one report have the same."""

    @property
    def title(self) -> str:
        return line(self.test, limit=400) or self.rule


def remarks(
    result: RepositoryResult, *, prefix: str = "", tests: Mapping[str, str] | None = None
) -> tuple[Remark, ...]:
    """All remarks on *result*: what keeps the suite red first, by cause; then the other findings, then suspects.

    *prefix* is put before every path, for a project in a folder of its repository; *tests* are the sources in which the
    line of a test is looked up where its failure passed through no other file.
    """
    return tuple(_told_apart(_all(result, prefix, Definitions(tests or {}))))


def test_of(finding: Finding, nodes: Iterable[str]) -> str:
    """The node id, or the path of a file that cannot be collected, that *finding* is about; empty where it is of none."""
    known = nodes if isinstance(nodes, (set, frozenset, dict)) else set(nodes)
    message, start = finding.message, 0
    while (end := message.find(": ", start)) >= 0:
        if (name := message[:end].removesuffix(NOT_COLLECTED)) in known:
            return name
        start = end + 1
    return ""


def said_of(finding: Finding, test: str) -> str:
    """The finding's message without the name of its test."""
    return finding.message.removeprefix(test).removeprefix(NOT_COLLECTED).removeprefix(": ") or finding.message


def _all(result: RepositoryResult, prefix: str, definitions: Definitions) -> Iterator[Remark]:
    nodes = {test.node_id for test in result.before.tests} | {*result.red, *result.flaky, *result.before.broken}

    def remark_of(finding: Finding, test: str, healed: Healed | None) -> Remark:
        return _remark(finding, test, healed, flaky=test in result.flaky, prefix=prefix, definitions=definitions)

    seen: set[Finding] = set()
    named: set[str] = set()
    of_causes = [(finding, healed) for healed in result.healed for finding in healed.cause.findings]
    for finding, healed in (*of_causes, *((finding, None) for finding in result.before.findings)):
        if finding in seen:
            continue
        seen.add(finding)
        test = test_of(finding, nodes)
        named.add(test)
        yield remark_of(finding, test, healed or _of(test, result))
    for test in result.before.red:
        if test not in named:
            finding = Finding(check="tests", message=f"{test}: did not pass")
            yield remark_of(finding, test, _of(test, result))
    yield from _suspects(result, prefix)


def _of(test: str, result: RepositoryResult) -> Healed | None:
    return next((healed for healed in result.healed if test and test in healed.cause.tests), None)


def _remark(
    finding: Finding, test: str, healed: Healed | None, *, flaky: bool, prefix: str, definitions: Definitions
) -> Remark:
    path, at = finding.path, finding.line
    if path is None and test:
        path, at = name_of(test).path, definitions.line_of(test)
    said = said_of(finding, test)
    safe = {name: visible(getattr(finding, name) or "") for name in ("rule", "message", "path")}
    return Remark(
        rule=line(f"{finding.check}/{finding.rule}" if finding.rule else finding.check, limit=100),
        level="warning" if finding.check == "lint" or flaky else "error",
        message=line(f"flaky: {said}" if flaky else said, limit=900),
        path=None if path is None else visible(f"{prefix}{path}"),
        line=at,
        evidence=passage(finding.evidence),
        test=test,
        healed=healed,
        fingerprint=finding.model_copy(update=safe).fingerprint,
    )


def _suspects(result: RepositoryResult, prefix: str) -> Iterator[Remark]:
    for healed in result.healed:
        if healed.verified:
            continue
        for place, suspect in enumerate(healed.run.suspects[:MOST_SUSPECTS], start=1):
            name = line(healed.cause.name, limit=200)
            yield Remark(
                rule="suspect",
                level="note",
                message=f"number {place} of the lines that may be at fault ({suspect.score:.2f} of 1): {name}",
                path=f"{prefix}{suspect.path}",
                line=suspect.line or None,
                evidence=line(suspect.text, limit=200),
                rank=round(suspect.score * 100, 1),
                healed=healed,
                fingerprint=sha256(f"suspect|{suspect.path}|{suspect.text}|{name}")[:16],
            )


def _told_apart(remarks: Iterable[Remark]) -> Iterator[Remark]:
    """The second of two alike gets a number into its fingerprint, so that a reader keeps both."""
    counts: dict[str, int] = {}
    for remark in remarks:
        number = counts[remark.fingerprint] = counts.get(remark.fingerprint, 0) + 1
        again = sha256(f"{remark.fingerprint}|{number}")[:16]
        yield remark if number == 1 else remark.model_copy(update={"fingerprint": again})
