"""The tool that plans a project. Its docstring is what a model chooses it by."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastmcp import Context
from pydantic import Field

from agents.plans.plan import Plan
from engine.casting import make_architects
from engine.desk import Desk
from engine.projects.architecture import Architecture, arithmetic
from engine.projects.asking import CLOUDS, SCALES, TYPES, commission_of
from engine.projects.designing import Bounds, Designing
from serving.access.principals import principal
from serving.parts import Answer
from serving.readable import readable

_SPARE = 5.0
"""Seconds of those in which a call is answered, to write the answer."""


class ArchitectureAnswer(Answer):
    """A plan that was checked, and what follows from it."""

    basis: Literal["rules", "model"]
    """`rules`: by the rule base, without a model, for want of one or because its plans did not hold together."""
    model: str | None
    made: str
    """Who made it and what was tried before, in a sentence."""
    plan: Plan
    """Requirements, decisions with their reasons, components, stores, interfaces as OpenAPI documents, entities, files
    with their owners, numbers with their arithmetic, failure modes, cost drivers, security."""
    arithmetic: tuple[str, ...]
    """The numbers as `name = formula = value unit`; assumed ones have no formula."""
    diagram: str
    """Mermaid."""
    deployment: dict[str, str]
    """Dockerfiles, compose file, Kubernetes manifests and GitHub Actions workflow, as text by path. None was run."""

    @classmethod
    def of(cls, made: Architecture) -> Self:
        return cls(
            basis=made.basis,
            model=made.model,
            made=made.made,
            plan=made.plan,
            arithmetic=tuple(map(arithmetic, made.plan.figures)),
            diagram=made.diagram,
            deployment=dict(made.deployment),
        )


class Planning:
    """One method for each tool."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def generate_architecture(
        self,
        project_type: Annotated[str, Field(max_length=60, description=f"One of {', '.join(TYPES)}.")],
        *,
        ctx: Context,
        scale: Annotated[str, Field(max_length=60, description=f"How much it has to bear: {SCALES}.")] = "small",
        cloud_provider: Annotated[
            str, Field(max_length=60, description=f"Where it runs: one of {', '.join(CLOUDS)}.")
        ] = "self-hosted",
    ) -> ArchitectureAnswer:
        """Plan a project before it is built: parts, stores, interfaces, data, scaling numbers with their arithmetic,
        failure modes, cost drivers, security, a Mermaid diagram and deployment files.

        The plan is checked as a contract. It is made by a rule base where the server has no key of a model, or the model
        takes too long for a call: `basis` and `made` say so. In the background a model has as long as a run.
        """
        settings = self._desk.settings
        with readable():
            commission = commission_of(project_type, scale, cloud_provider)
            # a call in the background has the time of a run
            seconds = self._desk.answer_seconds if ctx.task_id is None else settings.seconds
            bounds = Bounds(seconds=max(1.0, seconds - _SPARE), tokens=settings.tokens, usd=settings.usd)
            designing = Designing(make_architects("auto", settings), bounds)
            made = await self._desk.plan(
                lambda: designing.design(commission), client=principal(ctx).client, seconds=seconds
            )
            return ArchitectureAnswer.of(made)
