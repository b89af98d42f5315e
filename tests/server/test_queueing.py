"""Where calls in the background are queued: settings that would leave them readable, or nowhere, are refused."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadSetting
from engine.settings import Settings
from serving.queueing import queueing

URL = "redis://:secret@127.0.0.1:6379/0"


def test_without_a_redis_they_are_kept_in_memory() -> None:
    """As before: nothing has to be set up."""
    assert queueing(Settings(tasks_url=None)).tasks_url == "memory://"


def test_a_redis_is_used_with_a_key_for_what_it_is_given() -> None:
    """Its address holds a password, so that it is a secret of the settings too."""
    settings = Settings(tasks_url=URL, tasks_key="k" * 32)

    assert queueing(settings).tasks_url == URL
    assert {URL, "k" * 32} <= set(settings.secrets)


@pytest.mark.parametrize(
    ("said", "variable"),
    [
        pytest.param({"tasks_url": URL}, "FASTMCP_TASKS_ENCRYPTION_KEY", id="no key"),
        pytest.param({"tasks_url": "postgres://:secret@a/b", "tasks_key": "k"}, "MENDBOX_TASKS_URL", id="no Redis"),
    ],
)
def test_what_would_be_readable_or_lost_is_refused(said: dict[str, Any], variable: str) -> None:
    """By the variable's name; its value is not said again."""
    with pytest.raises(BadSetting, match=variable) as refused:
        queueing(Settings(**said))

    assert refused.value.name == variable
    assert "secret" not in str(refused.value)
