"""Every setting, read once at the edge. The names below, in capitals and behind ``MENDBOX_``, are environment variables."""

from __future__ import annotations

import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import AliasChoices, Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticUndefined
from pydantic_settings import NoDecode, SettingsConfigDict

from engine.domain import Budget
from engine.errors import BadSetting
from engine.signin import SignIn
from sandboxes.base import Limits

AGENTS = 4
"""Where ``MAX_AGENTS`` does not say otherwise."""


def _data_folder() -> Path:
    return Path(platformdirs.user_data_dir("mendbox", appauthor=False))


class Settings(SignIn):
    """Frozen; made once by the command line, the server or the caller, and handed on. Who may sign in: `SignIn`."""

    model_config = SettingsConfigDict(
        env_prefix="MENDBOX_", frozen=True, extra="ignore", env_ignore_empty=True, populate_by_name=True
    )

    data_dir: Path = Field(default_factory=_data_folder)
    """Where the journal and the memory are kept."""

    runtime: str | None = None
    """OCI runtime for the boxes, such as runsc or kata; the engine's default where unset."""
    image: str | None = None
    """A ready image to use instead of building one."""
    node_image: str | None = None
    """The same for boxes with Node.js and a browser."""
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
    parallel_runs: int | None = Field(
        default=None, ge=1, validation_alias=AliasChoices("MENDBOX_PARALLEL_RUNS", "MAX_AGENTS")
    )
    """Runs of one process that have boxes at a time, each with its author at work, where that is to be fewer than half
    as many as there may be boxes; others wait for their turn, and are told how many are before them. Also how many of
    those who build one project are asked at a time: four where unset."""

    healing: bool = Field(default=True, validation_alias=AliasChoices("HEALING_ENABLED", "MENDBOX_HEALING"))
    """Whether authors are asked at all; where not, a run that was to mend something only judges it."""

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

    tasks_url: SecretStr | None = Field(default=None)
    """Redis that holds the calls in the background, such as ``redis://127.0.0.1:6379/0``, for them to outlive the server;
    this process's memory where unset."""
    tasks_key: SecretStr | None = Field(default=None, validation_alias=AliasChoices("FASTMCP_TASKS_ENCRYPTION_KEY"))
    """Encrypts what Redis is given of who called: without it, their tokens would be readable there."""

    end_seconds: float = Field(default=4.0, gt=0, le=3_600)
    """What a server that is told to end may take to stop its runs and remove their boxes, seconds; what is left then
    goes at the next start."""

    log_level: Literal["debug", "info", "warning", "error"] = "warning"
    debug: bool = Field(default=False, validation_alias=AliasChoices("DEBUG", "MENDBOX_DEBUG"))
    """Log all there is, as masked as ever; what other programs mean by ``DEBUG=NAME`` is not meant for this one."""

    analytics: bool = Field(default=True, validation_alias=AliasChoices("ANALYTICS_ENABLED", "MENDBOX_ANALYTICS"))
    """Whether a server counts the calls it is asked and the runs it does, in `data_dir`; never what is in them."""
    analytics_days: float = Field(default=30.0, gt=0, le=3_650)
    """How long what was counted is kept."""
    cequence_mcp_url: str | None = Field(default=None, validation_alias=AliasChoices("CEQUENCE_MCP_URL"))
    cequence_mcp_token: SecretStr | None = Field(default=None, validation_alias=AliasChoices("CEQUENCE_MCP_TOKEN"))
    """The MCP server of a Cequence AI Gateway, which is asked what it saw; both or none."""
    metrics_token: SecretStr | None = None
    """Bearer token with which ``/metrics`` may be read, beside whoever has the scope ``mendbox:admin``."""
    trusted_proxy_cidrs: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = Field(
        default=(), validation_alias=AliasChoices("TRUSTED_PROXY_CIDRS", "MENDBOX_TRUSTED_PROXY_CIDRS")
    )
    """Networks, separated by commas, whose requests come from a gateway of yours: its ``x-request-id`` is taken over."""
    otlp_endpoint: str | None = Field(default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_ENDPOINT"))
    otlp_traces_endpoint: str | None = Field(
        default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    )
    otlp_metrics_endpoint: str | None = Field(
        default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")
    )
    otlp_headers: SecretStr | None = Field(default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_HEADERS"))
    otlp_protocol: str | None = Field(default=None, validation_alias=AliasChoices("OTEL_EXPORTER_OTLP_PROTOCOL"))
    otel_traces: str = Field(default="otlp", validation_alias=AliasChoices("OTEL_TRACES_EXPORTER"))
    otel_metrics: str = Field(default="otlp", validation_alias=AliasChoices("OTEL_METRICS_EXPORTER"))
    otel_disabled: bool = Field(default=False, validation_alias=AliasChoices("OTEL_SDK_DISABLED"))
    """Where a server sends traces and metrics, by OTLP over HTTP; nowhere while no endpoint is set. OpenTelemetry's other
    variables are read by its own SDK."""

    @field_validator("debug", mode="before")
    @classmethod
    def _is_debug(cls, said: object) -> object:
        return said.strip().lower() in {"1", "true", "t", "yes", "y", "on"} if isinstance(said, str) else said

    @field_validator("trusted_proxy_cidrs", mode="before")
    @classmethod
    def _networks(cls, said: object) -> object:
        return [part.strip() for part in said.split(",") if part.strip()] if isinstance(said, str) else said

    def exports(self, signal: Literal["traces", "metrics"]) -> bool:
        """Whether *signal* may leave by OTLP, where there is an endpoint for it."""
        said = self.otel_traces if signal == "traces" else self.otel_metrics
        return not self.otel_disabled and "otlp" in {part.strip().lower() for part in said.split(",")}

    @property
    def logged(self) -> Literal["debug", "info", "warning", "error"]:
        """The lowest level that is logged."""
        return "debug" if self.debug else self.log_level

    @property
    def agents(self) -> int:
        """How many who build one project are asked at a time."""
        return self.parallel_runs or AGENTS

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
        told = [value for name in type(self).model_fields if isinstance(value := getattr(self, name), SecretStr)]
        # Of the headers for a collector each value counts by itself, as that is how it would show up.
        headers = self.otlp_headers.get_secret_value().split(",") if self.otlp_headers else []
        told += [bearer.token for bearer in self.bearers]
        return (*(key.get_secret_value() for key in told), *(header.partition("=")[2].strip() for header in headers))


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
    variable = _set_as(name) if name.isupper() else f"MENDBOX_{name.upper()}"
    return BadSetting(
        variable,
        f"{variable}: {message[:1].lower()}{message[1:]}",
        hint=f"correct it, or unset it for the default{_default(name)}",
    )


def _set_as(alias: str) -> str:
    """Under which of its names the setting that is also called *alias* is set."""
    for field in Settings.model_fields.values():
        named = field.validation_alias
        if isinstance(named, AliasChoices) and alias in named.choices:
            return next((str(name) for name in named.choices if os.environ.get(str(name))), alias)
    return alias


def _default(name: str) -> str:
    field = Settings.model_fields.get(name)
    return "" if field is None or field.default in (None, PydanticUndefined) else f" {field.default!r}"
