"""Models and boxes that tell a run's listener what they did: nothing of what was said or run, only that it was, and how long."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from pydantic import BaseModel

from agents.base import Allowance, Completion, Message, Provider
from agents.errors import AuthorError
from engine.events import BoxClosed, BoxOpened, Listener, ModelAnswered
from engine.summoning import Beginning
from sandboxes.base import Box, Limits

S = TypeVar("S", bound=BaseModel)


class ToldProvider:
    """*provider*, each of whose calls *listener* hears of once it is over."""

    def __init__(self, provider: Provider, listener: Listener) -> None:
        self.name = provider.name
        self.model = provider.model
        self._provider = provider
        self._listener = listener

    async def complete(self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance) -> Completion[S]:
        """As `Provider.complete` promises."""
        begun = time.monotonic()
        try:
            completion = await self._provider.complete(messages, schema, allowance=allowance)
        except BaseException as error:
            told = ModelAnswered(
                author=self.name, model=self.model, seconds=time.monotonic() - begun, error=type(error).__name__
            )
            # what is billed although it could not be used
            billed = {"usage": error.usage} if isinstance(error, AuthorError) else {}
            self._listener(told.model_copy(update=billed))
            raise
        self._listener(
            ModelAnswered(
                author=self.name,
                model=self.model,
                answered_by=completion.model,
                usage=completion.usage,
                seconds=time.monotonic() - begun,
            )
        )
        return completion


class ToldSandbox:
    """*sandbox*, each of whose boxes *listener* hears of when it is had, and when it is given back."""

    def __init__(self, sandbox: Beginning, listener: Listener) -> None:
        self._sandbox = sandbox
        self._listener = listener

    @asynccontextmanager
    async def open(self, *, run_id: str, limits: Limits) -> AsyncIterator[Box]:
        """A box nobody has used; see `sandboxes.base.Sandbox.open`."""
        asked = time.monotonic()
        async with self._sandbox.open(run_id=run_id, limits=limits) as box:
            opened, error = time.monotonic(), ""
            self._listener(BoxOpened(box=box.id, waited=opened - asked))
            try:
                yield box
            except BaseException as raised:
                error = type(raised).__name__
                raise
            finally:
                self._listener(BoxClosed(box=box.id, seconds=time.monotonic() - opened, error=error))

    def begin(self, limits: Limits) -> asyncio.Task[None]:
        return self._sandbox.begin(limits)
