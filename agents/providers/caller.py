"""The model of the client that called us: no key of ours, no bill to us, and no way to reach it but through its own call."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from agents.base import Allowance, Completion, Message, S, Usage
from agents.borrowed import Ask, Declined, Question
from agents.errors import NothingToOffer, ProviderUnavailable, Refused
from agents.prompts import fill
from agents.providers.replies import completed, strict_schema
from agents.spending import in_time, output_ceiling

MOST_QUESTIONS = 8
"""To one run: the protocol lets a client answer ten times within one call, and gives up then."""
MOST_TOKENS = 16_000
"""Of a reply: what the clients' own hosts will bear varies, and few let it be more."""


class CallerProvider:
    """A `Provider` over the client's own model. How many tokens that took, or what it cost there, nobody tells."""

    name = "client"

    def __init__(self, ask: Ask, *, most: int = MOST_QUESTIONS) -> None:
        """Ask by way of *ask*, at most *most* times."""
        self.model = "the client's own"
        self._ask = ask
        self._left = most
        self._most = most

    async def complete(self, messages: Sequence[Message], schema: type[S], *, allowance: Allowance) -> Completion[S]:
        """As `Provider.complete` promises; in addition `NothingToOffer` where it was asked often enough."""
        if self._left <= 0:
            raise NothingToOffer(
                self.name,
                f"the client's model was asked {self._most} times, the most in one run",
                hint="start another run, or give the server a key of its own",
            )
        ceiling = min(MOST_TOKENS, output_ceiling(self.name, messages, allowance, None))
        shape = Message(role="user", content=fill("answer_schema", schema=json.dumps(strict_schema(schema))))
        question = Question(messages=(*messages, shape), most_tokens=ceiling)
        self._left -= 1
        usage = Usage(calls=1, priced=False)
        try:
            async with asyncio.timeout(max(0.05, in_time(allowance))):
                said = await self._ask(question)
        except TimeoutError:
            raise ProviderUnavailable(
                self.name,
                f"the client brought no reply of its model within {allowance.seconds:.3g} s",
                hint="call get_run in time, which carries the question, or allow more `seconds`",
            ) from None
        except Declined as declined:
            raise Refused(self.name, declined.what) from None
        cut_at = ceiling if said.cut else None
        return completed(self.name, said.text, schema, cut_at=cut_at, model=said.model, usage=usage)
