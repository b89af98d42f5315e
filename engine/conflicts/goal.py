"""Examples in the goal's free text: what it plainly says a call has to give.

Only what stands there as an example is one. Prose that tells of a fault ("currently `f(2)` returns 3"), or of a
condition ("`f(2)` returns 4 once it was called"), is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.conflicts.effort import Effort
from engine.conflicts.literals import CALL, Example, call_at, ends, literal, literal_at

LONGEST_GOAL = 20_000
_GIVES = re.compile(
    r"`{0,3}\s*(?:(?P<must>(?:should|must|has to|ought to|shall)\s+(?:return|be|give|equal|yield|produce|raise))"
    r"|(?P<plain>==|->|=>|→|returns|gives|yields|equals|raises))\s*"
)
_ERROR = re.compile(r"(?:an?\s+)?`?([A-Z]\w*(?:Error|Exception|Exit|Interrupt|Iteration|Warning))\b`?")
_PROMPT = re.compile(r"^\s*>>>\s?(.*)$")
_DOUBT = re.compile(
    r"\b(currently|now|nowadays|today|instead|wrong|wrongly|incorrect|incorrectly|bug|buggy|fault|broken|actual|actually|"
    r"got|gets|getting|observed|happens|happened|fails|failed|failing|crash|crashes|used to|was|were|previously|formerly|"
    r"old|before|at the moment|at present|no longer|not|never|but|would|could|might|may|perhaps|suppose|imagine|odd|oddly|"
    r"AssertionError|Traceback|surprisingly|mistake|mistakenly|reported|complains?|sees?|saw|see|though|although|rather|unlike|except|steps|"
    r"reproduc\w*|outputs?|expect\w*(?!\W*(?:==|->|=>|returns|gives|should|must)))\b|n't\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(if|when|whenever|unless|until|while|after|afterwards|before|once|twice|second|third|again|then|first|last|"
    r"initially|with|without|given|where|assuming|depending|depends|under|mode|flag|default|cached?|mocked|patched|"
    r"sometimes|usually|about|around|roughly|approximately|nearly|almost|at least|at most|between|up to)\b",
    re.IGNORECASE,
)


_TASK = re.compile(
    r"\b(?:fix|mend|repair|correct|solve|debug)\w*\s+(?:(?:the|this|that|a|an|all|any|its|my|our)\s+)?(?:\w+\s+)?"
    r"(?:bugs?|faults?|mistakes?|fail\w*|broken)\b|\b(?:do not|don't|must not|never|without)\s+"
    r"(?:chang|edit|modif|touch|alter|break)\w*",
    re.IGNORECASE,
)
"""What is to be done, in words that elsewhere would tell of a fault."""


def examples_in(goal: str, effort: Effort) -> list[Example]:
    """The goal's examples in their order."""
    found: list[Example] = []
    text = _TASK.sub(" ", goal[:LONGEST_GOAL].replace("\r\n", "\n"))
    blocks = re.split(r"\n[ \t]*\n", text)
    lead = ""
    for at, block in enumerate(blocks):
        lines = block.splitlines()
        doubtful = _DOUBT.search(_without_code("\n".join(blocks[max(0, at - 1) : at + 2]))) is not None
        if any(_PROMPT.match(line) for line in lines):
            before = " ".join([lead, *_prose(lines)])
            if not doubtful and not _CONDITION.search(_without_code(before)):
                found += _session(lines, effort)
        else:
            found += _sentences(lead if _is_lead(lead) else "", block, effort, doubtful=doubtful)
        lead = lines[-1] if lines else ""
    return found


def _is_lead(line: str) -> bool:
    return line.rstrip().endswith(":")


def _prose(lines: list[str]) -> Iterator[str]:
    """The lines of a block that stand outside its sessions: before the first prompt."""
    for line in lines:
        if _PROMPT.match(line):
            return
        yield line


def _session(lines: list[str], effort: Effort) -> Iterator[Example]:
    """The examples of an interactive session, up to the first line that is more than one call."""
    at = 0
    while at < len(lines):
        prompt = _PROMPT.match(lines[at])
        at += 1
        if prompt is None:
            continue
        output: list[str] = []
        while at < len(lines) and not _PROMPT.match(lines[at]):
            output.append(lines[at].strip())
            at += 1
        typed = prompt.group(1).strip()
        if re.match(r"(from|import)\b", typed) and not any(output):
            continue
        call = call_at(typed, 0, effort)
        if call is None or typed[call.end :].strip(" ;") or not output:
            return
        if output[0].startswith("Traceback"):
            error = _ERROR.match(next((line for line in reversed(output) if line), ""))
            if error is not None:
                yield call.raising(error.group(1))
            continue
        said = literal(" ".join(output), effort)
        if said is None:
            return
        yield call.giving(said, printed=True)


def _sentences(lead: str, block: str, effort: Effort, *, doubtful: bool) -> Iterator[Example]:
    for line in block.splitlines():
        for match in CALL.finditer(line):
            call = call_at(line, match.start(1), effort)
            if call is None:
                continue
            gives = _GIVES.match(line, call.end)
            if gives is None or _is_operand(line[: match.start(1)]):
                continue
            sentence = _without_code(_sentence_around(line, match.start(1)))
            if _CONDITION.search(f"{lead} {sentence}") or (doubtful and not gives.group("must")):
                continue
            word = (gives.group("must") or gives.group("plain")).split()[-1]
            if word in {"raise", "raises"}:
                error = _ERROR.match(line, gives.end())
                if error is not None and ends(line[error.end() :]):
                    yield call.raising(error.group(1))
                continue
            said = literal_at(line, gives.end(), effort)
            if said is not None:
                yield call.giving(said)


def _is_operand(before: str) -> bool:
    """Whether the call after *before* is a part of something else; a dash or a star alone begins a list."""
    before = before.strip(" `")
    return before[-1:] in set("-+*/%=<>~|&^@!") and before not in {"-", "*"}


def _sentence_around(line: str, at: int) -> str:
    before = max(line.rfind(sign, 0, at) for sign in (". ", "; ", "! ", "? "))
    after = [line.find(sign, at) for sign in (". ", "; ", "! ", "? ")]
    ends = [each for each in after if each >= 0]
    return line[before + 1 : min(ends) if ends else len(line)]


def _without_code(text: str) -> str:
    """*text* without what stands in quotes or brackets, where words are data."""
    return re.sub(r"\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)|\b\w+(?=\()", " ", text)
