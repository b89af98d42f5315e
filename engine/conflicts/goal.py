"""Examples in the goal's free text: what it plainly says a call has to give.

Only what stands there as an example is one. Prose that tells of a fault ("currently `f(2)` returns 3"), or of a
condition ("`f(2)` returns 4 once it was called"), is left alone.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.conflicts.allowed import CONSTANTS
from engine.conflicts.effort import Effort, TooMuch
from engine.conflicts.evaluating import HOLE, evaluate
from engine.conflicts.plain import exactly, is_plain

LONGEST_GOAL = 20_000
_CALL = re.compile(r"(?<![\w.>])((?:[A-Za-z_]\w*\.)*[a-z_]\w*)\(")
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
    r"surprisingly|mistake|mistakenly|reported|complains?|sees?|saw|see|though|although|rather|unlike|except)\b|n't\b",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(if|when|whenever|unless|until|while|after|afterwards|before|once|twice|second|third|again|then|first|last|"
    r"initially|with|without|given|where|assuming|depending|depends|under|mode|flag|default|cached?|mocked|patched|"
    r"sometimes|usually|about|around|roughly|approximately|nearly|almost|at least|at most|between|up to)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Example:
    """What the goal says of one call."""

    function: str
    """As it is written there, perhaps with its module."""
    arguments: str
    shown: str
    condition: ast.expr | None
    """Over the hole; None where it has to raise."""
    printed: bool = False
    """From an interactive session, which shows what is printed as well as what is returned."""


def examples_in(goal: str, effort: Effort) -> list[Example]:
    """The goal's examples in their order."""
    found: list[Example] = []
    blocks = re.split(r"\n\s*\n", goal[:LONGEST_GOAL].replace("\r\n", "\n"))
    lead = ""
    for block in blocks:
        lines = block.splitlines()
        if any(_PROMPT.match(line) for line in lines):
            around = " ".join([lead, *(line for line in _prose(lines))])
            if not _DOUBT.search(around) and not _CONDITION.search(around):
                found += _session(lines, effort)
        else:
            found += _sentences(lead if _is_lead(lead) else "", block, effort)
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
        call = _call_at(typed, 0, effort)
        if call is None or typed[call.end :].strip(" ;") or not output:
            return
        if output[0].startswith("Traceback"):
            error = _ERROR.match(next((line for line in reversed(output) if line), ""))
            if error is not None:
                yield call.raising(error.group(1))
            continue
        said = _literal(" ".join(output), effort)
        if said is None:
            return
        yield call.giving(said, printed=True)


def _sentences(lead: str, block: str, effort: Effort) -> Iterator[Example]:
    doubtful = _DOUBT.search(f"{lead} {_without_code(block)}") is not None
    for line in block.splitlines():
        for match in _CALL.finditer(line):
            call = _call_at(line, match.start(1), effort)
            if call is None:
                continue
            gives = _GIVES.match(line, call.end)
            if gives is None:
                continue
            sentence = _without_code(_sentence_around(line, match.start(1)))
            if _CONDITION.search(f"{lead} {sentence}") or (doubtful and not gives.group("must")):
                continue
            word = (gives.group("must") or gives.group("plain")).split()[-1]
            if word in {"raise", "raises"}:
                error = _ERROR.match(line, gives.end())
                if error is not None and _ends(line[error.end() :]):
                    yield call.raising(error.group(1))
                continue
            said = _literal_at(line, gives.end(), effort)
            if said is not None:
                yield call.giving(said)


@dataclass(frozen=True)
class _Call:
    function: str
    arguments: str
    shown: str
    end: int

    def giving(self, value: ast.Constant, *, printed: bool = False) -> Example:
        condition = ast.Compare(left=ast.Name(id=HOLE, ctx=ast.Load()), ops=[ast.Eq()], comparators=[value])
        shown = f"{self.shown} == {value.value!r}"
        return Example(self.function, self.arguments, shown, condition, printed)

    def raising(self, error: str) -> Example:
        return Example(self.function, self.arguments, f"{self.shown} raises {error}", None)


def _call_at(text: str, start: int, effort: Effort) -> _Call | None:
    """The call with plain arguments that begins at *start*."""
    match = _CALL.match(text, start)
    if match is None:
        return None
    end = _closed_by(text, match.end() - 1)
    if end is None:
        return None
    try:
        node = ast.parse(text[start:end], mode="eval").body
        if not isinstance(node, ast.Call) or not (node.args or node.keywords):
            return None
        given = [_plain(each, effort) for each in node.args]
        words = {word.arg: _plain(word.value, effort) for word in node.keywords if word.arg}
        if len(words) != len(node.keywords):
            return None
    except TooMuch:
        raise
    except Exception:  # noqa: BLE001  # prose that only looks like a call
        return None
    named = sorted(words.items())
    arguments = [*map(exactly, given), *(f"{name}={exactly(value)}" for name, value in named)]
    return _Call(function=match.group(1), arguments=", ".join(arguments), shown=text[start:end], end=end)


def _plain(node: ast.expr, effort: Effort) -> object:
    """The value of an expression of literals. Raises whatever keeps it from being one."""
    if any(isinstance(inner, ast.Name) and inner.id not in CONSTANTS for inner in ast.walk(node)):
        raise ValueError(node)
    value = evaluate(node, effort)
    if not is_plain(value):
        raise ValueError(node)
    return value


def _closed_by(text: str, opening: int) -> int | None:
    """Where the bracket that opens at *opening* is closed, quotes minded."""
    depth, quote, at = 0, "", opening
    while at < min(len(text), opening + 2_000):
        sign = text[at]
        if quote:
            if sign == "\\":
                at += 1
            elif sign == quote:
                quote = ""
        elif sign in "\"'":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None


_NUMBER = re.compile(r"[-+]?(?:\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?j?|\.\d+)(?![\w])")
_WORD = re.compile(r"(True|False|None)\b")
_QUOTED = re.compile(r"[bB]?(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*')")


def _literal_at(line: str, start: int, effort: Effort) -> ast.Constant | None:
    """The literal that begins at *start*, where nothing follows that would make it part of something else."""
    at = start
    ticks = re.compile(r"`+").match(line, at)
    if ticks is not None:
        at = ticks.end()
        end = line.find(ticks.group(), at)
        return _literal(line[at:end], effort) if end > at and _ends(line[end + len(ticks.group()) :]) else None
    number = _NUMBER.match(line, at)
    if number is not None:
        text = number.group()
        # "4." at the end of a sentence
        end = number.end() - (text.endswith(".") and text.count(".") == 1)
    else:
        match = _WORD.match(line, at) or _QUOTED.match(line, at)
        closed = _closed_by(line, at) if line[at : at + 1] in {"(", "[", "{"} else None
        if match is None and closed is None:
            return None
        end = match.end() if match is not None else closed or at
    return _literal(line[at:end], effort) if _ends(line[end:]) else None


def _literal(text: str, effort: Effort) -> ast.Constant | None:
    try:
        return ast.Constant(value=_plain(ast.parse(text.strip(), mode="eval").body, effort))
    except TooMuch:
        raise
    except Exception:  # noqa: BLE001  # it is no literal
        return None


_END = re.compile(
    r"[`*_]*\s*(?:$|[.;!)](?:\s|$)|,\s*(?![-\d'\"\[({])|\s(?:and|not|instead|rather|but|because|since|as|for)\b|#|--)"
)


def _ends(rest: str) -> bool:
    return _END.match(rest) is not None


def _sentence_around(line: str, at: int) -> str:
    before = max(line.rfind(sign, 0, at) for sign in (". ", "; ", "! ", "? "))
    after = [line.find(sign, at) for sign in (". ", "; ", "! ", "? ")]
    ends = [each for each in after if each >= 0]
    return line[before + 1 : min(ends) if ends else len(line)]


def _without_code(text: str) -> str:
    """*text* without what stands in quotes or brackets, where words are data."""
    return re.sub(r"\"[^\"\n]*\"|'[^'\n]*'|\([^()\n]*\)|\b\w+(?=\()", " ", text)
