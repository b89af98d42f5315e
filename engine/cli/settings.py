"""Settings and logs, set up once for every command, at the edge."""

from __future__ import annotations

from engine import logs
from engine.settings import Settings, load_settings


def read_settings(*, stays: bool = False) -> Settings:
    """The settings in force; from here on logs go to stderr, and the keys among the settings stay out of them.

    A process that does not stay keeps no boxes ready, whatever the settings say for those that do.

    Raises:
        BadSetting: A setting has a value it cannot have.
    """
    settings = load_settings()
    logs.configure(settings.logged, settings.secrets)
    return settings if stays else settings.once
