"""``mendbox run``: just run one untrusted program in a box, and show what happened."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.text import Text

from engine.cli.dependencies import hint_at_import, read_of_script, say_progress, surround
from engine.cli.exits import NOT_VERIFIED, VERIFIED
from engine.cli.interrupts import Stop, drive
from engine.cli.output import print_document
from engine.cli.settings import read_settings
from engine.cli.terminal import plain, say, screen
from engine.cli.wording import seconds
from engine.domain import Task
from engine.errors import BadInput
from engine.harness import Mendbox
from engine.inputs.files import MIB, MOST_FILE_MIB, Reading
from engine.inputs.languages import PROGRAMS, RUN_BY_NODE, language_of
from engine.inputs.text import Undecodable, decode_source
from sandboxes.base import Outcome

PROGRAM_FROM_STDIN = "program.py"
DEFAULT_SECONDS = 10.0
MOST_STDIN_MIB = 16

ENDED = {
    "exited": "exited with code {code}",
    "signalled": "killed by signal {signal}",
    "timeout": "killed: still running after its {limit}",
    "memory": "killed: used more memory than its box has",
    "processes": "failed: wanted more processes than its box has",
    "disk": "failed: wrote more than its box holds",
}


def command(arguments: argparse.Namespace) -> int:
    name, source = _program(arguments.file)
    stdin = _stdin(arguments.stdin, program_from_stdin=arguments.file == "-")
    limit = arguments.seconds or DEFAULT_SECONDS
    # A name that begins with a dash would be taken for an option of the interpreter.
    language = language_of({name: source})
    program = f"./{name}" if name.startswith("-") else name
    argv = (*PROGRAMS[language], program, *arguments.arguments, *arguments.program)

    settings = read_settings()
    dependencies = read_of_script(arguments, name, source)

    async def run(stop: Stop) -> Outcome:
        task = Task(language=language, files={name: source})
        async with Mendbox(settings, journal=False) as mendbox:
            if language == "python":
                there = await stop.unless_stopped(surround(task, dependencies, settings, say_progress))
                environment = there.limits.environment
            else:
                environment = await stop.unless_stopped(mendbox.node())
            return await stop.unless_stopped(
                mendbox.run({name: source}, argv, seconds=limit, stdin=stdin, environment=environment)
            )

    outcome = drive(run)
    if arguments.json:
        print_document(
            {
                "outcome": "unverified" if outcome.ok else "no_fix",
                "reason": None if outcome.ok else "red",
                "ended": outcome.ended,
                "exit_code": outcome.exit_code,
                "signal": outcome.signal,
                "stdout": outcome.stdout.text,
                "stderr": outcome.stderr.text,
                "truncated": outcome.stdout.truncated or outcome.stderr.truncated,
                "seconds": outcome.seconds,
                "cpu_seconds": outcome.cpu_seconds,
                "peak_mib": outcome.peak_mib,
            }
        )
    else:
        _show(outcome, limit=limit)
        if not outcome.ok:
            hint_at_import(outcome.stderr.text)
    return VERIFIED if outcome.ok else NOT_VERIFIED


def _program(given: str) -> tuple[str, str]:
    if given == "-":
        raw = sys.stdin.buffer.read(MOST_FILE_MIB * MIB + 1)
        if len(raw) > MOST_FILE_MIB * MIB:
            raise BadInput(f"the program on stdin is larger than {MOST_FILE_MIB} MiB")
        try:
            return PROGRAM_FROM_STDIN, decode_source(raw)
        except Undecodable as error:
            raise BadInput(f"the program on stdin cannot be decoded: {error}") from error
    if Path(given).is_dir():
        raise BadInput(f"{given!r} is a folder", hint="name one file")
    (file,) = Reading().read(given)
    if not file.python and not given.endswith(RUN_BY_NODE):
        kinds = f".py, {', '.join(RUN_BY_NODE)}"
        raise BadInput(f"{given!r} is no program in Python, JavaScript or TypeScript", hint=f"these are run: {kinds}")
    return file.path.name, file.text


def _stdin(given: str | None, *, program_from_stdin: bool) -> bytes:
    if given is None:
        return b""
    if given == "-" and program_from_stdin:
        raise BadInput("stdin cannot be both the program and its input", hint="give the program as a file")
    try:
        with sys.stdin.buffer if given == "-" else Path(given).open("rb") as opened:
            read = opened.read(MOST_STDIN_MIB * MIB + 1)
    except OSError as error:
        raise BadInput(f"cannot read {given!r}: {error.strerror}") from error
    if len(read) > MOST_STDIN_MIB * MIB:
        raise BadInput(f"the input {given!r} is larger than {MOST_STDIN_MIB} MiB")
    return read


def _show(outcome: Outcome, *, limit: float) -> None:
    """The program's output on stdout and stderr as its own, and one line on stderr about how it ended."""
    for stream, to_stderr in ((outcome.stdout, False), (outcome.stderr, True)):
        text = plain(stream.text)
        if text:
            console = screen(stderr=to_stderr)
            console.print(Text(text), soft_wrap=True, end="" if text.endswith("\n") else "\n")
    how = ENDED[outcome.ended].format(code=outcome.exit_code, signal=outcome.signal, limit=seconds(limit))
    cut = " · output cut" if outcome.stdout.truncated or outcome.stderr.truncated else ""
    say(f"{how} · {seconds(outcome.seconds)} · peak {outcome.peak_mib:.0f} MiB{cut}")
