"""What a commission comes to: a plan that holds together, its picture, the files it is shipped by, and who made it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from agents.base import Usage
from agents.plans.commission import Cloud, ProjectType, Scale
from agents.plans.plan import Figure, Plan
from engine.domain import Value

Basis = Literal["rules", "model"]


class Architecture(Value):
    """The answer."""

    project_type: ProjectType | None
    """None where it was planned from a description."""
    scale: Scale
    cloud: Cloud
    basis: Basis
    """Whether the plan was made by the rule base or by a model."""
    architect: str
    model: str | None
    made: str
    """The same in a sentence, with what was tried before."""
    refused: tuple[str, ...]
    """What was wrong with the plans of a model that were not taken."""
    usage: Usage
    plan: Plan
    diagram: str
    """Mermaid."""
    deployment: Mapping[str, str]
    """Texts of the deployment files by path."""
    ran: Mapping[str, str] = {}
    """What each worker and each job was seen to do, by its name; empty for a plan that was not built."""

    @property
    def files(self) -> dict[str, str]:
        """All that is written to a folder, by path."""
        return {
            "architecture.md": page(self),
            "architecture.json": self.model_dump_json(indent=1, exclude={"deployment"}) + "\n",
            "architecture.mmd": self.diagram,
            **{
                f"openapi/{interface.name}.json": json.dumps(json.loads(interface.document), indent=1) + "\n"
                for interface in self.plan.interfaces
            },
            **self.deployment,
        }


def arithmetic(figure: Figure) -> str:
    """``name = formula = value unit``; a number that does not follow from others has no formula."""
    steps = [figure.name, *([figure.formula] if figure.formula else []), f"{figure.value:,.10g} {figure.unit}"]
    return " = ".join(steps)


def page(architecture: Architecture) -> str:
    """The architecture as a page of Markdown."""
    plan = architecture.plan
    kept = {entity.name: ", ".join(field.name for field in entity.fields) for entity in plan.entities}
    parts = [
        f"# {_text(plan.title)}",
        _text(plan.summary),
        f"*{_text(architecture.made)}*",
        "## Parts",
        f"```mermaid\n{architecture.diagram}```",
        _table(
            ("component", "is", "role", "does", "requirements", "replicas"),
            [
                (
                    each.name,
                    each.kind,
                    each.role,
                    each.purpose,
                    ", ".join(each.requirements),
                    _replicas(each.running.least, each.running.most),
                )
                for each in plan.components
            ],
        ),
        _table(("worker or job", "when it was run in a box"), list(architecture.ran.items())),
        _table(
            ("store", "engine", "is", "holds", "GiB after a year", "backup"),
            [
                (each.name, each.engine, each.product, each.purpose, f"{each.gib:,.10g}", each.backup)
                for each in plan.stores
            ],
        ),
        _table(
            ("interface", "answered by", "document"),
            [(each.name, each.owner, f"openapi/{each.name}.json") for each in plan.interfaces],
        ),
        "## Requirements",
        _table(
            ("id", "what", "met by"),
            [
                (each.id, each.text, ", ".join(part.name for part in plan.components if each.id in part.requirements))
                for each in plan.requirements
            ],
        ),
        "## Decisions",
        _table(("choice", "reason"), [(each.choice, each.reason) for each in plan.decisions]),
        "## Scaling",
        _table(("number", "why"), [(arithmetic(each), each.reason) for each in plan.figures]),
        "## Data",
        _table(
            ("entity", "kept in", "written by", "fields"),
            [(each.name, each.store, each.owner, kept[each.name]) for each in plan.entities],
        ),
        "## What may fail",
        _table(
            ("part", "what", "effect", "noticed by", "answer"),
            [(each.part, each.what, each.effect, each.noticed, each.answer) for each in plan.failures],
        ),
        "## What it costs",
        _table(("what", "grows with", "smaller by"), [(each.what, each.figure, each.lever) for each in plan.costs]),
        "## Security",
        _table(("part", "threat", "measure"), [(each.part, each.threat, each.measure) for each in plan.security]),
        "## Files",
        _table(
            ("path", "component", "role", "purpose"),
            [(each.path, each.owner, each.role, each.purpose) for each in plan.files],
        ),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _replicas(least: int, most: int) -> str:
    return str(least) if least == most else f"{least} to {most}"


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [heads, tuple("---" for _ in heads), *(tuple(map(_text, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _text(text: str) -> str:
    """*text* on one line, with nothing in it that Markdown or HTML would act upon."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    for sign in "\\`*_[]<>|":
        line = line.replace(sign, f"\\{sign}" if sign != "<" else "&lt;")
    return line
