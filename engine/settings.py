"""Every setting, read once at the edge. The names below, in capitals and behind ``MENDBOX_``, are environment variables."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings, SettingsConfigDict

from engine.domain import Budget
from engine.errors import BadSetting
from sandboxes.base import Limits


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("mendbox", appauthor=False))


class Settings(BaseSettings):
    """Frozen; made once by the command line, the server or the caller, and handed on."""

    model_config = SettingsConfigDict(env_prefix="MENDBOX_", frozen=True, extra="ignore", env_ignore_empty=True)

    data_dir: Path = Field(default_factory=_data_folder)
    """Where the journal and the memory are kept."""

    runtime: str | None = None
    """OCI runtime for the boxes, such as runsc or kata; the engine's default where unset."""
    image: str | None = None
    """A ready image to use instead of building one."""
    base_image: str = "debian:trixie-slim"
    """Base of the sandbox image where a registry is reachable; `none` builds it from Debian packages at once."""
    debian_mirror: str | None = None
    """Mirror for the base that is built from Debian packages; the system's usual one where unset."""

    envs_mib: int = Field(default=10_000, ge=0)
    """What all environments with projects' packages may take on the engine, MiB, beside the sandbox image; those used
    longest ago go first. One that was used within the last hour stays all the same."""

    memory_mib: int = 512
    cpus: float = 1.0
    processes: int = 128
    work_mib: int = 64
    """Limits of a box; see `sandboxes.base.Limits` for each."""
    attempts: int = 6
    seconds: float = 300.0
    test_seconds: float = 20.0
    tokens: int | None = 400_000
    usd: float | None = 1.0
    """Budget of a run; see `engine.domain.Budget` for each."""

    pool: int | None = Field(default=None, ge=0, le=256)
    """Boxes that are kept ready, started and warm; 0 makes none before it is asked for. Where unset, `mendbox serve`
    keeps four, or as many as the machine has cores, and anything else has the next box made while one is used."""
    boxes: int | None = Field(default=None, ge=2, le=1_024)
    """Boxes of one process at a time, ready ones included; half as many runs have boxes, and others wait. Where unset,
    two for every core and two more, as far as three quarters of the memory hold them."""
    parallel_runs: int | None = Field(default=None, ge=1)
    """Runs of one process that have boxes at a time, where that is to be fewer than half as many as there may be boxes;
    others wait for their turn, and are told how many are before them."""

    openai_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OPENAI_API_KEY"))
    openai_base_url: str | None = Field(default=None, validation_alias=AliasChoices("OPENAI_BASE_URL"))
    """Any server that speaks the OpenAI chat API; set it without a key for a local model."""
    openai_model: str = "gpt-6.1-sol"
    anthropic_api_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("ANTHROPIC_API_KEY"))
    anthropic_base_url: str | None = Field(default=None, validation_alias=AliasChoices("ANTHROPIC_BASE_URL"))
    anthropic_model: str = "claude-sonnet-5-5"
    context_tokens: int = Field(default=60_000, ge=2_000, le=2_000_000)
    """About how many tokens of a project a model is shown at once: what matters for the failing tests, by
    `agents.context`."""
    looks: int = Field(default=6, ge=0, le=50)
    """How many replies of a model may ask to read, search or run something in a project before it answers."""
    prices: Path | None = None
    """JSON file with prices that override or extend the built-in table."""

    memory: bool = True
    """Whether verified repairs are remembered and shape what later runs try first; ``MENDBOX_MEMORY=off`` does neither."""

    log_level: Literal["debug", "info", "warning", "error"] = "warning"

    @property
    def serving(self) -> Settings:
        """The same for a process that stays: boxes are kept ready."""
        if self.pool is not None:
            return self
        # four, because a run asks for three or four one after the other
        return self.model_copy(update={"pool": max(4, os.cpu_count() or 1)})

    @property
    def once(self) -> Settings:
        """The same for a process that ends with its one run: no box is made that the run does not use."""
        return self.model_copy(update={"pool": None}) if self.pool else self

    @property
    def limits(self) -> Limits:
        return Limits(memory_mib=self.memory_mib, cpus=self.cpus, processes=self.processes, work_mib=self.work_mib)

    @property
    def budget(self) -> Budget:
        return Budget(
            attempts=self.attempts,
            seconds=self.seconds,
            tokens=self.tokens,
            usd=self.usd,
            test_seconds=self.test_seconds,
        )

    @property
    def secrets(self) -> tuple[str, ...]:
        """Values that must never be shown; for the logs to take out."""
        keys = (self.openai_api_key, self.anthropic_api_key)
        return tuple(key.get_secret_value() for key in keys if key is not None)


def load_settings() -> Settings:
    """The settings of this process's environment.

    Raises:
        BadSetting: A variable has a value it cannot have; names the first one. The value is never shown: it may be a
            key that was put into the wrong variable.
    """
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise _bad_setting(str(first["loc"][0]), first["msg"]) from None
    for made in ("limits", "budget"):
        # They have bounds of their own, which show only when they are made.
        try:
            getattr(settings, made)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise _bad_setting(str(first["loc"][0]), first["msg"]) from None
    return settings


def _bad_setting(name: str, message: str) -> BadSetting:
    variable = name if name.isupper() else f"MENDBOX_{name.upper()}"
    return BadSetting(
        variable,
        f"{variable}: {message[:1].lower()}{message[1:]}",
        hint=f"correct it, or unset it for the default{_default(name)}",
    )


def _default(name: str) -> str:
    field = Settings.model_fields.get(name)
    return "" if field is None or field.default in (None, PydanticUndefined) else f" {field.default!r}"
