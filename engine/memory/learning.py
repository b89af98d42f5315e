"""From a verified run to what is remembered of it."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping

from agents.base import Draft
from agents.words import difference
from engine.domain import Run, Verdict, hash_files, sha256
from engine.memory.entry import MODEL, Mended, Remembered
from engine.memory.hunks import Hunk, Part, hunks, joined, lines, part, within
from engine.redaction import redact

LONGEST_WORDS = 200
"""Characters of a change above which only its kind is remembered."""
MOST_CHANGES = 8
MOST_NAMES = 60
LARGEST = 400_000
"""Characters of a file above which nothing is learnt from a change in it."""
_NAME = re.compile(r"[^\W\d]\w*")


def learn(run: Run) -> Remembered | None:
    """What *run* teaches; None where it is not verified, or its change is none that can be learnt from.

    Of two answers that all tests pass, and that differ elsewhere, nobody has said yet that this is the right one.
    """
    attempt = next((a for a in reversed(run.attempts) if a.verdict.verified), None)
    if run.outcome != "verified" or attempt is None or attempt.draft.question:
        return None
    return repair(run.task.files, attempt.draft, run_id=run.id, failure=failure_kind(run.baseline))


def repair(before: Mapping[str, str], draft: Draft, *, run_id: str, failure: str) -> Remembered | None:
    """What the right *draft* changed; None where that is not a few places of files that were there before.

    *failure* is the kind of failure by the judge, where the author does not say from which one it set out.
    """
    after = draft.files
    changed = [p for p in sorted(before) if p.endswith(".py") and before[p] != after.get(p, before[p])]
    if not changed or any(len(before[path]) + len(after[path]) > LARGEST for path in changed):
        return None
    mended = [one for path in changed for one in _mended(path, before[path], after[path], draft)]
    if not 0 < len(mended) <= MOST_CHANGES:
        return None
    shown = _shown(before[changed[0]], after[changed[0]])
    return Remembered(
        id=sha256(f"{hash_files(before)}|{hash_files(after)}")[:12],
        at=time.time(),
        run_id=run_id,
        author=draft.author,
        failure=draft.failure or failure,
        mended=tuple(mended),
        before=shown.before,
        after=shown.after,
        names=names(shown.before),
    )


def failure_kind(verdict: Verdict | None) -> str:
    """The type of the first exception in *verdict*, or what else is red in it, the linter aside."""
    if verdict is None:
        return ""
    found = (f.rule for r in verdict.reports if r.status == "failed" and r.check != "lint" for f in r.findings)
    return next((rule for rule in found if rule), "")[:100]


def names(text: str, most: int | None = MOST_NAMES) -> tuple[str, ...]:
    """Different names in *text*, in their order, *most* of them."""
    return tuple(dict.fromkeys(_NAME.findall(text)))[:most]


def _mended(path: str, before: str, after: str, draft: Draft) -> Iterator[Mended]:
    found = hunks(before, after)
    edits = [edit for edit in draft.edits if edit.path == path]
    if not found:
        # only the end of a line differs
        found = (Hunk(start=0, end=0, new_start=0, new_end=0),)
    if len(edits) == 1 and "+" not in edits[0].template:
        # one edit may touch two places, such as two names that change places: its words go from the one to the other
        whole = joined(found)
        words = _words(before, after, whole)
        yield Mended(template=edits[0].template, old=words[0], new=words[1], within=within(before, whole.start))
        return
    for hunk in found:
        near = min(edits, key=lambda edit: abs(edit.line - 1 - hunk.start), default=None)
        old, new = _words(before, after, hunk)
        for template in near.template.split("+") if near else (MODEL,):
            yield Mended(template=template, old=old, new=new, within=within(before, hunk.start))


def _words(before: str, after: str, hunk: Hunk) -> tuple[str, str]:
    was, now = lines(before, hunk.start, hunk.end), lines(after, hunk.new_start, hunk.new_end)
    old, new = difference(was, now)
    # the words alone may be too little of a secret to be known as one
    secret = redact(was) != was or redact(now) != now
    return ("", "") if secret or len(old) + len(new) > LONGEST_WORDS else (old, new)


def _shown(before: str, after: str) -> Part:
    found = hunks(before, after)
    shown = part(before, after, found[0]) if found else Part(before="", after="")
    return Part(before=redact(shown.before), after=redact(shown.after))
