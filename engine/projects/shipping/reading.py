"""Reads YAML with the line of every value; what anybody wrote is bounded, and never more than data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from engine.domain import Finding
from engine.projects.shipping.wrong import wrong

if TYPE_CHECKING:
    from ruamel.yaml.nodes import Node, ScalarNode

Yaml: TypeAlias = "dict[str, Yaml] | list[Yaml] | str | int | float | bool | None"
Steps: TypeAlias = "tuple[str | int, ...]"

MOST_CHARACTERS = 150_000
MOST_VALUES = 30_000
"""Of one file, each counted as often as an alias repeats it."""
MOST_NESTED = 60
_TAG = "tag:yaml.org,2002:"
_OLD_TRUTHS = {"yes": True, "on": True, "no": False, "off": False}


class Document(NamedTuple):
    """One document of a file."""

    path: str
    value: Yaml
    lines: Mapping[Steps, int]
    """Line, from 1, by the steps that lead to a value."""

    def line(self, *steps: str | int) -> int:
        """Where the value stands to which *steps* lead, or the last one on the way to it that there is."""
        for end in range(len(steps), 0, -1):
            if steps[:end] in self.lines:
                return self.lines[steps[:end]]
        return self.lines.get((), 1)


class Reading(NamedTuple):
    documents: tuple[Document, ...] = ()
    faults: tuple[Finding, ...] = ()


class _Unfit(Exception):
    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line
        self.why = why


def read(path: str, text: str, *, old_truths: bool = False) -> Reading:
    """The documents of the file *path*, by the rules of YAML 1.2; with *old_truths*, ``yes`` and ``on`` are truths, as they
    are to Kubernetes.
    """
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415 (slow to import)

    if len(text) > MOST_CHARACTERS:
        return _unread(path, None, f"it is longer than {MOST_CHARACTERS:,} characters")
    try:
        made = tuple(_documents(path, text, old_truths=old_truths))
    except _Unfit as unfit:
        return _unread(path, unfit.line, unfit.why)
    except MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        return _unread(path, line, f"it is no YAML: {error.problem or error.context}")
    except (YAMLError, ValueError, RecursionError) as error:
        why = str(error).splitlines()[0] if not isinstance(error, RecursionError) else "it is nested too deeply"
        return _unread(path, None, f"it is no YAML: {why}")
    return Reading(documents=made) if made else _unread(path, None, "it is empty")


def _documents(path: str, text: str, *, old_truths: bool) -> Iterator[Document]:
    from ruamel.yaml import YAML  # noqa: PLC0415 (slow to import)

    for node in YAML(typ="safe", pure=True).compose_all(text):
        if node is not None:
            maker = _Maker(old_truths=old_truths)
            yield Document(path, maker.value(node, ()), maker.lines)


def _unread(path: str, line: int | None, why: str) -> Reading:
    return Reading(faults=(wrong(path, line, "yaml", why),))


class _Maker:
    """From the nodes of one document to values, with their lines."""

    def __init__(self, *, old_truths: bool) -> None:
        self.lines: dict[Steps, int] = {}
        self._old_truths = old_truths
        self._left = MOST_VALUES

    def value(self, node: Node, steps: Steps) -> Yaml:
        from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode  # noqa: PLC0415 (slow to import)

        line = node.start_mark.line + 1
        self.lines.setdefault(steps, line)
        self._left -= 1
        if self._left < 0:
            raise _Unfit(line, f"it has more than {MOST_VALUES:,} values")
        if len(steps) > MOST_NESTED:
            raise _Unfit(line, f"it is nested more than {MOST_NESTED} deep")
        if isinstance(node, ScalarNode):
            return self._scalar(node, line)
        if not str(node.tag).startswith(_TAG):
            raise _Unfit(line, f"the tag {node.tag} means nothing here")
        if isinstance(node, SequenceNode):
            return [self.value(each, (*steps, index)) for index, each in enumerate(node.value)]
        assert isinstance(node, MappingNode)  # noqa: S101  # there are three kinds
        return self._mapping(node, steps)

    def _mapping(self, node: Node, steps: Steps) -> dict[str, Yaml]:
        made: dict[str, Yaml] = {}
        merged: dict[str, Yaml] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = key.value
            if not isinstance(name, str):
                raise _Unfit(line, "a key is a map or a list: only texts may be keys")
            if name == "<<":
                parts = self.value(value, (*steps, name))
                for part in parts if isinstance(parts, list) else [parts]:
                    merged = {**(part if isinstance(part, dict) else {}), **merged}
                continue
            if name in made:
                raise _Unfit(line, f"the key {name} is there twice")
            self.lines[*steps, name] = line
            made[name] = self.value(value, (*steps, name))
        return {**merged, **made}

    def _scalar(self, node: ScalarNode, line: int) -> Yaml:
        text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
        plain = node.style is None
        if self._old_truths and plain and text.lower() in _OLD_TRUTHS:
            return _OLD_TRUTHS[text.lower()]
        match kind:
            case "null":
                return None
            case "bool":
                return text.lower() in {"true", "yes", "on", "y"}
            case "int":
                digits = text.replace("_", "").lower()
                return int(digits, 0) if digits.lstrip("+-").startswith(("0x", "0o", "0b")) else int(digits)
            case "float":
                return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
            case "str" | "timestamp" | "value":
                return text
        raise _Unfit(line, f"the tag {node.tag} means nothing here")


def texts_of(value: Yaml, steps: Steps = ()) -> Iterator[tuple[Steps, str]]:
    """All texts in *value*, each with the steps that lead to it."""
    match value:
        case str():
            yield steps, value
        case dict():
            for name, inner in value.items():
                yield from texts_of(inner, (*steps, name))
        case list():
            for index, inner in enumerate(value):
                yield from texts_of(inner, (*steps, index))
