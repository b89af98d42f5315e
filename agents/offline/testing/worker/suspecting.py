"""Bugs that the exploration met: crashes on arguments like those that are answered, and answers that the docstring denies."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from .calls import Call, Ref
from .outcomes import ANSWERED, Outcome
from .performing import STEPS
from .targets import Target

MOST = 5
"""For one target."""


def crashes(
    target: Target, good: Iterable[tuple[Call, Outcome]], bad: Iterable[tuple[Call, Outcome]]
) -> list[dict[str, object]]:
    """One for each error and line, with the shortest call."""
    answered = {_shape(call) for call, outcome in good if outcome.kind in ANSWERED}
    answered |= {tuple(each.partition("[")[0] for each in shape) for shape in answered}
    found: dict[tuple[str, int], tuple[Call, Outcome]] = {}
    for call, outcome in bad:
        shape = _shape(call)
        # an empty list is one of anything
        loose = tuple(each.removesuffix("[]") for each in shape)
        if call.objects or not answered & {shape, loose} or not (outcome.line or outcome.kind == "hangs"):
            continue
        key = (outcome.error or outcome.kind, outcome.line)
        if key not in found or len(shown(target, call)) < len(shown(target, found[key][0])):
            found[key] = (call, outcome)
    return [
        {
            "what": "crash" if outcome.kind == "crashes" else "no end",
            "path": target.path,
            "line": outcome.line,
            "call": shown(target, call)[:400],
            "detail": f"{outcome.error}: {outcome.message}"[:400]
            if outcome.kind == "crashes"
            else f"it did not end within {STEPS:,} calls and jumps",
        }
        for call, outcome in list(found.values())[:MOST]
    ]


def contradicts(call: Call, outcome: Outcome) -> bool:
    """Whether the docstring says that *call* answers something else."""
    wanted = call.wanted
    if wanted is None:
        return False
    if wanted.startswith("Traceback"):
        return not wanted.splitlines()[-1].startswith(outcome.error or "\n")
    if outcome.kind not in ANSWERED:
        return True
    if wanted in (outcome.repr, outcome.expected) or "..." in wanted or outcome.kind == "yields":
        return False
    try:
        return bool(ast.literal_eval(wanted) != ast.literal_eval(outcome.expected or ""))
    except (ValueError, SyntaxError, TypeError):
        return bool(outcome.repr) and wanted.split() != outcome.repr.split()


def denied(call: Call, outcome: Outcome) -> tuple[str, str] | None:
    """The first statement of a script that does not show what the docstring says, and what the difference is."""
    for (source, wanted), said in zip(call.script, outcome.said, strict=False):
        answer = Outcome(said.kind, "", expected=said.expected or "None", error=said.error, message=said.message)
        one = Call(call.target, (), wanted=wanted)
        if said.kind in ("returns", "raises") and contradicts(one, answer):
            return source, f"the docstring says {wanted}, and it was {said.expected or said.error}"
    return None


def contradiction(target: Target, call: Call, outcome: Outcome) -> dict[str, object]:
    said = outcome.expected or outcome.repr or f"{outcome.error}: {outcome.message}"
    return {
        "what": "contradiction",
        "path": target.path,
        "line": outcome.line,
        "call": shown(target, call)[:400],
        "detail": f"the docstring says {call.wanted}, and it was {said}"[:400],
    }


def shown(target: Target, call: Call) -> str:
    if call.script:
        return "; ".join(source for source, _ in call.script)
    arguments = ", ".join(_text(value) for value in call.args)
    if call.init is None:
        return f"{target.shown}({arguments})"
    steps = "".join(f".{step.name}({', '.join(map(_text, step.args))}); " for step in call.steps)
    return f"{target.owner}({', '.join(map(_text, call.init))}): {steps}.{target.name}({arguments})"


def _text(value: object) -> str:
    return f"node_{value.number}" if isinstance(value, Ref) else repr(value)


def _shape(call: Call) -> tuple[str, ...]:
    return tuple(_kind(value) for value in (*(call.init or ()), *call.args))


def _kind(value: object) -> str:
    if isinstance(value, (list, tuple, set)):
        inner = ", ".join(sorted({_kind(each) for each in value}))
        return f"{type(value).__name__}[{inner}]"
    return type(value).__name__
