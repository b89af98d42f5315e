"""Does the verdict that was taken now say what the receipt says?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from engine.checks.node_ids import function_of
from engine.domain import Run, TestEnd, Value, Verdict
from engine.receipts.statement import Particulars, Statement
from engine.receipts.stating import result_of
from engine.version import version
from sandboxes.base import Measured

MOST_TESTS_NAMED = 20


class Comparison(Value):
    """What is the same, and what is not."""

    differences: tuple[str, ...]
    """Where the verdict now is another one, each in a sentence."""
    circumstances: tuple[str, ...]
    """What was not as it was then, and changes no verdict by itself."""

    @property
    def same(self) -> bool:
        return not self.differences


def compare(statement: Statement, run: Run) -> Comparison:
    """The receipt against *run*, in which its files were judged again."""
    said = statement.predicate.mendbox
    verdict = run.attempts[-1].verdict if run.attempts else None
    differences = [*_outcomes(statement, run)]
    circumstances = []
    if verdict is None:
        differences.append("none of the tests were run now: the files could not be judged")
    else:
        differences += [*_shown(said, verdict), *_tests(statement.predicate.endings, verdict)]
        circumstances = [*_circumstances(statement, verdict)]
    return Comparison(differences=tuple(differences), circumstances=tuple(circumstances))


def _outcomes(statement: Statement, run: Run) -> Iterator[str]:
    said = statement.predicate.mendbox
    then, now = _words(said.outcome, said.reason), _words(run.outcome, run.reason)
    if then != now:
        yield f"outcome: {then} in the receipt, {now} now ({run.summary})"
    if statement.predicate.result != result_of(said.outcome):
        yield f"result: {statement.predicate.result} in the receipt, which is not what it calls {said.outcome}"


def _shown(said: Particulars, verdict: Verdict) -> Iterator[str]:
    if said.tier != verdict.tier:
        yield f"tier: {said.tier} in the receipt, {verdict.tier} now"
    then = {proof.name: proof for proof in said.proofs}
    now = {proof.name: proof for proof in verdict.proofs}
    for name in dict.fromkeys([*then, *now]):
        was, is_ = (_held(proofs[name].held) if name in proofs else "not there" for proofs in (then, now))
        if was != is_:
            detail = f" ({now[name].detail})" if name in now else ""
            yield f"proof {name!r}: {was} in the receipt, {is_} now{detail}"
    for sentence in verdict.not_shown:
        if sentence not in said.not_shown:
            yield f"not shown now, and not admitted in the receipt: {sentence}"


def _tests(then: Mapping[str, TestEnd], verdict: Verdict) -> Iterator[str]:
    now = {test.node_id: test.ended for test in verdict.tests}
    if then == now or _by_function(then) == _by_function(now):
        return
    differ = sorted(node for node in {*then, *now} if then.get(node) != now.get(node))
    for node in differ[:MOST_TESTS_NAMED]:
        was, is_ = then.get(node, "not there"), now.get(node, "not there")
        yield f"test {node}: {was} in the receipt, {is_} now"
    if len(differ) > MOST_TESTS_NAMED:
        yield f"and {len(differ) - MOST_TESTS_NAMED} more tests"


def _circumstances(statement: Statement, verdict: Verdict) -> Iterator[str]:
    said = statement.predicate.mendbox
    image = verdict.image.removeprefix("sha256:")
    if image != statement.image:
        yield f"image: the receipt's is {statement.image}, the one here is {image}"
    if said.version != version():
        yield f"Mendbox: the receipt's is {said.version}, the one here is {version()}"
    if said.measured != verdict.measured:
        yield f"limits measured: {_measured(said.measured, verdict.measured)}"
    ids = {test.node_id for test in verdict.tests}
    if ids != statement.predicate.endings.keys():
        yield "cases of the same tests have other ids now: they are named after values"
    now = {proof.name: proof.detail for proof in verdict.proofs}
    for proof in said.proofs:
        if proof.name in now and proof.detail != now[proof.name]:
            yield f"detail of {proof.name!r}: {proof.detail!r} in the receipt, {now[proof.name]!r} now"
    for sentence in said.not_shown:
        if sentence not in verdict.not_shown:
            yield f"the receipt admits what is shown now: {sentence}"


def _by_function(endings: Mapping[str, TestEnd]) -> Counter[tuple[str, TestEnd]]:
    # Parameters may be named after objects or their hashes, which differ between any two sessions.
    return Counter((function_of(node), ended) for node, ended in endings.items())


def _measured(then: Measured | None, now: Measured | None) -> str:
    if then is None or now is None:
        return "only then" if now is None else "only now"
    changed = [(name, was, getattr(now, name)) for name, was in then if was != getattr(now, name)]
    return ", ".join(f"{name} {was} then, {is_} now" for name, was, is_ in changed)


def _words(outcome: str | None, reason: str | None) -> str:
    return f"{outcome} ({reason})" if reason else f"{outcome}"


def _held(held: bool) -> str:  # noqa: FBT001 (a word for it)
    return "held" if held else "not held"
