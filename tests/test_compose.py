"""compose.yaml sets what the program reads, and asks for each secret instead of bringing one."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMPOSE = (ROOT / "compose.yaml").read_text(encoding="utf-8")
SET = dict(re.findall(r"^      ([A-Z][A-Z_]+): (.+)$", COMPOSE, re.MULTILINE))
BESIDE = {"PORT", "DOCKER_HOST"}
"""Read by the image and by the engine's client."""


def test_every_variable_that_is_set_is_one_that_is_read() -> None:
    """A variable that nothing reads would be a promise."""
    shown = set(re.findall(r"^# ([A-Z][A-Z0-9_]*)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))

    assert {"MENDBOX_BEARER_TOKEN", "MENDBOX_TASKS_URL", "PORT"} <= set(SET)
    assert set(SET) - shown == BESIDE


def test_no_secret_has_a_value_there() -> None:
    """Whoever starts it without making them is told so, and nothing runs with one that everybody knows."""
    for name in ("MENDBOX_BEARER_TOKEN", "FASTMCP_TASKS_ENCRYPTION_KEY"):
        assert SET[name].startswith(f"${{{name}:?")
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        assert SET[name] == f"${{{name}:-}}"


def test_only_this_machine_reaches_the_port() -> None:
    """It speaks plain HTTP: others come by a proxy."""
    assert re.findall(r'- "([^"]+:8000)"', COMPOSE) == ["127.0.0.1:8000:8000"]
