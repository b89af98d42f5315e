"""Where calls in the background are queued: in this process, or in a Redis that outlives it."""

from __future__ import annotations

from urllib.parse import urlsplit

from engine.errors import BadSetting
from engine.settings import Settings
from serving.face import Face


def queueing(settings: Settings) -> Face:
    """The queue that *settings* ask for.

    Raises:
        BadSetting: It is no Redis, or what it would be given of the callers could be read there.
    """
    if settings.tasks_url is None:
        return Face()
    url = settings.tasks_url.get_secret_value()
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise BadSetting(
            "MENDBOX_TASKS_URL",
            "MENDBOX_TASKS_URL: this is no Redis",
            hint="such as redis://127.0.0.1:6379/0, or unset it",
        )
    if settings.tasks_key is None:
        raise BadSetting(
            "FASTMCP_TASKS_ENCRYPTION_KEY",
            "FASTMCP_TASKS_ENCRYPTION_KEY: missing, so that Redis would be given the callers' tokens in the clear",
            hint="set it to the output of: openssl rand -hex 32",
        )
    return Face(tasks_url=url)
