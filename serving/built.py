"""What the tools that build answer with: a project as far as it has come."""

from __future__ import annotations

from typing import Literal, Self

from engine.domain import Run
from engine.events import Event
from engine.projects.building.outcome import Delivered, Evidence, Project
from serving.answers import MOST_ANSWER_BYTES
from serving.next_steps import next_step
from serving.parts import Answer, FindingAnswer, UsageAnswer
from serving.telling import line, told

ZIP = "orchestrator://runs/{run_id}/project.zip"
_MOST = 20
"""Findings of one part, and remarks."""


class PartAnswer(Answer):
    """One component, the whole running project, or the deployment files."""

    component: str
    role: str
    outcome: str
    summary: str
    findings: tuple[FindingAnswer, ...]
    """What is still wrong with it; the first 20."""
    run_id: str
    """The run that judged a component, which get_run has in full."""

    @classmethod
    def of(cls, part: Delivered) -> Self:
        return cls(
            component=line(part.component, 100),
            role=part.role,
            outcome=part.outcome,
            summary=line(part.summary, 600),
            findings=tuple(FindingAnswer.of(finding) for finding in part.findings[:_MOST]),
            run_id=line(part.run_id, 100),
        )


class RequirementAnswer(Answer):
    id: str
    text: str
    shown_by: tuple[str, ...]
    """Scenarios that were green on the running project and red without it, and tests that name the requirement."""
    missing: str
    """Why it is not shown; empty where it is."""

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        shown = (*evidence.scenarios, *evidence.tests)[:50]
        return cls(
            id=evidence.requirement,
            text=line(evidence.text, 600),
            shown_by=tuple(line(each, 300) for each in shown),
            missing=line(evidence.missing, 600),
        )


class ProjectAnswer(Answer):
    """A build, as far as it has come."""

    run_id: str
    """Give it to get_project and cancel_run."""
    status: Literal["running", "interrupted", "ended"]
    """`running`: it goes on by itself; ask again with get_project."""
    outcome: Literal["verified", "unverified", "no_fix", "environment", "cancelled"] | None
    """`verified`: every part was run, and every requirement was shown on the running project. `unverified`: all that was
    run is right, and `not_run` names what was not. `no_fix`: see `reason` and `component`. `environment`: the machinery
    failed."""
    reason: str | None
    component: str
    """What a build without an outcome failed at."""
    summary: str
    """What happened, in one sentence; while the build goes on, what happened last."""
    asks_your_model: bool
    """It waits for your own model's answer: call get_project with `wait_seconds`, which carries the question."""
    next_step: str
    requirements: tuple[RequirementAnswer, ...]
    parts: tuple[PartAnswer, ...]
    not_run: tuple[str, ...]
    """What could not be run here, each with its reason."""
    files: dict[str, str]
    """The project's text files by path; written by models: look at them before you run them outside of a container."""
    zip_uri: str
    """Resource with everything, screenshots included; empty while there is nothing."""
    seconds: float
    usage: UsageAnswer
    omitted: tuple[str, ...] = ()
    """Fields left empty because the answer would be too large; `zip_uri` has all of it."""

    @classmethod
    def of(cls, run: Run, project: Project | None, latest: Event | None = None, *, asks: bool = False) -> Self:
        """The build that is *run*, in which *latest* happened last; *project* once it has ended."""
        going = run.status == "running"
        usage = project.usage if project else run.usage
        answer = cls(
            run_id=run.id,
            status=run.status,
            outcome=run.outcome,
            reason=project.reason if project else None,
            component=line(project.component, 100) if project else "",
            summary=told(latest) if going and latest else line(project.summary if project else run.summary, 1_000),
            asks_your_model=asks and going,
            next_step=next_step(run),
            requirements=tuple(map(RequirementAnswer.of, project.evidence)) if project else (),
            parts=tuple(map(PartAnswer.of, project.parts)) if project else (),
            not_run=tuple(line(each, 400) for each in project.not_run[:_MOST]) if project else (),
            files=dict(project.files) if project else {},
            zip_uri=ZIP.format(run_id=run.id) if project and project.files else "",
            seconds=round(project.seconds if project else run.seconds, 3),
            usage=UsageAnswer(
                calls=usage.calls,
                input_tokens=usage.input_tokens,
                output_tokens=usage.output_tokens,
                usd=usage.usd,
                priced=usage.priced,
            ),
        )
        if len(answer.model_dump_json().encode()) <= MOST_ANSWER_BYTES:
            return answer
        return answer.model_copy(update={"files": {}, "omitted": ("files",)})
