"""A search's answer in words: what was changed where, out of how many, and what is left for a person to say."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import unified_diff

from agents.base import EditMade
from agents.offline.findings import Found, Patch

LONGEST_DIFF = 2_000
"""Characters."""
_ORDINALS = ("", "second ", "third ", "fourth ", "fifth ")


def note(patch: Patch, found: Found) -> str:
    """What *patch* changes and why there, how many were tried, and the question that is left open."""
    made = "; ".join(f"{e.path}:{e.line}: {e.note} [{e.template}, {suspicion(e, found)}]" for e in patch.edits)
    doubts = f" ({', '.join(patch.reasons)})" if patch.reasons else ""
    sentences = [f"{made}{doubts}.", f"Found among {found.tried} candidates{_rivals(patch, found)}."]
    return " ".join([*sentences, *filter(None, [question(patch, found)])])


def suspicion(edit: EditMade, found: Found) -> str:
    """How suspicious the edit's line was, in words."""
    place = next((n for n, s in enumerate(found.suspects) if (s.path, s.line) == (edit.path, edit.line)), None)
    if place is not None and place < len(_ORDINALS):
        return f"the {_ORDINALS[place]}most suspicious line"
    return f"a line of suspicion {edit.suspicion:.2f}"


def question(patch: Patch, found: Found) -> str:
    """On what this patch and another that is about as likely differ; nothing where no such question is known."""
    asked = found.question
    if asked is None:
        return ""
    clusters = {one.sha256: one.cluster for one in found.patches}
    own = next((a for a in asked.answers if _same(a.patch, patch, clusters)), None)
    other = next((a for a in asked.answers if own is not None and a.answer != own.answer), None)
    if own is None or other is None:
        return ""
    return (
        f"Question: this patch {own.answer} for `{asked.call}`, another plausible one {other.answer}: which is right?"
    )


def diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """A unified diff, cut off where it grows long."""
    lines: list[str] = []
    for path in sorted(after):
        old, new = before.get(path, ""), after[path]
        if old != new:
            lines += unified_diff(old.splitlines(), new.splitlines(), f"a/{path}", f"b/{path}", lineterm="")
    text = "\n".join(lines)
    return text if len(text) <= LONGEST_DIFF else text[: LONGEST_DIFF - 6] + "\n[...]"


def _rivals(patch: Patch, found: Found) -> str:
    rivals = len(found.patches) - 1
    if not rivals:
        return ""
    alike = sum(one.cluster == patch.cluster for one in found.patches) - 1 if patch.cluster is not None else 0
    words = f"; {rivals} other plausible patch{'es' if rivals > 1 else ''}"
    if not alike:
        return words
    same = (
        "it does"
        if rivals == 1
        else "all do"
        if alike == rivals
        else f"{alike} of them {'do' if alike > 1 else 'does'}"
    )
    return f"{words}, {same} the same"


def _same(sha256: str, patch: Patch, clusters: Mapping[str, int | None]) -> bool:
    return sha256 == patch.sha256 or (patch.cluster is not None and clusters.get(sha256) == patch.cluster)
