"""How a run ends: from the attempts made, and what stopped them, to an outcome with its receipt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agents.base import Lead, Suspect
from agents.errors import AuthorError, NothingToOffer, TooDear
from agents.leads import outcome_in_words
from engine.advice import after_search, next_step
from engine.case import Case
from engine.domain import Attempt, Ending, Reason, Receipt, Run, Verdict, sha256
from engine.flaky import not_counted
from engine.localising import suspects
from engine.policies import is_overspent, repeats, usage_of
from engine.redaction import redact
from engine.version import version

MOST_SUSPECTS = 20


def conclude(run: Run, case: Case, attempts: Sequence[Attempt], *, stopped_by: str = "") -> Run:
    """*run* as it ended: by its best attempt; where none is green, by why there is no other.

    *stopped_by* is a sentence on what ended the attempts, where it was neither a verified draft nor a count.
    """
    run = account(run, attempts)
    flaky = not_counted(case.baseline)
    best = next((a for a in reversed(attempts) if a.verdict.verified), None)
    best = best or next((a for a in reversed(attempts) if a.verdict.green), None)
    if best is None:
        reason, why = _why_none(run, attempts, stopped_by)
        return end(run, "no_fix", f"{why} {_what_fails(run, attempts)} {flaky}".strip(), reason=reason)
    run = run.model_copy(
        update={"files": dict(best.draft.files), "receipt": receipt(case, best.draft.files, best.verdict)}
    )
    if best.verdict.verified:
        mended = f"Mended by {best.draft.author} in attempt {best.number}."
        return end(run, "verified", f"{_red_count(case)} {mended} {flaky}".strip())
    missing = "; ".join(f"{proof.name}: {proof.detail}" for proof in best.verdict.proofs if not proof.held)
    if any(proof.name == "repeat agrees" and not proof.held for proof in best.verdict.proofs):
        return end(run.model_copy(update={"files": case.task.files}), "no_fix", missing, reason="flaky")
    return end(run, "unverified", f"All checks are green, but a proof is missing. {missing} {flaky}".strip())


def give_up(run: Run, case: Case, attempts: Sequence[Attempt], error: NothingToOffer) -> Run:
    """*run*, whose author has no (further) idea: what was tried, and what may help, as far as a search can tell."""
    ended = _located(credit(conclude(run, case, attempts, stopped_by=redact(error.what)), error), error.lead)
    if ended.reason != "no_progress":
        return ended
    if isinstance(error, TooDear):
        next_ = error.hint or next_step("no_fix", "budget")
        return ended.model_copy(update={"reason": "budget", "next_step": f"{next_[:1].upper()}{next_[1:]}"})
    if error.lead is None:
        return ended
    reason: Reason = "budget" if error.lead.ending == "time" else "no_progress"
    next_ = error.hint or after_search(error.lead, drafts=bool(attempts))
    return ended.model_copy(update={"reason": reason, "next_step": next_})


def run_out(run: Run, case: Case, attempts: Sequence[Attempt], lead: Lead | None) -> Run:
    """*run*, whose seconds are over: how far it came, with what a search had learnt until then."""
    ended = conclude(run, case, attempts)
    if lead is not None:
        ended = ended.model_copy(
            update={
                "candidates": max(ended.candidates, lead.candidates),
                "kinds": lead.kinds or ended.kinds,
                "suspects": lead.suspects or ended.suspects,
            }
        )
    if ended.reason is None:
        return ended
    ended = _located(ended, lead)
    said, next_ = [f"No draft passed within {run.task.budget.seconds:g} s."], ""
    if lead is not None:
        said.append(outcome_in_words(lead, judged=False))
        next_ = after_search(lead, drafts=False) if lead.ending == "time" else ""
    elif run.baseline is None and run.task.tests:
        said.append("They were over before the tests had been run on the code as handed in.")
        next_ = "Allow more with --seconds, or make the tests quicker."
    if attempts:
        said.append(_what_fails(run, attempts))
    return end(ended, "no_fix", " ".join(said), reason="budget", next_=next_)


def credit(run: Run, error: AuthorError) -> Run:
    """*run* with what an author spent and learnt who ended without a draft."""
    lead = error.lead
    return run.model_copy(
        update={
            "usage": run.usage + error.usage,
            "candidates": run.candidates + error.candidates,
            "kinds": (lead and lead.kinds) or run.kinds,
            "suspects": (lead and lead.suspects) or run.suspects,
        }
    )


def end(run: Run, outcome: Ending, summary: str, *, reason: Reason | None = None, next_: str = "") -> Run:
    """*run*, ended."""
    return run.model_copy(
        update={
            "status": "ended",
            "outcome": outcome,
            "reason": reason,
            "summary": summary[:2_000],
            "next_step": next_ or next_step(outcome, reason),
            "files": run.files or run.task.files,
        }
    )


def account(run: Run, attempts: Sequence[Attempt]) -> Run:
    """*run* with its attempts and what they cost so far."""
    return run.model_copy(
        update={
            "attempts": tuple(attempts),
            "usage": usage_of(attempts),
            "candidates": sum(attempt.draft.candidates for attempt in attempts),
            "kinds": next((a.draft.kinds for a in reversed(attempts) if a.draft.kinds), {}),
            "suspects": next((a.draft.suspects for a in reversed(attempts) if a.draft.suspects), ()),
        }
    )


def receipt(case: Case, files: Mapping[str, str], verdict: Verdict) -> Receipt:
    """What was shown of *files*, and by what."""
    return Receipt(
        files_before={path: sha256(text) for path, text in case.before.items()},
        files_after={path: sha256(text) for path, text in files.items()},
        tests={path: sha256(text) for path, text in case.tests.items()},
        tests_from=case.tests_from,
        tests_made={path: text for path, text in case.tests.items() if case.task.tests.get(path) != text},
        stand_in=case.stand_in,
        image=verdict.image,
        tier=verdict.tier,
        proofs=verdict.proofs,
        not_shown=verdict.not_shown,
        measured=verdict.measured,
        limits=case.task.limits,
        mendbox=version(),
        box=verdict.box,
        judged=verdict.judged,
        from_run=verdict.from_run,
    )


def _why_none(run: Run, attempts: Sequence[Attempt], stopped_by: str) -> tuple[Reason, str]:
    budget = run.task.budget
    if attempts and any(f.rule == "tampered" for f in attempts[-1].verdict.findings):
        return "tampered", "The last draft changed the frozen tests while they ran."
    if is_overspent(attempts, budget):
        return "budget", f"The tokens or the money of the run are used up after {len(attempts)} attempts."
    if stopped_by:
        return "no_progress", f"{stopped_by.rstrip('.')}."
    if repeats(attempts) > 1 and len(attempts) < budget.attempts:
        return "no_progress", f"{repeats(attempts)} attempts in a row failed in the same way."
    return "budget", f"None of {len(attempts)} attempts passed."


def _what_fails(run: Run, attempts: Sequence[Attempt]) -> str:
    """The first thing wrong with the last draft, or with the code as handed in where there was none."""
    verdict = attempts[-1].verdict if attempts else run.baseline
    if verdict is None or not verdict.findings:
        return ""
    # what the linter says of the input is not what the run was about
    first = min(verdict.findings, key=lambda finding: finding.check == "lint")
    where = f"{first.path}: " if first.path and not first.message.startswith(first.path) else ""
    return f"{'The last draft' if attempts else 'The code as handed in'} fails with: {where}{first.message}"


def _located(run: Run, lead: Lead | None) -> Run:
    """*run* with what its baseline says of where the fault is, where no search has learnt more by what it mended."""
    learnt = lead is not None and (lead.plausible or lead.partial)
    if (run.suspects and learnt) or run.baseline is None or run.outcome != "no_fix":
        return run
    told = next((report for report in run.baseline.reports if report.reached), None)
    if told is not None and (found := suspects(told, run.task.files)):
        return run.model_copy(update={"suspects": found})
    if run.suspects:
        return run
    places = dict.fromkeys(
        (finding.path, finding.line)
        for finding in run.baseline.findings
        if finding.path in run.task.files and finding.line and finding.check != "lint"
    )
    named = tuple(_suspect(run.task.files[path], path, line) for path, line in places if path and line)
    return run.model_copy(update={"suspects": named[:MOST_SUSPECTS]})


def _suspect(text: str, path: str, line: int) -> Suspect:
    lines = text.splitlines()
    quoted = lines[line - 1].strip()[:200] if line <= len(lines) else ""
    return Suspect(path=path, line=line, score=1.0, text=quoted)


def _red_count(case: Case) -> str:
    if case.stand_in or case.baseline is None:
        return ""
    red = sum(test.ended not in {"passed", "skipped", "xfailed", "xpassed"} for test in case.baseline.tests)
    return f"{red} of {len(case.baseline.tests)} tests were red." if red else ""


def looked_at(run: Run) -> Run:
    """The end of a run that was only to see how its tests stand."""
    baseline = run.baseline
    broken = next((r for r in baseline.reports if r.status == "broken"), None) if baseline else None
    if baseline is None or broken is not None:
        return end(run, "environment", f"{broken.check}: {broken.summary}" if broken else "nothing was judged")
    tests = next((report for report in baseline.reports if report.check == "tests"), None)
    summary = tests.summary if tests else "the tests were not run"
    if baseline.green:
        return end(run, "unverified", f"Only looked at: {summary}.", next_="There is nothing to do.")
    return end(run, "no_fix", f"Only looked at: {summary}.", reason="red", next_="Have it mended: mendbox fix PATH")
