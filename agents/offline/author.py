"""The author without a model: searches in a workshop, and offers what it found, likeliest first."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence

from agents.base import Brief, Draft, Lead, Steps, Workshop
from agents.errors import NothingToOffer
from agents.leads import outcome_in_words
from agents.offline import lines
from agents.offline.explaining import diff, note, question
from agents.offline.findings import Found, Patch, gather, hash_files
from agents.offline.toolbox import ARGV, tools

LONGEST_SEARCH = 120.0
"""Seconds that one search may take, unless `LEAST_SHARE` of what is left is more: who allows hours wants them used."""
LEAST_SHARE = 0.4
SHARE = 0.8
"""Share of what is left that the search may take; the judge needs the rest."""
GRACE = 3.0
"""Seconds for starting and leaving, on top of what the search is told."""
MOST_DIFFS = 3
"""Plausible and partial patches of which the next author is told."""


class OfflineAuthor:
    """Needs no key: finds a small edit with which the tests pass, by trying very many."""

    name = "offline"

    def __init__(
        self, workshop: Workshop, *, tell: Callable[[str], None] | None = None, steps: Steps | None = None
    ) -> None:
        """Search in *workshop*; *tell* hears how far it is, in words; *steps* keep what a search brought."""
        self._workshop = workshop
        self._tell = tell
        self._steps = steps
        self._found: dict[str, Found] = {}
        self._told: set[str] = set()
        self._lines: list[str] = []
        self._files: Mapping[str, str] = {}
        self._likely: Callable[[Mapping[str, str]], None] | None = None
        self._found_one = False

    async def write(self, brief: Brief) -> Draft:
        """The likeliest patch that was not tried before.

        Raises:
            NothingToOffer: No patch is left; the sentence says what was tried, and `lead` where the fault may be.
        """
        if brief.language != "python":
            raise NothingToOffer(self.name, f"it mends Python only, and this is in {brief.language}")
        task = hash_files({**brief.files, **{f"tests/{path}": text for path, text in brief.tests.items()}})
        tried = {hash_files(brief.files), *(earlier.files_sha256 for earlier in brief.tried)}
        if task not in self._found:
            self._found[task] = await self._kept(task, brief, tried)
        # what a search cost is counted once, with the first answer that came of it
        fresh = task not in self._told
        self._told.add(task)
        found = self._found[task]
        patch = choose(found.patches, tried)
        if patch is not None:
            return self._draft(patch, found, searched=fresh)
        lead = _lead(self.name, found, brief.files)
        raise NothingToOffer(self.name, _sentence(found, lead), candidates=found.tried if fresh else 0, lead=lead)

    def make_ready(self) -> None:
        """Have the search started, up to where it reads what is to be mended; see `agents.base.Readying`."""
        self._workshop.prepare(tools=tools(), argv=ARGV)

    def foretell(self, heard: Callable[[Mapping[str, str]], None]) -> None:
        """Tell *heard* of the first plausible patch of each search; what others are found seldom comes before it."""
        self._likely = heard

    def so_far(self) -> Lead | None:
        """What the latest search has told until now, though it may have been stopped since; see `agents.base.Searching`."""
        if not self._files:
            return None
        return _lead(self.name, gather(self._lines, self._files, stopped="timeout"), self._files)

    def _draft(self, patch: Patch, found: Found, *, searched: bool) -> Draft:
        return Draft(
            files=patch.files,
            note=note(patch, found),
            question=question(patch, found),
            author=self.name,
            candidates=found.tried if searched else 0,
            edits=patch.edits,
            failure=found.failure,
            suspects=found.suspects,
            kinds=found.kinds,
        )

    async def _kept(self, task: str, brief: Brief, tried: set[str]) -> Found:
        """The search for *task*, or what is kept of it."""
        if self._steps is None:
            return await self._search(brief, tried)
        if brief.tried:
            # an earlier process of this run has asked before, and counted it
            self._told.add(task)
        return await self._steps("search", task, lambda: self._search(brief, tried), Found)

    async def _search(self, brief: Brief, tried: set[str]) -> Found:
        left = brief.allowance.seconds
        seconds = max(1.0, min(LONGEST_SEARCH, SHARE * left), LEAST_SHARE * left)
        job = {
            "files": dict(brief.files),
            "tests": dict(brief.tests),
            "suite": brief.suite.model_dump(mode="json") if brief.suite is not None else None,
            "failing": brief.failing,
            "failure": brief.failure,
            "seconds": seconds,
            "error": brief.error,
            "reproduction": brief.reproduction,
            "known": sorted(tried),
            "shifts": [shift.model_dump() for shift in brief.shifts],
        }
        self._lines, self._files, self._found_one = [], brief.files, False
        findings = await self._workshop.run(
            files=brief.files,
            locked=brief.tests,
            tools=tools(),
            argv=ARGV,
            stdin=json.dumps(job).encode(),
            seconds=seconds + GRACE,
            on_line=self._heard,
        )
        found = gather(findings.lines, brief.files, stopped=findings.ended)
        if found.ending == "cut off":
            *_, last = findings.stderr.strip().splitlines() or ("",)
            found = found.model_copy(update={"reason": last[:200]})
        return found

    def _heard(self, line: str) -> None:
        said = lines.read(line)
        if said is not None:
            self._lines.append(line)
        if isinstance(said, lines.Plausible) and not self._found_one and said.files.keys() <= self._files.keys():
            self._found_one = True
            if self._likely is not None:
                self._likely({**self._files, **said.files})
        if self._tell is not None and isinstance(said, (lines.Progress, lines.Plausible)):
            plausible = said.found if isinstance(said, lines.Progress) else 1
            self._tell(f"{said.tried} candidates tried" + (f", {plausible} plausible" if plausible else ""))


def choose(patches: Sequence[Patch], tried: Collection[str]) -> Patch | None:
    """The likeliest patch that was not *tried*, by content hash; rather one that does something else than those that were.

    A patch that does the same as one that was turned down would be turned down in the same way.
    """
    left = [patch for patch in patches if patch.sha256 not in tried]
    spent = {patch.cluster for patch in patches if patch.sha256 in tried and patch.cluster is not None}
    return next((patch for patch in left if patch.cluster not in spent), left[0] if left else None)


def _lead(author: str, found: Found, files: Mapping[str, str]) -> Lead:
    return Lead(
        author=author,
        suspects=found.suspects,
        plausible=tuple(diff(files, patch.files) for patch in found.patches[:MOST_DIFFS]),
        partial=tuple(diff(files, partial.files) for partial in found.partial[:MOST_DIFFS]),
        candidates=found.tried,
        kinds=found.kinds,
        ending=found.ending,
    )


def _sentence(found: Found, lead: Lead) -> str:
    """Why there is nothing (more) to offer."""
    if found.patches:
        count = len(found.patches)
        offered = f"all {count} patches" if count > 1 else "the only patch"
        return f"{offered} found among {found.tried:,} candidates {'were' if count > 1 else 'was'} offered"
    reason = f" ({found.reason})" if found.reason not in {"", "time", "exhausted"} else ""
    return f"{outcome_in_words(lead).rstrip('.')}{reason}"
