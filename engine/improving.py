"""Green code made faster or safer: one patch for each kind, never mixed with a repair, each judged as a draft is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from agents.improving import Advice, Improvement, Improver, Kind, Rejected
from engine.case import Case
from engine.domain import Ending, Reason, Task, Value, Verdict, diff_files
from engine.events import AuthorAsked, InputJudged, Watcher
from sandboxes.errors import SandboxError

if TYPE_CHECKING:
    from engine.judging import Judge

FOR_JUDGING = 0.3
"""Part of the run's seconds that is left for the judge."""
NOT_SHOWN = (
    "That the results are the same on inputs of other kinds than the tests use: inputs are made from the tests' own calls.",
    "That it is faster by the clock: steps are counted, bytecode instructions and the elements that operations in C go through.",
    "That nobody relied on how long a call took, how much memory it used, or the wording of an error that no input met.",
)
"""What an improvement does not rule out."""


class Patch(Value):
    """All improvements of one kind that held, judged together on top of the patch before."""

    kind: Kind
    improvements: tuple[Improvement, ...]
    files: Mapping[str, str]
    """All files with this patch made, and every verified one before it."""
    diff: str
    """Unified diff of this patch alone."""
    verdict: Verdict
    """The judge's, with `green before` in place of `red before`."""

    @property
    def verified(self) -> bool:
        return self.verdict.verified


class Improved(Value):
    """What came of the improvement of some code."""

    id: str
    outcome: Ending
    reason: Reason | None = None
    summary: str
    next_step: str = ""
    before: Mapping[str, str]
    files: Mapping[str, str]
    """The code with every verified patch made."""
    patches: tuple[Patch, ...] = ()
    rejected: tuple[Rejected, ...] = ()
    """Rewrites that were tried and did not hold, each with the reason."""
    advice: tuple[Advice, ...] = ()
    """Findings of the security rules that are still there."""
    not_shown: tuple[str, ...] = NOT_SHOWN
    baseline: Verdict | None = None
    seconds: float = 0.0

    @property
    def diff(self) -> str:
        """Unified diff of all verified patches."""
        return diff_files(self.before, self.files)


class Improving:
    """One run of an improver, with the collaborators it is given."""

    def __init__(self, improver: Improver, judge: Judge, *, run_id: str, watch: Watcher) -> None:
        self._improver = improver
        self._judge = judge
        self._id = run_id
        self._watch = watch
        self._patches: list[Patch] = []
        self._rejected: list[Rejected] = []
        self._advice: tuple[Advice, ...] = ()
        self._reasons: list[str] = []

    async def improve(self, task: Task, kinds: Sequence[Kind]) -> Improved:
        """The patches of *kinds*, one after the other, within the task's seconds."""
        began = time.monotonic()
        files = dict(task.files)
        baseline = None
        try:
            async with asyncio.timeout(task.budget.seconds):
                case = Case(task=task, before=files, tests=task.tests, green_before=True)
                baseline = await self._judge.judge(files, case, run_id=self._id)
                self._watch(InputJudged(verdict=baseline))
                if not baseline.green or not baseline.tests:
                    return self._not_green(task, baseline, began)
                case = case.model_copy(update={"baseline": baseline})
                for number, kind in enumerate(kinds, 1):
                    left = task.budget.seconds * (1 - FOR_JUDGING) - (time.monotonic() - began)
                    share = left / (len(kinds) - number + 1)
                    self._watch(AuthorAsked(number=number, author=f"improver, for {kind}"))
                    case = await self._one(case, kind, max(5.0, share))
        except TimeoutError:
            self._reasons.append(f"the run's {task.budget.seconds:g} s were over")
        except SandboxError as error:
            return self._ended(
                task, baseline, began, "environment", str(error), next_=error.hint or "Run `mendbox doctor`."
            )
        return self._concluded(task, baseline, began)

    async def _one(self, case: Case, kind: Kind, seconds: float) -> Case:
        """Look for improvements of *kind*, have them judged, and go on from them where they are verified."""
        before = case.before
        looked = await self._improver.look(before, case.tests, kind=kind, seconds=seconds)
        self._rejected += looked.rejected
        if kind == "security":
            self._advice = looked.advice
        if looked.reason:
            self._reasons.append(f"{kind}: {looked.reason}")
        if not looked.improvements:
            return case
        verdict = await self._judge.judge(looked.files, case, run_id=self._id)
        patch = Patch(
            kind=kind,
            improvements=looked.improvements,
            files=looked.files,
            diff=diff_files(before, looked.files),
            verdict=verdict,
        )
        self._patches.append(patch)
        if not patch.verified:
            return case
        # what comes next is judged beside this, so its tests and findings are the ones to compare with
        after = case.model_copy(update={"before": looked.files, "baseline": None})
        baseline = await self._judge.judge(looked.files, after, run_id=self._id)
        return after.model_copy(update={"baseline": baseline})

    def _not_green(self, task: Task, baseline: Verdict, began: float) -> Improved:
        broken = next((report for report in baseline.reports if report.status == "broken"), None)
        if broken is not None:
            return self._ended(task, baseline, began, "environment", f"{broken.check}: {broken.summary}")
        red = [test for test in baseline.tests if test.ended not in {"passed", "skipped", "xfailed"}]
        what = f"{len(red)} of {len(baseline.tests)} tests are not green" if red else "No test is green"
        summary = f"{what}: code is made faster or safer only once it is right."
        next_ = "Mend it first: mendbox fix, with the same paths and tests."
        return self._ended(task, baseline, began, "no_fix", summary, reason="red", next_=next_)

    def _concluded(self, task: Task, baseline: Verdict | None, began: float) -> Improved:
        verified = [patch for patch in self._patches if patch.verified]
        held = sum(len(patch.improvements) for patch in verified)
        why = f" ({'; '.join(self._reasons)})" if self._reasons else ""
        if verified:
            kinds = " and ".join(f"{len(patch.improvements)} of {patch.kind}" for patch in verified)
            summary = f"{held} improvement{'s' if held > 1 else ''} held: {kinds}{why}."
            next_ = "Read the diff, then apply it; on the command line --apply writes it."
            return self._ended(task, baseline, began, "verified", summary, next_=next_)
        if self._patches:
            missing = [
                f"{patch.kind}: {proof.name}: {proof.detail}"
                for patch in self._patches
                for proof in patch.verdict.proofs
                if not proof.held
            ]
            missing += [finding.message for patch in self._patches for finding in patch.verdict.findings][:3]
            summary = f"Improvements held in the improver's own box, and a proof of the judge is missing: {'; '.join(missing)}{why}."
            return self._ended(
                task, baseline, began, "unverified", summary, next_="Read the diffs before you use them."
            )
        tried = f"{len(self._rejected)} rewrites were tried" if self._rejected else "no rewrite was found to try"
        summary = f"Nothing could be shown to be faster or safer: {tried}{why}."
        next_ = "Read why each was rejected." if self._rejected else ""
        if self._advice:
            next_ = f"{next_} Read the {len(self._advice)} security findings that need a person.".strip()
        reason: Reason = (
            "budget" if any("time" in reason or "were over" in reason for reason in self._reasons) else "no_progress"
        )
        return self._ended(
            task, baseline, began, "no_fix", summary, reason=reason, next_=next_ or "There is nothing to do."
        )

    def _ended(
        self, task: Task, baseline: Verdict | None, began: float, outcome: Ending, summary: str, *,
        reason: Reason | None = None, next_: str = "",
    ) -> Improved:  # fmt: skip
        verified = [patch.files for patch in self._patches if patch.verified]
        return Improved(
            id=self._id,
            outcome=outcome,
            reason=reason,
            summary=summary[:2_000],
            next_step=next_,
            before=task.files,
            files=verified[-1] if verified else task.files,
            patches=tuple(self._patches),
            rejected=tuple(self._rejected),
            advice=self._advice,
            baseline=baseline,
            seconds=time.monotonic() - began,
        )
