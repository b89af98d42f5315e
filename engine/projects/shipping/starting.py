"""Whether what a container starts is there, is started as it should be, and listens where the plan says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agents.plans.plan import Component
from engine.domain import Finding
from engine.projects.shipping.bases import STARTS, reference
from engine.projects.shipping.installs import installs_everything, makes_files, run_by
from engine.projects.shipping.instructions import Instruction
from engine.projects.shipping.laying import Laid
from engine.projects.shipping.packages import Declared
from engine.projects.shipping.pip import installed_by
from engine.projects.shipping.programs import Surroundings, faults_of_command
from engine.projects.shipping.wrong import wrong

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BOUND_INSIDE = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "flask"})
"""Servers that listen on loopback alone until they are told otherwise."""


def started(stage: Laid) -> tuple[Instruction | None, tuple[str, ...]]:
    """The instruction that says what is started, and its words: those of ENTRYPOINT, then those of CMD."""
    entry = command = None
    for step in stage.steps:
        if step.instruction.name == "ENTRYPOINT":
            entry, command = step.instruction, None
        elif step.instruction.name == "CMD":
            command = step.instruction
    words = (*(entry.words if entry else ()), *(command.words if command else ()))
    return command or entry, words


def faults_of_start(
    path: str, component: Component, stages: Sequence[Laid], context: Mapping[str, str], declared: Declared
) -> Iterator[Finding]:
    """What is wrong with what the last of *stages* starts."""
    last = stages[-1]
    root = reference(last.root)
    instruction, words = started(last)
    if instruction is None or not words:
        if root is None or root.name not in STARTS:
            yield wrong(
                path, last.stage.line, "dockerfile/command", "the last stage has no CMD: nothing would be started"
            )
        return
    line = instruction.line
    for step in last.steps:
        if step.instruction.name in {"CMD", "ENTRYPOINT"} and not step.instruction.is_list:
            name = step.instruction.name
            message = f'{name} is started by a shell, which keeps signals to itself: write it as a list, ["program", "argument"]'
            yield wrong(path, step.instruction.line, "dockerfile/command", message)
    if root is not None and root.name in STARTS:
        return
    ran = [(step, words_) for stage in stages for step in stage.steps for words_ in run_by(step.instruction)]
    installed: dict[str, str] = {}
    for step, each in ran:
        installed |= installed_by(each, {place: context[source] for place, source in step.files.items()}, step.cwd)
    where = Surroundings(
        runtime=component.running.runtime,
        cwd=last.cwd,
        files={place: context.get(source, "") for place, source in last.files.items()},
        declared=declared,
        built=any(makes_files(each) for _, each in ran),
        installed=installed,
        development=any(installs_everything(each) for _, each in ran),
    )
    yield from (wrong(path, line, "dockerfile/program", message) for message in faults_of_command(words, where))
    yield from (
        wrong(path, line, "dockerfile/listening", message) for message in listening(words, component.running.port)
    )


def listening(words: Sequence[str], port: int | None) -> Iterator[str]:
    """What *words* say about where they listen that no other container could call, or that the plan says otherwise."""
    hosts, ports = set[str](), set[str]()
    for at, word in enumerate(words):
        name, _, value = word.partition("=")
        value = value or (words[at + 1] if at + 1 < len(words) else "")
        if name in {"--host", "-b", "--bind", "--http", "-h"} and value:
            host, colon, number = value.rpartition(":")
            is_pair = bool(colon) and number.isdigit()
            hosts.add(host.strip("[]") if is_pair else value)
            ports |= {number} if is_pair else set()
        elif name in {"--port", "-p"} and value.isdigit():
            ports.add(value)
        elif re.fullmatch(r"(\d+\.\d+\.\d+\.\d+|localhost):\d+", word) and "runserver" in words:
            host, _, number = word.partition(":")
            hosts.add(host)
            ports.add(number)
    program = words[2] if len(words) > 2 and words[1] == "-m" else words[0]
    if port is None:
        return
    if hosts & _LOOPBACK:
        yield f"it listens on {min(hosts & _LOOPBACK)}, where no other container reaches it: listen on 0.0.0.0"
    elif not hosts and (program in _BOUND_INSIDE or "runserver" in words):
        yield f"{program} listens on 127.0.0.1 until it is told otherwise: add --host 0.0.0.0, or --bind 0.0.0.0:{port}"
    if ports and str(port) not in ports:
        yield f"it listens on port {min(ports)}, and the plan's port is {port}"
