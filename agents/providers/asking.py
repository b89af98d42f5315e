"""What every provider does around its one call: the budget, the patience, the shape it asks for, the answer's checking."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from time import monotonic
from typing import Any, Generic, Literal, TypeVar

from pydantic import SecretStr

from agents.base import Allowance, Completion, Message, S, Usage, Value
from agents.errors import Refused
from agents.prices import PriceTable, Tokens
from agents.providers.replies import completed, strict_schema
from agents.providers.turned_away import Door, Rejection, turn_away, without_secrets
from agents.retrying import CallFailed, Patience, patiently
from agents.spending import in_time, output_ceiling

NO_KEY = "no-key-needed"
"""Sent to a local server that wants none: both clients insist on some key, and would search the machine for one."""

Shape = Literal["schema", "tool", "text"]
"""How an answer is asked for: by the API's own structured output, by a forced tool call, or in words."""
_NEXT: dict[Shape, Shape] = {"schema": "tool", "tool": "text"}


class Question(Value):
    """One call to make."""

    messages: tuple[Message, ...]
    schema_: dict[str, Any]
    """JSON schema of the answer, as a provider's strict mode wants it."""
    shape: Shape
    most_tokens: int
    seconds: float


class Reply(Value):
    """What came back from one call that was answered."""

    text: str
    """Where the answer is looked for: the model's words, or the arguments of its tool call."""
    model: str
    tokens: Tokens | None
    """None where the server did not count."""
    cut: bool = False
    """It ended at the token limit."""
    declined: str | None = None
    """Why the model refused, in its own or its vendor's words."""


class TurnedAway(Exception):
    """The API answered with an error."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.error)
        self.rejection = rejection


C = TypeVar("C", bound=AbstractAsyncContextManager[Any])


class Asking(ABC, Generic[C]):
    """A `Provider` whose subclass only knows how to make one call through its vendor's client, a `C`.

    What a server turned out not to support is remembered, so that it is found out once.
    """

    name: str
    model: str

    def __init__(
        self, *, model: str, door: Door, key: SecretStr | None, prices: PriceTable, patience: Patience
    ) -> None:
        self.model = model
        self._door = door
        self._key = key
        self._prices = prices
        self._patience = patience
        self._shape: Shape = "schema"

    @abstractmethod
    def _connect(self) -> C:
        """The client. Runs in a thread: to import one takes about a second, to make one a tenth."""

    @abstractmethod
    async def _call(self, client: C, question: Question) -> Reply:
        """Make one call.

        Raises:
            CallFailed: The connection failed, or the server failed for now inside an answer.
            TurnedAway: The API answered with an error.
        """

    @abstractmethod
    def _learn(self, rejection: Rejection) -> bool:
        """Whether *rejection* is about a feature that this server lacks, and another way is left to ask."""

    async def complete(self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance) -> Completion[S]:
        """As `Provider.complete` promises; in addition `NothingToOffer` where the budget pays for no answer."""
        ceiling = output_ceiling(self.name, messages, allowance, self._prices.of(self.model))
        strict = strict_schema(schema)

        async def once(client: C, seconds: float) -> Reply:
            async with _deadline(seconds):
                while True:
                    question = Question(
                        messages=tuple(messages),
                        schema_=strict,
                        shape=self._shape,
                        most_tokens=ceiling,
                        seconds=seconds,
                    )
                    try:
                        return await self._call(client, question)
                    except TurnedAway as turned:
                        rejection = turned.rejection
                    if not self._learn(rejection):
                        turn_away(self._door, rejection, self._key)

        end = monotonic() + in_time(allowance)
        async with await asyncio.to_thread(self._connect) as client:
            seconds = max(0.05, end - monotonic())
            reply, spent = await patiently(self.name, partial(once, client), seconds=seconds, patience=self._patience)
        usage = spent + self._billed(reply)
        if reply.declined is not None:
            said = without_secrets(reply.declined, self._key)
            raise Refused(self.name, f"the model declined{f': {said}' if said else ''}", usage=usage)
        cut_at = usage.output_tokens if reply.cut else None
        return completed(self.name, reply.text, schema, cut_at=cut_at, model=reply.model, usage=usage)

    def _step_down(self) -> bool:
        """Ask in the next simpler shape from now on."""
        self._shape = _NEXT[self._shape]
        return True

    def _billed(self, reply: Reply) -> Usage:
        if reply.tokens is None:
            return Usage(calls=1, priced=False)
        known = reply.model if self._prices.of(reply.model) else self.model
        return self._prices.usage(known, reply.tokens)


@asynccontextmanager
async def _deadline(seconds: float) -> AsyncIterator[None]:
    """Ends the block after *seconds*: a client's own time-out starts anew with every byte that drips in."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise timed_out(seconds) from None


def timed_out(seconds: float) -> CallFailed:
    return CallFailed(f"a time-out (after {seconds:.3g} s)", out_of_time=True)
