"""The Markdown summary: what was red, what was wrong, what the fix is, what is shown of it, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.ci.fenced import block, span
from engine.ci.remarks import said_of, test_of
from engine.domain import Proof
from engine.repository.result import Healed, RepositoryEnding, RepositoryResult

MOST_BYTES = 1_000_000
"""GitHub refuses a summary of more than 1 MiB, and shows nothing of it then."""
MOST_CAUSES = 30
MOST_TESTS = 10
MOST_DIFF = 40_000
MOST_EVIDENCE = 3_000
MOST_SUSPECTS = 5
TITLES: dict[RepositoryEnding, str] = {
    "green": "the suite is green",
    "verified": "every red test has a verified fix",
    "partly": "some red tests have a verified fix",
    "red": "the suite is red",
    "no_fix": "the suite is red, and no fix was proven",
    "environment": "the machinery failed, nothing was learnt about the code",
    "cancelled": "stopped before the end",
}
ONLY_FLAKY = "only flaky tests were red"
RED_STAYS = "This build stays red: Mendbox proposes, a person applies."
CUT = "\n\n*The rest did not fit here; it is in the other reports of this job.*\n"


def summary(result: RepositoryResult, *, patch: str = "", branch: str = "", receipts: Sequence[str] = ()) -> str:
    """*result* for a person. *patch*, *branch* and *receipts* (one a cause, empty where it has none) are where they lie."""
    return _bounded("\n".join(_lines(result, patch, branch, receipts)) + "\n")


def _lines(result: RepositoryResult, patch: str, branch: str, receipts: Sequence[str]) -> Iterator[str]:
    only_flaky = result.outcome == "green" and result.before.red
    yield f"## Mendbox: {ONLY_FLAKY if only_flaky else TITLES[result.outcome]}\n"
    if result.summary:
        yield f"{span(result.summary, limit=600)}\n"
    if result.before.tests or result.before.broken:
        yield from _table(result)
    if any(healed.verified for healed in result.healed):
        yield f"**{RED_STAYS}**\n"
        yield from _how_to_apply(patch, branch)
    for number, healed in enumerate(result.healed[:MOST_CAUSES]):
        yield from _cause(number + 1, healed, receipts[number] if number < len(receipts) else "")
    if len(result.healed) > MOST_CAUSES:
        yield f"And {len(result.healed) - MOST_CAUSES} more causes.\n"
    if not result.healed:
        yield from _findings(result)
    if result.flaky:
        yield "### Flaky: they end one way and then another, and nothing was mended for them\n"
        yield from _listed(result.flaky)
    if result.notes:
        yield "### Notes\n"
        yield from _listed(result.notes, most=30)
    if result.next_step:
        yield f"**Next:** {span(result.next_step, limit=600)}\n"
    yield f"<sub>{' · '.join(_facts(result))}</sub>"


def _table(result: RepositoryResult) -> Iterator[str]:
    before, after = result.before, result.after
    rows = [
        ("passed", before.green, after.green if after else None),
        ("red", before.red, after.red if after else None),
        ("skipped", before.skipped, after.skipped if after else None),
    ]
    yield "| | as it is |" + (" with the fixes |" if after else "")
    yield "|---|---:|" + ("---:|" if after else "")
    for name, was, is_ in rows:
        yield f"| {name} | {len(was)} |" + (f" {len(is_)} |" if is_ is not None else "")
    yield ""


def _how_to_apply(patch: str, branch: str) -> Iterator[str]:
    if patch:
        yield f"Apply what is verified: {span(f'git apply {patch}')}\n"
    if branch:
        yield f"It is also on the branch {span(branch)}.\n"


def _cause(number: int, healed: Healed, receipt: str) -> Iterator[str]:
    run, cause = healed.run, healed.cause
    mark = "✅" if healed.verified else "❌"
    how = (
        "verified fix" if healed.verified else f"{run.outcome or run.status}{f' ({run.reason})' if run.reason else ''}"
    )
    yield f"### {mark} {number}. {span(cause.name, limit=200)}: {how}\n"
    yield from _listed(cause.tests)
    for finding in cause.findings[:1]:
        if finding.evidence:
            said = span(said_of(finding, test_of(finding, cause.tests)), limit=200)
            yield f"<details><summary>What failed</summary>\n\n{said}\n"
            yield block(finding.evidence, limit=MOST_EVIDENCE)
            yield "</details>\n"
    if run.summary:
        yield f"{span(run.summary, limit=600)}\n"
    if healed.verified:
        yield block(healed.diff, language="diff", limit=MOST_DIFF)
    yield from _proofs(healed)
    if receipt:
        yield f"Receipt: {span(receipt)}. It can be judged again without a model: {span(f'mendbox verify {receipt}')}\n"
    if run.suspects and not healed.verified:
        yield "Lines that may be at fault, most suspicious first:\n"
        for suspect in run.suspects[:MOST_SUSPECTS]:
            yield f"1. {span(f'{suspect.path}:{suspect.line}')} {span(suspect.text, limit=120)}"
        yield ""
    if run.next_step and not healed.verified:
        yield f"Next: {span(run.next_step, limit=600)}\n"


def _proofs(healed: Healed) -> Iterator[str]:
    receipt = healed.run.receipt
    if receipt is None:
        return
    yield f"<details><summary>What is shown, and what is not</summary>\n\nTier: {span(receipt.tier)}\n"
    for proof in receipt.proofs:
        yield _proof(proof)
    for sentence in receipt.not_shown:
        yield f"- not shown: {span(sentence, limit=400)}"
    yield "\n</details>\n"


def _proof(proof: Proof) -> str:
    return f"- {'✓' if proof.held else '✗'} {span(proof.name)}: {span(proof.detail, limit=400)}"


def _findings(result: RepositoryResult) -> Iterator[str]:
    """What is red where nothing was to be mended."""
    if result.before.red:
        yield "### Red\n"
        yield from _listed(result.before.red, most=30)
    for finding in result.before.findings[:MOST_TESTS]:
        if finding.check != "lint":
            yield f"{span(finding.message, limit=400)}\n"
            if finding.evidence:
                yield block(finding.evidence, limit=MOST_EVIDENCE)


def _listed(names: Sequence[str], *, most: int = MOST_TESTS) -> Iterator[str]:
    yield from (f"- {span(name, limit=400)}" for name in names[:most])
    if len(names) > most:
        yield f"- and {len(names) - most} more"
    yield ""


def _facts(result: RepositoryResult) -> Iterator[str]:
    yield f"{result.seconds:.0f} s"
    if result.commit:
        yield f"commit {span(result.commit[:12])}"
    if result.usage.calls:
        yield f"{result.usage.tokens} tokens, {'' if result.usage.priced else 'at least '}${result.usage.usd:.4f}"
    if result.environment and result.environment.packages:
        yield f"{len(result.environment.packages)} packages"


def _bounded(text: str) -> str:
    raw = text.encode()
    if len(raw) <= MOST_BYTES:
        return text
    kept = raw[: MOST_BYTES - 2_000].decode(errors="ignore").rpartition("\n")[0]
    return kept + _closed(kept) + CUT


def _closed(text: str) -> str:
    """What ends a fence that was cut open, so that what follows is no part of it."""
    open_ = ""
    for row in text.split("\n"):
        ticks = row[: len(row) - len(row.lstrip("`"))]
        if not open_ and len(ticks) >= 3:
            open_ = ticks
        elif open_ and ticks == row and len(ticks) >= len(open_):
            open_ = ""
    return f"\n{open_}\n" if open_ else ""
