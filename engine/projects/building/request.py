"""What somebody wants built."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agents.plans.commission import Cloud, Commission, Scale
from agents.plans.plan import Requirement
from engine.domain import Budget, Value

Wish = Annotated[str, Field(min_length=1, max_length=600)]


class BuildRequest(Value):
    """A project in the words of whoever wants it. It is recorded with the build, so that this can go on elsewhere."""

    description: str = Field(min_length=1, max_length=20_000)
    require: tuple[Wish, ...] = Field(default=(), max_length=60)
    """Requirements that have to be met, as R1, R2 and so on."""
    stack: tuple[Annotated[str, Field(min_length=1, max_length=60)], ...] = Field(default=(), max_length=20)
    """What it has to be made of, such as ``fastapi`` and ``react``."""
    author: str = Field(default="auto", max_length=1_000)
    """Who is to build it, as `engine.casting.make_team` knows them."""
    cloud: Cloud = "self-hosted"
    scale: Scale = Scale(name="small scale (1,000 users a day)", measure="users", amount=1_000)
    budget: Budget = Budget(attempts=60, seconds=3_600.0, test_seconds=60.0)
    """Of all who build together; `attempts` counts what they are asked, the plan included."""

    build_images: bool = False
    """Whether each Dockerfile is really built too, by the engine's own builder: its RUN lines run outside of our boxes then."""

    @property
    def wanted(self) -> tuple[Requirement, ...]:
        """The requirements with their ids."""
        return tuple(Requirement(id=f"R{number}", text=text) for number, text in enumerate(self.require, start=1))

    def commission(self, packages: tuple[str, ...] = ()) -> Commission:
        """What an architect is asked for; *packages* as there."""
        return Commission(
            project_type=None,
            scale=self.scale,
            cloud=self.cloud,
            description=self.description,
            wanted=self.wanted,
            stack=self.stack,
            packages=packages,
        )
