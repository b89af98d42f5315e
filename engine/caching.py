"""A judge that does not judge the same thing twice: what was judged in an earlier run is taken from the journal."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from pydantic import JsonValue

from engine.case import Case
from engine.domain import Verdict, hash_files, sha256
from engine.flaky import REPEAT, SHARE
from engine.logs import get_log
from sandboxes.errors import SandboxError

if TYPE_CHECKING:
    from engine.judging import Judge

log = get_log(__name__)

_OF_THE_MACHINE = frozenset({"hung", "timeout", "memory", "processes", "disk", "no-report"})
"""Rules of findings that tell of a limit that was met, or of an end that nobody saw: another day it may be otherwise."""


class Kept(Protocol):
    """Where verdicts are kept for other runs; see `engine.journal.Journal`."""

    async def earlier_verdict(self, key: str) -> Verdict | None: ...

    async def keep_verdict(self, key: str, run_id: str, verdict: Verdict) -> None: ...

    async def doubt_verdict(self, key: str, run_id: str) -> None: ...


class CachingJudge:
    """Asks *judge* only for what no verdict is *kept* of.

    *judged_by* tells this judge from every other, and *image* says what boxes of an environment are made from, in both
    cases by their content; an empty image is not known yet. With *fresh* every verdict is taken anew, and still kept for
    others.
    """

    def __init__(
        self, judge: Judge, kept: Kept, *, judged_by: str, image: Callable[[str], Awaitable[str]], fresh: bool = False
    ) -> None:
        self._judge = judge
        self._kept = kept
        self._judged_by = judged_by
        self._image = image
        self._fresh = fresh

    async def judge(self, files: Mapping[str, str], case: Case, *, run_id: str) -> Verdict:
        """The verdict on *files*, which `Verdict.from_run` says of where it was taken in an earlier run.

        Raises:
            SandboxError: The machinery failed; nothing was learnt about the code.
        """
        earlier = None if self._fresh else await self._earlier(files, case)
        if earlier is not None:
            log.info("judged_before", run=earlier.from_run, at=earlier.judged)
            return earlier
        verdict = await self._judge.judge(files, case, run_id=run_id)
        verdict = verdict.model_copy(update={"judged": datetime.now(UTC).isoformat(timespec="seconds")})
        if verdict.image:
            key = key_of(files, case, image=verdict.image, judged_by=self._judged_by)
            if is_steady(verdict, case):
                await self._kept.keep_verdict(key, run_id, verdict)
            elif is_flaky(verdict):
                await self._kept.doubt_verdict(key, run_id)
        return verdict

    async def _earlier(self, files: Mapping[str, str], case: Case) -> Verdict | None:
        try:
            # A draft that asks for other packages is judged in another image, and so is never found: what its manifest
            # comes to is for the index to say, today.
            image = await self._image(case.task.limits.environment)
        except SandboxError:
            # Not every verdict needs a box; where this one does, the judge says what is wrong.
            return None
        if not image:
            return None
        found = await self._kept.earlier_verdict(key_of(files, case, image=image, judged_by=self._judged_by))
        fits = found is not None and found.files_sha256 == hash_files(files) and found.image == image
        return found if found is not None and fits and is_steady(found, case) else None


def key_of(files: Mapping[str, str], case: Case, *, image: str, judged_by: str) -> str:
    """Content hash of all that a verdict on *files* depends on: these, the case, the box and the judge."""
    task, baseline = case.task, case.baseline
    parts: dict[str, JsonValue] = {
        "files": _digests(files),
        "before": _digests(case.before),
        "tests": _digests(case.tests),
        "language": task.language,
        "limits": task.limits.model_dump(mode="json"),
        # a project's suite may take more seconds when it is seen for the first time; what was near a limit is not kept
        "test_seconds": None if task.suite is not None and baseline is None else task.budget.test_seconds,
        "stand_in": case.stand_in,
        "only_judged": case.only_judged,
        "baseline": None if baseline is None else _seen(baseline),
        "of_project": task.model_dump(mode="json", include={"data", "suite", "dependencies"}, exclude_defaults=True),
        "image": image,
        "judged_by": judged_by,
    }
    return sha256(json.dumps(parts, sort_keys=True))


def is_flaky(verdict: Verdict) -> bool:
    """Whether the same code was seen to end in two ways."""
    return bool(verdict.flaky) or any(proof.name == REPEAT and not proof.held for proof in verdict.proofs)


def is_steady(verdict: Verdict, case: Case) -> bool:
    """Whether the same can be expected of judging again: nothing in it was chance, and no limit of time was near.

    A red draft somebody goes on from was only looked at once, so that its red tests may be flaky.
    """
    if case.baseline is not None:
        if not is_steady(case.baseline, case.model_copy(update={"baseline": None})):
            return False
        if not verdict.green and not case.only_judged:
            return False
    near = SHARE * case.task.budget.test_seconds
    return not (
        verdict.broken
        or is_flaky(verdict)
        or any(finding.rule in _OF_THE_MACHINE for finding in verdict.findings)
        or any(test.ended == "hung" for test in verdict.tests)
        or any(report.seconds > near for report in verdict.reports)
    )


def _digests(files: Mapping[str, str]) -> JsonValue:
    return {path: sha256(text) for path, text in files.items()}


def _seen(baseline: Verdict) -> str:
    """Content hash of what a draft is compared with: how the tests ended on the input, and what was found there."""
    seen = [
        (
            report.check,
            report.status,
            sorted(finding.fingerprint for finding in report.findings),
            sorted((test.node_id, test.ended) for test in report.tests),
        )
        for report in baseline.reports
    ]
    return sha256(json.dumps(seen))
