"""A recorded session of a whole build: what each role would have said, for demonstrations, tests and replays.

The file is a JSON object. A key names a role and, after a colon, its component: ``architect``, ``backend:shop-api``,
``qa``; a role alone serves every component of it that has no key of its own. Its value is the list of replies, each a text
or an object that stands for its JSON text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from pydantic import JsonValue, TypeAdapter

from agents.architect import ModelArchitect
from agents.builder import ModelBuilder
from agents.building import Assignment, Delivery
from agents.errors import NothingToOffer
from agents.plans.commission import Commission, Proposal
from agents.plans.plan import Role
from agents.replying import RepliesUnreadable, ScriptedProvider, as_text, read_recorded
from agents.roles import CARDS

_LONGEST = 32 * 2**20
"""Bytes of a file."""
_SESSION: TypeAdapter[dict[str, list[JsonValue]]] = TypeAdapter(dict[str, list[JsonValue]])
ARCHITECT = "architect"


class Session:
    """Replies by who gives them."""

    def __init__(self, replies: Mapping[str, Sequence[str]]) -> None:
        self._replies = replies

    @classmethod
    def read(cls, path: Path) -> Self:
        """The session in the file *path*.

        Raises:
            RepliesUnreadable: There is no such file, or it is none.
        """
        told = read_recorded(path, _SESSION, what="session", form="object of lists of replies", longest=_LONGEST)
        known = {ARCHITECT, *CARDS}
        if strange := sorted(key for key in told if key.partition(":")[0] not in known):
            raise RepliesUnreadable(
                f"session {str(path)!r} has replies of {strange[0]!r}, which is no role: {', '.join(sorted(known))}"
            )
        return cls({key: list(map(as_text, replies)) for key, replies in told.items()})

    def architect(self) -> SessionArchitect:
        return SessionArchitect(self._replies.get(ARCHITECT, ()))

    def builder(self, role: Role, component: str) -> SessionBuilder:
        """Of a role's part."""
        key = f"{role}:{component}"
        return SessionBuilder(role, key, self._replies.get(key, self._replies.get(role, ())))


class SessionArchitect:
    """An `Architect` whose reply to a commission is the one after those that were refused."""

    name = "scripted"

    def __init__(self, replies: Sequence[str]) -> None:
        self._replies = replies

    async def plan(self, commission: Commission) -> Proposal:
        """As `Architect.plan` promises."""
        at = len(commission.refused)
        if at >= len(self._replies):
            raise NothingToOffer(self.name, f"the session has {len(self._replies)} plans, and this is {at + 1}")
        return await ModelArchitect(ScriptedProvider(self._replies[at : at + 1])).plan(commission)


class SessionBuilder:
    """A `Builder` that answers assignment number N with reply number N, however often it was begun anew."""

    name = "scripted"

    def __init__(self, role: Role, key: str, replies: Sequence[str]) -> None:
        self._role: Role = role
        self._key = key
        self._replies = replies

    async def deliver(self, assignment: Assignment) -> Delivery:
        """As `Builder.deliver` promises."""
        if assignment.number > len(self._replies):
            raise NothingToOffer(
                self.name,
                f"the session has {len(self._replies)} replies of {self._key}, and this is {assignment.number}",
            )
        provider = ScriptedProvider(self._replies[assignment.number - 1 : assignment.number])
        return await ModelBuilder(provider, CARDS[self._role]).deliver(assignment)
