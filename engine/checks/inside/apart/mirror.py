"""Mutable containers that live in both processes at once: whatever one side changes, the other sees at the next message.

A list that a test hands over and the candidate sorts in place is the same list for both; so is one that the candidate
returns and the test appends to. Each side keeps a table of the containers it shares, and sends what has changed since.
"""

from __future__ import annotations

import json
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from typing import Any

from .plain import Decode, Encode, Wire

_TAGS: dict[type, str] = {
    list: "l", dict: "d", set: "s", bytearray: "B", deque: "q", defaultdict: "D", OrderedDict: "O", Counter: "C",
}  # fmt: skip
_TYPES = {tag: kind for kind, tag in _TAGS.items()}
MIRROR_TAGS = frozenset({*_TAGS.values(), "m"})


def is_mirrored(value: object) -> bool:
    """Whether *value* is of a type that lives on both sides."""
    return type(value) in _TAGS


class _Shared:
    __slots__ = ("held", "number", "sent")

    def __init__(self, number: int, held: Any) -> None:
        self.number = number
        self.held = held
        self.sent: str | None = None
        """Its content as both sides know it; None while it is being written or read, when it must not be told of."""


class Mirror:
    """The table of one side. Numbers of the containers that were first seen on this side begin at *first*, every other."""

    def __init__(self, encode: Encode, decode: Decode, *, first: int) -> None:
        self._encode = encode
        self._decode = decode
        self._next = first
        self._by_number: dict[int, _Shared] = {}
        self._by_id: dict[int, _Shared] = {}

    def encode(self, value: object) -> Wire | None:
        """The wire form of a container of an exact type; None where *value* is none."""
        tag = _TAGS.get(type(value))
        if tag is None:
            return None
        known = self._by_id.get(id(value))
        if known is not None:
            return ["m", known.number]
        shared = self._share(self._next, value)
        self._next += 2
        content = self._content(value)
        # once more, because what is inside is now known by its number
        shared.sent = json.dumps(self._content(value))
        return [tag, shared.number, content, *self._extra(value)]

    def decode(self, wire: list[Wire]) -> Any:
        if wire[0] == "m":
            return self._by_number[wire[1]].held
        kind: Callable[..., Any] = _TYPES[wire[0]]
        if kind is deque:
            value: Any = deque(maxlen=self._decode(wire[3]))
        else:
            value = defaultdict(self._decode(wire[3])) if kind is defaultdict else kind()
        shared = self._share(wire[1], value)
        self._fill(value, wire[2])
        shared.sent = json.dumps(self._content(value))
        return value

    def changes(self) -> list[Wire]:
        """What has to be told of each container: ``[number, content]`` where it is not as it was last sent or received,
        with one more element where nobody on this side can see it any more; ``[number]`` where only that is so.
        """
        found: list[Wire] = []
        for shared in list(self._by_number.values()):
            if shared.sent is None:
                continue
            # the table's entry and the argument of this call hold it: whoever else does could still look at it
            unseen = sys.getrefcount(shared.held) <= _UNSEEN
            content = self._content(shared.held)
            text = json.dumps(content)
            if text != shared.sent:
                shared.sent = text
                found.append([shared.number, content, 1] if unseen else [shared.number, content])
            elif unseen:
                found.append([shared.number])
            if unseen:
                self._forget(shared)
        return found

    def apply(self, changes: list[Wire]) -> None:
        """Make the containers of this side what `changes` of the other says."""
        for number, *content in changes:
            shared = self._by_number.get(number)
            if shared is None:
                continue
            if content:
                # hashing what is far asks for it, in the middle of this
                shared.sent = None
                self._fill(shared.held, content[0])
                shared.sent = json.dumps(self._content(shared.held))
            if len(content) != 1:
                self._forget(shared)

    def _share(self, number: int, value: Any) -> _Shared:
        shared = _Shared(number, value)
        self._by_number[number] = self._by_id[id(value)] = shared
        return shared

    def _forget(self, shared: _Shared) -> None:
        del self._by_number[shared.number], self._by_id[id(shared.held)]

    def _content(self, value: Any) -> Wire:
        if type(value) is bytearray:
            return value.decode("latin-1")
        if isinstance(value, dict):
            return [[self._encode(key), self._encode(entry)] for key, entry in value.items()]
        return [self._encode(item) for item in value]

    def _extra(self, value: Any) -> list[Wire]:
        if type(value) is deque:
            return [value.maxlen]
        return [self._encode(value.default_factory)] if type(value) is defaultdict else []

    def _fill(self, value: Any, content: Wire) -> None:
        if type(value) is bytearray:
            value[:] = content.encode("latin-1")
            return
        if isinstance(value, dict):
            entries = [(self._decode(key), self._decode(entry)) for key, entry in content]
            value.clear()
            # one by one: a Counter's update would add
            for key, entry in entries:
                value[key] = entry
            return
        items = [self._decode(item) for item in content]
        value.clear()
        value.update(items) if type(value) is set else value.extend(items)


def _unseen() -> int:
    """What the reference count of a container is that only a mirror's table holds, counted the same way as there."""
    shared = _Shared(0, [])
    for each in [shared]:
        return sys.getrefcount(each.held)
    return 0


_UNSEEN = _unseen()
