"""``mendbox ci``: one command for a pipeline, that judges, heals and proves, writes reports, and never turns red into green."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.ci.annotations import annotate, fence
from engine.ci.branch import NotProposed, Proposed, propose, require_possible
from engine.ci.folder import USUAL, Folder
from engine.ci.pipeline import Pipeline, read_pipeline
from engine.ci.reporting import Reported, Reporting, tell
from engine.cli.dependencies import read_whole
from engine.cli.diffs import as_they_lie
from engine.cli.exits import ENVIRONMENT, NOT_VERIFIED, OF_A_SIGNAL, VERIFIED
from engine.cli.output import print_document
from engine.cli.repository import SECONDS, heal
from engine.cli.repository_verdict import print_repository
from engine.cli.settings import read_settings
from engine.cli.terminal import say
from engine.domain import Budget
from engine.errors import BadInput, MendboxError
from engine.receipts.keys import read_private_key
from engine.repository.healing import Plan
from engine.repository.project import Project
from engine.repository.recognising import require_work_tree
from engine.repository.result import RepositoryResult
from engine.settings import Settings
from engine.version import version


def command(arguments: argparse.Namespace) -> int:
    pipeline = read_pipeline(os.environ)
    with _no_commands_but_ours(pipeline, beside_json=arguments.json):
        settings = read_settings()
        root = Path(arguments.path)
        if not root.is_dir():
            raise BadInput(f"{arguments.path!r} is no folder", hint="name the folder of the project")
        require_work_tree(root)
        if arguments.branch is not None and not arguments.propose:
            raise BadInput("--branch without --propose: there is no branch to name", hint="add --propose")
        branch = require_possible(root, arguments.branch) if arguments.propose else ""
        key = read_private_key(Path(arguments.sign)) if arguments.sign is not None else None
        folder = Folder(root / USUAL if arguments.out is None else Path(arguments.out))
        folder.prepare()
        project = read_whole(root, arguments)
        for note in (*project.notes, *folder.notes):
            say(note)
        plan = Plan(
            author=arguments.author,
            budget=_budget(arguments, settings),
            most_causes=arguments.max_causes,
            heal=not arguments.report_only,
            fresh=arguments.fresh,
        )
        result = heal(project, plan, settings=settings, title=f"ci {arguments.path}")
        proposed, refused = _propose(branch, project, result)
        code = exit_code(result)
        reporting = Reporting(project, folder, key=key, now=time.time(), version=version())
        shown = as_they_lie(project, result)
        try:
            reported = reporting.write(
                result, exit_code=code, branch=proposed.name if proposed else "", refused=refused
            )
        except OSError as error:
            if not arguments.json:
                print_repository(shown)
            raise _unreported(folder, error) from error
        _print(arguments, shown, reported)
        for note in (*(proposed.notes if proposed else ()), *tell(pipeline, reported)):
            say(note)
    if pipeline.github:
        _annotate(reported, beside_json=arguments.json)
    return code


def exit_code(result: RepositoryResult) -> int:
    """0 only where the suite was green as it is, and not by a fix that was found for it."""
    if result.outcome == "environment":
        return ENVIRONMENT
    if result.outcome == "cancelled":
        return OF_A_SIGNAL
    return VERIFIED if result.outcome == "green" and not result.before.red else NOT_VERIFIED


def _unreported(folder: Folder, error: OSError) -> MendboxError:
    """Of reports that could not be written: the fault of this machine, whatever the suite was."""
    what = f"cannot write reports to {str(folder.path)!r}: {error.strerror}"
    return MendboxError(
        what, hint="free some space, or name another folder with --out; see what was done: mendbox runs"
    )


def _budget(arguments: argparse.Namespace, settings: Settings) -> Budget:
    usual = settings.budget
    given = {
        "attempts": arguments.attempts,
        "seconds": arguments.seconds or max(SECONDS, usual.seconds),
        "tokens": arguments.tokens,
        "usd": arguments.usd,
    }
    return usual.model_copy(update={name: value for name, value in given.items() if value is not None})


def _propose(branch: str, project: Project, result: RepositoryResult) -> tuple[Proposed | None, str]:
    """The branch; or why there is none, where one was asked for."""
    if not branch:
        return None, ""
    if not any(healed.verified for healed in result.healed):
        return None, "nothing is verified, so there is nothing to propose"
    try:
        return propose(project, result, branch), ""
    except NotProposed as error:
        return None, str(error)


def _print(arguments: argparse.Namespace, result: RepositoryResult, reported: Reported) -> None:
    whole = reported.account
    if arguments.json:
        print_document(whole.model_dump(mode="json"))
    else:
        print_repository(result)
    if result.outcome == "green" and result.before.red:
        say(f"red all the same, by flaky tests: {', '.join(result.before.red[:3])}")
    say(f"reports: {whole.folder}")
    if whole.patch:
        say(f"apply what is verified: git apply {whole.patch}")
    if whole.branch:
        say(f"proposed on the branch {whole.branch}")
    if whole.branch_refused:
        say(f"no branch: {whole.branch_refused}")


@contextmanager
def _no_commands_but_ours(pipeline: Pipeline, *, beside_json: bool) -> Iterator[None]:
    """Under GitHub Actions, keep what a project's tests print from steering the runner, which reads both streams."""
    if not pipeline.github:
        yield
        return
    stop, go_on = fence(secrets.token_hex(16))
    print(stop, file=sys.stderr, flush=True)  # noqa: T201 (a workflow command is a line of output)
    try:
        yield
    finally:
        # behind what it fences in, on the same stream
        print(go_on, file=sys.stderr if beside_json else sys.stdout, flush=True)


def _annotate(reported: Reported, *, beside_json: bool) -> None:
    stream = sys.stderr if beside_json else sys.stdout
    for workflow_command in annotate(reported.remarks):
        print(workflow_command, file=stream)
    stream.flush()
