"""From what a model wrote to a validated answer: the shape it is shown, and the one answer found in its text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from agents.base import Completion, S, Usage
from agents.errors import UnusableReply

_STARTS = 2_000
"""Opening braces that are tried before a text is given up; bounds the work on hostile replies."""
_LONGEST = 1_000_000
"""Characters of a reply that are looked at."""
_KEPT = frozenset({"type", "properties", "items", "enum", "const", "anyOf", "$ref", "$defs", "description", "required"})
"""What both vendors accept in a strict schema; what else a model class demands is checked when it answers."""


class NoAnswer(ValueError):
    """The text holds no valid answer, or several; says so for the model to read."""


def strict_schema(schema: type[S]) -> dict[str, Any]:
    """JSON schema of *schema* as strict modes want it: every property required, no other allowed."""
    return _strict(schema.model_json_schema())


def _strict(node: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in node.items():
        if key in ("properties", "$defs"):
            kept[key] = {name: _strict(inner) for name, inner in value.items()}
        elif key in ("anyOf", "oneOf"):
            # told apart by a constant of each, so that one of them is any of them; strict modes only know the latter
            kept["anyOf"] = [_strict(inner) for inner in value]
        elif key == "items":
            kept[key] = _strict(value)
        elif key in _KEPT:
            kept[key] = value
    if "properties" in kept:
        kept["required"] = list(kept["properties"])
        kept["additionalProperties"] = False
    return kept


def completed(
    author: str, text: str, schema: type[S], *, cut_at: int | None, model: str, usage: Usage
) -> Completion[S]:
    """The answer in what *model* wrote, with what it took; *cut_at* is the limit where the reply ended at one, tokens.

    Raises:
        UnusableReply: It was cut, or holds no answer, or several; what it took is billed all the same.
    """
    if cut_at is not None:
        limit = f"the reply was cut at the token limit ({cut_at} output tokens)"
        raise UnusableReply(author, limit, reply=text, usage=usage)
    try:
        answer = extract(text, schema)
    except NoAnswer as error:
        raise UnusableReply(author, str(error), reply=text, usage=usage) from error
    # The class is a value here, which no type checker can know.
    return Completion[schema](answer=answer, model=model, usage=usage)  # type: ignore[valid-type]


def extract(text: str, schema: type[S]) -> S:
    """The one answer of the shape *schema* in *text*; prose and fences around it do not matter.

    Raises:
        NoAnswer: There is none, or there are several that differ.
    """
    if not text.strip():
        raise NoAnswer("the reply is empty")
    answers: list[S] = []
    problems: list[str] = []
    for candidate in _objects(text[:_LONGEST]):
        try:
            answer = schema.model_validate(candidate.value)
        except ValidationError as error:
            problems.append(_first_problem(error))
            continue
        candidate.accepted = True
        if answer not in answers:
            answers.append(answer)
    if len(answers) > 1:
        raise NoAnswer(f"the reply holds {len(answers)} different answers, and it is not clear which one is meant")
    if not answers:
        raise NoAnswer(problems[0] if problems else _why_not_json(text))
    return answers[0]


class _Candidate:
    """A JSON object found in a text; an accepted one is not searched for further ones inside."""

    def __init__(self, value: object) -> None:
        self.value = value
        self.accepted = False


def _objects(text: str) -> Iterator[_Candidate]:
    decoder = json.JSONDecoder(strict=False)
    at = text.find("{")
    for _ in range(_STARTS):
        if at < 0:
            return
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            candidate = _Candidate(value)
            yield candidate
            end = end if candidate.accepted else at + 1
        at = text.find("{", end)


def _first_problem(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the answer"
    return f"the JSON does not fit the schema at {where}: {first['msg']}"


def _why_not_json(text: str) -> str:
    start = text.find("{")
    if start < 0:
        return "the reply holds no JSON object, only prose"
    try:
        json.JSONDecoder(strict=False).raw_decode(text, start)
        problem = ""
    except RecursionError:
        problem = ": it is nested too deep"
    except ValueError as error:
        problem = f": {error}"
    return f"the reply holds no valid JSON object{problem}"
