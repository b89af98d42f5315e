"""Settings and logs, set up once for every command, at the edge."""

from __future__ import annotations

from engine import logs
from engine.settings import Settings


def read_settings() -> Settings:
    """The settings in force; from here on logs go to stderr, and the keys among the settings stay out of them.

    Raises:
        pydantic.ValidationError: A setting has a value it cannot have.
    """
    settings = Settings()
    keys = (settings.openai_api_key, settings.anthropic_api_key)
    logs.configure(settings.log_level, secrets=[key.get_secret_value() for key in keys if key])
    return settings
