"""The stages of a Dockerfile, with the variables that are known in each put in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.domain import Finding, Value
from engine.projects.shipping.instructions import Instruction, Parsed
from engine.projects.shipping.wrong import wrong

_VARIABLE = re.compile(r"\\\$|\$(?:\{([A-Za-z_][A-Za-z0-9_]*)(?::?([-+])([^}]{0,1000}))?\}|([A-Za-z_][A-Za-z0-9_]*))")
_STAGE = re.compile(r"[a-z][a-z0-9._-]*")
_EXPANDED = frozenset({"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"})


class Stage(Value):
    number: int
    name: str
    """Empty where it has none."""
    base: str
    """An image, or the name of an earlier stage."""
    line: int
    on: int | None
    """Number of the stage that it stands on; None for an image."""
    instructions: tuple[Instruction, ...] = ()
    """Those after its FROM; the words of what the engine expands have their variables put in."""
    variables: Mapping[str, str] = {}
    """What ENV has set by its end."""
    unset: Mapping[str, int] = {}
    """Variables that an instruction uses and nothing has set, with the line."""


class Staged(Value):
    stages: tuple[Stage, ...] = ()
    faults: tuple[Finding, ...] = ()

    def called(self, name: str) -> Stage | None:
        """The stage of that name or number."""
        for stage in self.stages:
            if name in {stage.name, str(stage.number)} and name:
                return stage
        return None


def staged(path: str, parsed: Parsed) -> Staged:
    """*parsed* in its stages."""
    faults: list[Finding] = []
    given: dict[str, str] = {}
    stages: list[Stage] = []
    current: list[Instruction] = []
    for instruction in parsed.instructions:
        if instruction.name == "FROM":
            _close(stages, current, given)
            current = []
            _open(path, instruction, stages, given, faults)
        elif stages:
            current.append(instruction)
        elif instruction.name == "ARG":
            given.update(pairs_of(instruction))
        else:
            message = f"{instruction.name} stands before the first FROM: only ARG may"
            faults.append(wrong(path, instruction.line, "dockerfile/from", message))
    _close(stages, current, given)
    if not stages:
        faults.append(wrong(path, None, "dockerfile/from", "there is no FROM: an image is built on one"))
    return Staged(stages=tuple(stages), faults=tuple(faults))


def _open(
    path: str, instruction: Instruction, stages: list[Stage], given: Mapping[str, str], faults: list[Finding]
) -> None:
    words, line = instruction.words, instruction.line
    unset: dict[str, int] = {}
    base = expanded(words[0], given, unset, line)
    for name in unset:
        message = f"FROM uses {name}, which no ARG before it has with a value"
        faults.append(wrong(path, line, "dockerfile/from", message))
    name = ""
    if len(words) == 3 and words[1].upper() == "AS":
        name = words[2].lower()
        if not _STAGE.fullmatch(name):
            faults.append(wrong(path, line, "dockerfile/stage", f"{words[2]!r} is no name of a stage"))
        if any(stage.name == name for stage in stages):
            faults.append(wrong(path, line, "dockerfile/stage", f"two stages are called {name}"))
    elif len(words) != 1:
        faults.append(wrong(path, line, "dockerfile/syntax", "FROM is written as: FROM IMAGE [AS NAME]"))
    on = next((stage.number for stage in stages if stage.name and stage.name == base.lower()), None)
    stages.append(Stage(number=len(stages), name=name, base=base, line=line, on=on))


def _close(stages: list[Stage], current: list[Instruction], given: Mapping[str, str]) -> None:
    if not stages:
        return
    stage = stages[-1]
    below = stages[stage.on].variables if stage.on is not None else {}
    set_, arguments, unset = dict(below), dict[str, str](), dict[str, int]()
    done = []
    for instruction in current:
        known = {**arguments, **set_}
        if instruction.name == "ARG":
            for name, value in pairs_of(instruction).items():
                arguments[name] = expanded(value or given.get(name, ""), known, {}, instruction.line)
            done.append(instruction)
            continue
        if instruction.name in _EXPANDED:
            # what a base image sets is not known here; in a path, a user or a port it would be a riddle anyway
            lost = {} if instruction.name in {"ENV", "LABEL"} else unset
            put = tuple(expanded(word, known, lost, instruction.line) for word in instruction.words)
            done.append(instruction.model_copy(update={"words": put}))
        else:
            done.append(instruction)
        if instruction.name == "ENV":
            for name, value in pairs_of(instruction).items():
                set_[name] = expanded(value, known, {}, instruction.line)
    stages[-1] = stage.model_copy(update={"instructions": tuple(done), "variables": set_, "unset": unset})


def pairs_of(instruction: Instruction) -> dict[str, str]:
    """What an ENV or an ARG names, with its values; the old form ``ENV NAME value`` as well."""
    text = instruction.text
    if instruction.name == "ENV" and "=" not in text.split(maxsplit=1)[0]:
        name, _, value = text.partition(" ")
        return {name: value.strip()}
    return {name: value for name, _, value in (word.partition("=") for word in instruction.words)}


def expanded(text: str, known: Mapping[str, str], unset: dict[str, int], line: int) -> str:
    """*text* with its variables put in; those that nothing has set are added to *unset*, and come to nothing."""

    def value(match: re.Match[str]) -> str:
        if match[0] == "\\$":
            return "$"
        name = match[1] or match[4]
        found = known.get(name)
        if match[2] == "-":
            return found or match[3]
        if match[2] == "+":
            return match[3] if found else ""
        if found is None:
            unset.setdefault(name, line)
        return found or ""

    return _VARIABLE.sub(value, text)
