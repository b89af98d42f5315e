"""Both model protocols side by side: a wire server, and the provider that talks to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from agents.base import Allowance, Brief, Provider
from agents.coder import Coder
from agents.prices import read_prices
from agents.providers.anthropic import AnthropicProvider
from agents.providers.openai import OpenAIProvider
from agents.retrying import Patience
from tests.wire.anthropic import AnthropicWire
from tests.wire.openai import OpenAIWire
from tests.wire.server import KEY, WireServer

QUICK = Patience(first=0.01, most=0.05, jitter=0.0, call=5.0)
WRONG = "def gcd(a, b):\n    return a if b == 0 else gcd(a % b, b)\n"
RIGHT = "def gcd(a, b):\n    return a if b == 0 else gcd(b, a % b)\n"
TEST = "from gcd import gcd\n\n\ndef test_gcd():\n    assert gcd(12, 8) == 4\n"


@dataclass(frozen=True)
class Protocol:
    """One of the two wire protocols."""

    wire: type[WireServer]
    provider: type[OpenAIProvider | AnthropicProvider]
    model: str
    key_variable: str
    model_variable: str

    def to(self, server: WireServer, **changes: Any) -> Provider:
        """The provider that asks *server*."""
        options = {
            "model": self.model,
            "key": SecretStr(KEY),
            "base_url": server.url,
            "prices": read_prices(),
            "patience": QUICK,
        }
        return self.provider(**(options | changes))

    def coder(self, server: WireServer, **changes: Any) -> Coder:
        return Coder(self.to(server, **changes))


OPENAI = Protocol(OpenAIWire, OpenAIProvider, "gpt-6.1-sol", "OPENAI_API_KEY", "MENDBOX_OPENAI_MODEL")
ANTHROPIC = Protocol(
    AnthropicWire, AnthropicProvider, "claude-sonnet-5-5", "ANTHROPIC_API_KEY", "MENDBOX_ANTHROPIC_MODEL"
)


def brief(**changes: Any) -> Brief:
    """What an author is told of a gcd that recurses for ever."""
    facts: dict[str, Any] = {
        "goal": "make the tests pass",
        "files": {"gcd.py": WRONG},
        "tests": {"test_gcd.py": TEST},
        "failure": "RecursionError: maximum recursion depth exceeded",
        "failing": ("test_gcd.py::test_gcd",),
        "allowance": Allowance(seconds=5.0),
    }
    return Brief(**(facts | changes))
