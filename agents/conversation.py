"""One question to a model, and the rounds in which it looks before it answers: bounded, paid once, all of it counted."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from time import monotonic
from typing import TypeVar

from pydantic import BaseModel

from agents.answering import NotApplicable, apply
from agents.base import Allowance, Brief, Draft, Message, Provider, Steps, Usage, Value
from agents.context.tokens import CHARACTERS_PER_TOKEN
from agents.errors import AuthorError, NothingToOffer, UnusableReply
from agents.looking.looker import MOST_OF_ROUND, Looker, Seen, told
from agents.looking.requests import MOST_REQUESTS, LastTurn, Request, Turn, in_words
from agents.prompts import excerpt, fill
from agents.telling import told_after

SHARE_OF_SECONDS = 0.6
"""Of the allowance, after which nothing more is looked at: the answer takes time too, and so does the judge."""
_REPLY_TOKENS = 4_000
"""Of an answer, when it is estimated what another round would cost."""
_SAID = 4_000
"""Characters of a reply of no use that a model is shown again."""

T = TypeVar("T", bound=BaseModel)


class Heard(Value):
    """One reply: a turn, or why it is none."""

    turn: Turn | None = None
    reply: str = ""
    """What was said instead, bounded."""
    unusable: str = ""
    model: str
    usage: Usage


class Conversation:
    """Asks until there is an answer, or there may not be looked any more."""

    def __init__(
        self,
        brief: Brief,
        provider: Provider,
        *,
        looker: Looker,
        most: int,
        steps: Steps | None,
        tell: Callable[[str], None] | None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """*most* is how many replies may be no answer; with 0, the first reply counts. *clock* tells seconds."""
        self._brief = brief
        self._provider = provider
        self._looker = looker
        self._most = most
        # a single question is kept with its draft
        self._steps = steps if most else None
        self._tell = tell
        self._clock = clock
        self._begun = clock()
        self._spent = Usage()
        self._latest = Usage()
        self._key = _key_of(brief, provider)

    async def hold(self, opening: Sequence[Message]) -> Draft:
        """The draft that comes of it. What it raises knows what was spent until then."""
        rounds: list[Message] = []
        try:
            return await self._hold(tuple(opening), rounds)
        except NothingToOffer as error:
            if not self._spent.calls:
                raise
            why = f"the budget was used up while it looked: {error.what}"
            nothing = Heard(model=self._provider.model, usage=Usage())
            return self._draft(nothing, len(rounds) // 2, unusable=why)
        except AuthorError as error:
            error.usage += self._spent
            raise

    async def _hold(self, opening: tuple[Message, ...], since: list[Message]) -> Draft:
        """*since* is what was said in the rounds until now: of each the reply, and what came of it."""
        while True:
            rounds = len(since) // 2
            final = rounds >= self._most
            heard = await self._ask(opening, since, final=final)
            self._spent += heard.usage
            self._latest = heard.usage
            why = heard.unusable
            if heard.turn is not None and not heard.turn.requests:
                try:
                    files = apply(heard.turn.answer, self._brief.files, self._brief.tests)
                except NotApplicable as error:
                    why = str(error)
                else:
                    return self._draft(heard, rounds, files=files, note=heard.turn.note)
            if final or (why and not self._affords([*opening, *since])):
                return self._draft(heard, rounds, unusable=why or "it asked to look instead of giving its answer")
            since += await self._answered(heard, why, rounds + 1)

    def _draft(
        self, heard: Heard, rounds: int, *, files: dict[str, str] | None = None, note: str = "", unusable: str = ""
    ) -> Draft:
        return Draft(
            files=self._brief.files if files is None else files,
            note=note,
            author=self._provider.name,
            model=heard.model,
            usage=self._spent,
            rounds=rounds,
            unusable=unusable,
        )

    async def _ask(self, opening: Sequence[Message], since: Sequence[Message], *, final: bool) -> Heard:
        said = _marked(opening, since)
        if not final and not self._affords(said):
            said.append(Message(role="user", content=fill("coder_last")))
            final = True

        async def effect() -> Heard:
            try:
                if final:
                    last = await self._provider.complete(said, LastTurn, allowance=self._left())
                    turn = Turn(note=last.answer.note, edits=last.answer.edits, files=last.answer.files)
                    return Heard(turn=turn, model=last.model, usage=last.usage)
                completion = await self._provider.complete(said, Turn, allowance=self._left())
            except UnusableReply as error:
                return Heard(
                    reply=error.reply[:_SAID], unusable=error.what, model=self._provider.model, usage=error.usage
                )
            return Heard(turn=completion.answer, model=completion.model, usage=completion.usage)

        # Neither what may be left out of the task, nor how much of the budget is left: what was paid for counts.
        inputs = "\0".join([self._key, *(message.content for message in since)])
        return await self._kept(f"question to {self._provider.name}", inputs, effect, Heard)

    async def _answered(self, heard: Heard, why: str, rounds: int) -> tuple[Message, Message]:
        """The reply as it was, and what came of it."""
        left = self._most - rounds
        if heard.turn is None or not heard.turn.requests:
            self._say(f"round {rounds} of {self._most}: a reply that could not be used")
            reply = heard.reply.strip() if heard.turn is None else heard.turn.model_dump_json()
            return (
                Message(role="assistant", content=excerpt(reply, _SAID) or "(nothing)"),
                told_after("coder_unfit", why, left=left),
            )
        requests = heard.turn.requests[:MOST_REQUESTS]
        self._say(f"round {rounds} of {self._most}: {'; '.join(map(in_words, requests))}")
        seen = [
            await self._kept(
                "look",
                f"{self._key}|{rounds}|{number}|{request.model_dump_json()}",
                partial(self._see, request),
                Seen,
            )
            for number, request in enumerate(requests)
        ]
        text = told(requests, seen)
        if len(heard.turn.requests) > MOST_REQUESTS:
            text += f"\n\nOnly the first {MOST_REQUESTS} requests were answered."
        return (
            Message(role="assistant", content=heard.turn.model_dump_json()),
            told_after("coder_seen", text, left=left),
        )

    async def _see(self, request: Request) -> Seen:
        return await self._looker.see(request, left=self._left().seconds)

    async def _kept(self, kind: str, inputs: str, effect: Callable[[], Awaitable[T]], model: type[T]) -> T:
        if self._steps is None:
            return await effect()
        return await self._steps(kind, hashlib.sha256(inputs.encode()).hexdigest(), effect, model)

    def _affords(self, said: Sequence[Message]) -> bool:
        """Whether another round can be paid for, and an answer after it."""
        allowance, left = self._brief.allowance, self._left()
        question = int(sum(len(message.content) for message in said) / CHARACTERS_PER_TOKEN)
        seen = int(MOST_OF_ROUND / CHARACTERS_PER_TOKEN)
        return (
            left.seconds > allowance.seconds * (1 - SHARE_OF_SECONDS)
            and (left.tokens is None or left.tokens > 2 * question + seen + 2 * _REPLY_TOKENS)
            and (left.usd is None or left.usd > 3 * self._latest.usd)
        )

    def _left(self) -> Allowance:
        allowance = self._brief.allowance
        return Allowance(
            seconds=max(0.5, allowance.seconds - (self._clock() - self._begun)),
            tokens=None if allowance.tokens is None else allowance.tokens - self._spent.tokens,
            usd=None if allowance.usd is None else max(0.0, allowance.usd - self._spent.usd),
        )

    def _say(self, message: str) -> None:
        if self._tell is not None:
            self._tell(message)


def _marked(opening: Sequence[Message], since: Sequence[Message]) -> list[Message]:
    """All that was said, the latest of it marked: the question after this one begins with it, and marks are few."""
    if not since:
        return list(opening)
    return [*opening, *since[:-1], since[-1].model_copy(update={"cache": True})]


def _key_of(brief: Brief, provider: Provider) -> str:
    """The same for a run that goes on: what may have changed meanwhile without changing the task is left out."""
    asked = brief.model_dump_json(exclude={"allowance", "shifts", "lessons", "background", "lead"})
    return hashlib.sha256(f"{provider.name}\0{provider.model}\0{asked}".encode()).hexdigest()
