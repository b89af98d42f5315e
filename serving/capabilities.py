"""What a server can do by its settings, and whether it can do it now: facts that are asked, never remembered from a start."""

from __future__ import annotations

from typing import Literal, Self

from engine.desk import Desk
from engine.settings import Settings
from engine.version import version
from sandboxes.errors import SandboxError
from serving.parts import Answer
from serving.telling import line

CANNOT = (
    "install packages for code that is sent as text: containers have Python with pytest and hypothesis, and Node.js",
    "let code in a container reach the network",
    "write to anybody's files: what is mended comes back as text",
)


class LimitsAnswer(Answer):
    """Of a container, and of a run."""

    memory_mib: int
    cpus: float
    processes: int
    work_mib: int
    attempts: int
    """Candidates that a run judges at most, where a call asks for no other number."""
    seconds: float
    """Of a run, without its wait in the queue."""
    test_seconds: float
    """Of one run of the tests."""
    answer_seconds: float
    """After which a call that waits is answered with what there is."""


class CapabilitiesAnswer(Answer):
    """What this server can do for this client."""

    version: str
    languages: tuple[str, ...]
    authors: tuple[str, ...]
    """Who is asked for a fix, in this order: a search without any model, models that the server has a key for, and your
    own model where you let servers ask it."""
    healing: bool
    """Whether authors are asked at all; else code is only judged."""
    limits: LimitsAnswer
    cannot: tuple[str, ...]
    """What it does not do."""

    @classmethod
    def of(cls, settings: Settings, *, lends: bool, answer_seconds: float) -> Self:
        limits, budget = settings.limits, settings.budget
        models = tuple(
            name
            for name, there in (
                ("openai", settings.openai_api_key or settings.openai_base_url),
                ("anthropic", settings.anthropic_api_key or settings.anthropic_base_url),
                ("client", lends),
            )
            if there
        )
        return cls(
            version=version(),
            languages=("python", "javascript", "typescript"),
            authors=("offline", *models) if settings.healing else (),
            healing=settings.healing,
            limits=LimitsAnswer(
                memory_mib=limits.memory_mib,
                cpus=limits.cpus,
                processes=limits.processes,
                work_mib=limits.work_mib,
                attempts=budget.attempts,
                seconds=budget.seconds,
                test_seconds=budget.test_seconds,
                answer_seconds=answer_seconds,
            ),
            cannot=CANNOT,
        )


class HealthAnswer(Answer):
    status: Literal["ok", "not_built", "unavailable"]
    """`ok`: code can be judged. `not_built`: it can, once the sandbox image is there, which the first call has built.
    `unavailable`: no container engine answers; see `reason`."""
    reason: str
    accepts: bool
    """Whether there is room for another run."""


async def health_of(desk: Desk) -> HealthAnswer:
    try:
        image = await desk.image()
    except SandboxError as error:
        return HealthAnswer(status="unavailable", reason=line(f"{error.where}: {error.what}", 300), accepts=False)
    reason = "" if image else "the sandbox image is not built yet"
    return HealthAnswer(status="ok" if image else "not_built", reason=reason, accepts=desk.accepts)
