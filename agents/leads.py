"""What a search learnt, in words: for the person whose code it could not mend, and for the author who comes next."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agents.base import Lead, Suspect

SHOWN = 5
"""How many suspicious lines are shown."""
_FAMILIES = {
    "blocks": "moved lines",
    "exceptions": "exception types",
    "inserting": "insertions",
    "leaving": "returns and branches",
    "reuse": "expressions from elsewhere",
    "scopes": "scopes and defaults",
    "slips": "common slips",
    "subscripts": "subscripts and slices",
    "twice": "changes at several places",
    "pairs": "pairs of edits",
    "ruff": "safe fixes of ruff",
}
"""What to call a family whose own name says too little."""
_NAME = re.compile("[a-z]{1,20}")
_SUSPICION = (
    (0.9, "very suspicious"),
    (0.6, "suspicious"),
    (0.3, "somewhat suspicious"),
    (0.0, "hardly suspicious"),
)

WIDEST = max(len(words) for _, words in _SUSPICION)
"""Characters of the longest of these words."""
_ENDINGS = {
    "ideas": ", all that the search could think of",
    "time": " until the time ran out",
    "memory": " until the memory was used up",
    "cut off": " before the search broke off",
}

_UNTRIED = {
    "ideas": "",
    "time": " in the time there was",
    "memory": ": the memory was used up",
    "cut off": ": the search broke off",
}


def suspicions_in_words(suspects: Sequence[Suspect]) -> list[str]:
    """How suspicious each of *suspects* is, beside the one that is most."""
    most = max((suspect.score for suspect in suspects), default=0.0) or 1.0
    return [next(words for least, words in _SUSPICION if suspect.score >= least * most) for suspect in suspects]


def suspects_in_lines(suspects: Sequence[Suspect]) -> list[str]:
    """Each of *suspects* on a line: where it is, how suspicious, and what stands there."""
    return [
        f"{suspect.path}:{suspect.line} ({words})" + (f": {suspect.text}" if suspect.text else "")
        for suspect, words in zip(suspects, suspicions_in_words(suspects), strict=True)
    ]


def kinds_in_words(kinds: Mapping[str, int], *, most: int = 8) -> str:
    """The *most* frequent families of edits with their counts; empty where nothing was counted."""
    # the names were written in a box: what does not look like one of ours is counted, and not repeated
    named = {family: count for family, count in kinds.items() if _NAME.fullmatch(family) and count}
    order = sorted(named.items(), key=lambda item: (-item[1], item[0]))[:most]
    told = [f"{count:,} {_FAMILIES.get(family, family)}" for family, count in order]
    rest = sum(kinds.values()) - sum(count for _, count in order)
    return ", ".join([*told, f"{rest:,} others"] if rest else told)


def outcome_in_words(lead: Lead, *, judged: bool = True) -> str:
    """How the search for a small edit ended; *judged*: whether the edits it found were."""
    if not lead.candidates:
        return f"No small edit could be tried{_UNTRIED[lead.ending]}."
    one = lead.candidates == 1
    tried = f"{lead.candidates:,} small edit{' was' if one else 's were'} tried"
    if lead.plausible and not judged:
        return f"{tried}{_ENDINGS[lead.ending]}; those that made the tests pass could not be judged any more."
    if lead.plausible:
        return f"{tried}; those that made the tests pass were not good enough."
    return f"{tried}{_ENDINGS[lead.ending]}, and none makes the tests pass."
