"""Words and phrases of the tests that are written: what a test is called, how its calls and assertions are spelt."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Sequence

from .outcomes import Outcome
from .targets import Parameter, Target, split

_WIDTH = 110
_KINDS = {"yields": "yields", "streams": "streams", "enters": "enters_a_context", "enters later": "enters_a_context"}


def tidied(text: str) -> str:
    """*text* as ruff formats it, where ruff is there."""
    if shutil.which("ruff") is None:
        return text
    command = ("ruff", "format", "--isolated", "--no-cache", "--line-length", str(_WIDTH), "-")
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return text
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 and done.stdout else text


def likeness(outcome: Outcome) -> tuple[object, ...]:
    """What calls have in common that make one table."""
    changed = tuple(place for place, _ in outcome.changed)
    if outcome.kind == "raises":
        return "raises", outcome.error, outcome.message, changed
    return outcome.kind, sort_of(outcome), changed, outcome.rounded


def sort_of(outcome: Outcome) -> str:  # noqa: PLR0911  # a row of kinds
    """What sort of answer it is, in words that fit into a name."""
    text = outcome.expected or "None"
    if outcome.printed and text == "None":
        return "prints"
    if outcome.files:
        return "writes_a_file"
    if outcome.owner and text == "None":
        return "changes_" + "_and_".join(name for name, _ in outcome.owner[:2])
    if text in ("True", "False", "None"):
        return {"True": "is_true", "False": "is_false", "None": "returns_nothing"}[text]
    if outcome.same:
        return "returns_what_it_was_given"
    if outcome.kind in _KINDS:
        return _KINDS[outcome.kind]
    if outcome.viewed:
        return "returns_an_object"
    first = text[0]
    if first in "'\"":
        return "returns_text"
    if first in "-0123456789" or text.startswith("float("):
        return "returns_a_number"
    return {"[": "returns_a_list", "(": "returns_a_tuple", "{": "returns_a_set_or_dict"}.get(first, "returns_an_object")


def behaviour_of(outcome: Outcome, target: Target) -> str:
    """What a call does, in words that fit into a name."""
    changed = "_and_".join(target.parameters[place].name for place, _ in outcome.changed)
    tail = f"_and_changes_{changed}" if changed else ""
    if outcome.kind == "raises":
        return f"raises_{snake(outcome.error)}{tail}"
    kind = sort_of(outcome)
    if kind == "returns_a_set_or_dict":
        kind = "returns_a_dict" if ":" in (outcome.expected or "") or outcome.expected == "{}" else "returns_a_set"
    return kind + tail


def word_for(target: Target) -> str:
    """What is called, in words that fit into a name."""
    return f"{snake(target.owner)}_{target.name}" if target.owner else target.name


def snake(name: str) -> str:
    """*name* of a class in small letters."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def free_name(name: str) -> str:
    """*name*, unless that would hide something that the test uses."""
    return f"{name}_" if name in {"pytest", "request", "expected", "list", "vars", "asyncio"} else name


def arguments_of(parameters: Sequence[Parameter], texts: Sequence[str]) -> str:
    """Arguments as they stand in a call."""
    placed, named = split(parameters, texts)
    stars = [each.star for each in parameters if not each.keyword]
    shown = [
        f"*{text}" if star else text for text, star in zip(placed, stars, strict=False) if not (star and text == "()")
    ]
    return ", ".join([*shown, *(f"{name}={text}" for name, text in named.items())])


def without_rest(target: Target, count: int) -> str:
    """The parameters that are left away after *count* of them, in words that fit into a name."""
    left = [each.name for each in target.parameters[count:]]
    return f"_without_{'_and_'.join(left)}" if left else ""


def matching(message: str) -> str:
    """The part of ``pytest.raises`` that looks at what the error says."""
    return f", match={as_literal(escaped(message))}" if message and len(message) < 120 else ""


def escaped(text: str) -> str:
    """*text* as a regular expression that finds it; `re.escape` would escape blanks too."""
    return re.sub(r"([.^$*+?{}\[\]\\|()])", r"\\\1", text)


def as_literal(text: str) -> str:
    """*text* as a literal, a raw one where it can be."""
    return f'r"{text}"' if '"' not in text and "\n" not in text and not text.endswith("\\") else repr(text)


def equality(left: str, text: str) -> str:
    """The assertion that *left* is what *text* says."""
    return f"    assert {left} {'is' if text == 'None' or text.startswith('node_') else '=='} {text}"


def is_flat(text: str) -> bool:
    """Whether it reads well as one of many in a row: no texts, and at most one bracket."""
    return sum(text.count(mark) for mark in "[({") <= 1 and "'" not in text and '"' not in text
