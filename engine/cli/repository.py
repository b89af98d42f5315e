"""``mendbox fix`` on a repository: its suite as it is, one diff for each cause, and nothing written unless told to."""

from __future__ import annotations

import argparse
from pathlib import Path

from pydantic import JsonValue

from engine.cli.dependencies import read_whole
from engine.cli.diffs import as_they_lie, readable
from engine.cli.exits import ENVIRONMENT, MISUSE, NOT_VERIFIED, OF_A_SIGNAL, VERIFIED
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document, run_document
from engine.cli.progress import display
from engine.cli.receipt import Kept, Wanted, wanted
from engine.cli.repository_verdict import print_repository
from engine.cli.settings import read_settings
from engine.cli.terminal import say
from engine.domain import Budget
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.repository.applying import NotApplied, apply
from engine.repository.healing import Plan, RepositoryHealing
from engine.repository.project import Project
from engine.repository.recognising import is_project, require_work_tree
from engine.repository.result import RepositoryResult
from engine.settings import Settings
from engine.wiring import make_environments

SECONDS = 900.0
"""Wall clock of a whole repository, seconds, where nobody says."""
ENDED_WELL = frozenset({"green", "verified"})


def is_meant(arguments: argparse.Namespace) -> bool:
    """Whether one folder is named that is a project, and no tests beside it.

    Raises:
        BadInput: It is a repository without files.
    """
    if len(arguments.paths) != 1 or arguments.tests:
        return False
    path = Path(arguments.paths[0])
    require_work_tree(path)
    return is_project(path)


def command(arguments: argparse.Namespace) -> int:
    if arguments.error:
        raise BadInput("--error is for files: a repository's own tests say what is wrong")
    settings = read_settings()
    receipt = wanted(arguments)
    project = read_whole(Path(arguments.paths[0]), arguments)
    for note in project.notes:
        say(note)
    plan = Plan(author=arguments.author, budget=budget(arguments, settings), fresh=arguments.fresh)
    result = heal(project, plan, settings=settings, title=str(project.root))
    written, refusal = _apply(project, result) if arguments.apply else ((), "")
    kept = _keep(receipt, result) if receipt else []
    shown = as_they_lie(project, result)
    if arguments.json:
        print_document(document(shown, written, refusal, kept))
    else:
        print_repository(shown, written=written)
    if written:
        say(f"written: {', '.join(written)}")
    if refusal:
        say(f"nothing written: {refusal}")
    for each in kept:
        say(each.words)
    if (refusal and result.outcome in {"verified", "partly"}) or any(each.failed for each in kept):
        return MISUSE
    return exit_code(result)


def _keep(receipt: Wanted, result: RepositoryResult) -> list[Kept]:
    """The receipts of all that is verified, one file each; or why there is none."""
    runs = [healed.run for healed in result.healed if healed.verified]
    if not runs:
        words = f"no receipt written: the outcome is {result.outcome}, and a receipt is of what is verified"
        return [Kept(path="", written=False, words=words)]
    return [receipt.numbered(number).write(run) for number, run in enumerate(runs, 1)]


def budget(arguments: argparse.Namespace, settings: Settings) -> Budget:
    """What everything together may spend: as the flags say, else the settings, with more time than for a few files."""
    usual = settings.budget
    given = {"attempts": arguments.attempts, "seconds": arguments.seconds or max(SECONDS, usual.seconds)}
    return usual.model_copy(update={name: value for name, value in given.items() if value is not None})


def heal(project: Project, plan: Plan, *, settings: Settings, title: str) -> RepositoryResult:
    """What becomes of *project*, shown on stderr while it goes on; raises `Stopped` where a signal comes."""

    async def whole(stop: Stop) -> RepositoryResult:
        async with Mendbox(settings) as mendbox:
            with display(title) as watch:
                healing = RepositoryHealing(mendbox, make_environments(settings), plan, watch=watch)
                return await stop.unless_stopped(healing.heal(project))

    return drive(whole)


def document(
    result: RepositoryResult, written: tuple[str, ...], refusal: str, kept: list[Kept]
) -> dict[str, JsonValue]:
    """The one JSON document: the result, with each run as every face of Mendbox gives it."""
    dumped: dict[str, JsonValue] = result.model_copy(update={"diff": readable(result.diff)}).model_dump(
        mode="json", exclude={"healed"}
    )
    dumped["healed"] = [
        {"cause": healed.cause.model_dump(mode="json"), "diff": readable(healed.diff), "run": run_document(healed.run)}
        for healed in result.healed
    ]
    dumped["still_red"] = list(result.still_red)
    receipts: list[JsonValue] = [each.document for each in kept]
    return dumped | {"applied": list(written), "not_applied": refusal, "receipts": receipts}


def exit_code(result: RepositoryResult) -> int:
    """0 where nothing is red, or all of it is mended and verified."""
    if result.outcome in ENDED_WELL:
        return VERIFIED
    return {"environment": ENVIRONMENT, "cancelled": OF_A_SIGNAL}.get(result.outcome, NOT_VERIFIED)


def _apply(project: Project, result: RepositoryResult) -> tuple[tuple[str, ...], str]:
    """What was written, and otherwise why nothing was."""
    if result.outcome not in {"verified", "partly"}:
        return (), f"the outcome is {result.outcome}, and only verified fixes are written"
    after = {path: text for path, text in project.files.items() if path not in result.removed} | dict(result.files)
    try:
        return apply(project, after), ""
    except NotApplied as error:
        return (), str(error)
