"""A recorded session behind the wire protocols of real models: who asks is told from what they were told to be."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from agents.prompts import fill
from agents.roles import CARDS
from tests.builds.recording import Session
from tests.wire.anthropic import AnthropicWire
from tests.wire.behaviours import Behaviour, Fails, Says
from tests.wire.openai import OpenAIWire
from tests.wire.server import Request, WireServer

_PART = re.compile(r"Your part: the component ([a-z0-9-]+)\.")


class SessionWire(WireServer):
    """Answers each agent with the next of its replies, and turns it away after the last one."""

    def __init__(self, session: Session) -> None:
        super().__init__(Fails(500))
        self.asked: Counter[str] = Counter()
        """How often, by who was asked."""
        self._session = session

    def next_behaviour(self, request: Request) -> Behaviour:
        key = key_of(request.body)
        self.asked[key] += 1
        replies = self._session[key]
        if self.asked[key] > len(replies):
            return Fails(400, "invalid_request_error", f"{key} has said all {len(replies)} replies")
        reply = replies[self.asked[key] - 1]
        return Says(reply if isinstance(reply, str) else json.dumps(reply))


class OpenAISession(SessionWire, OpenAIWire):
    pass


class AnthropicSession(SessionWire, AnthropicWire):
    pass


def key_of(body: Mapping[str, Any]) -> str:
    """The key of a session that the agent is known by who asks with *body*."""
    told = "\n".join(_texts([body.get("system"), *(message["content"] for message in body["messages"])]))
    role = next((name for name, card in CARDS.items() if fill(card.prompt).strip() in told), "architect")
    part = _PART.search(told)
    return f"{role}:{part[1]}" if part and role != "architect" else role


def _texts(node: Any) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, Mapping):
        return _texts(node.get("text"))
    return [text for each in node or () for text in _texts(each)]
