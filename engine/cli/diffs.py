"""Diffs as ``git apply`` takes them: in the encodings and line ends of the files that lie there, not of texts."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from engine.ci import contents
from engine.ci.patch import patch
from engine.cli.terminal import STEERING, plain
from engine.domain import Run
from engine.inputs.text import Undecodable, decode_source, encode_like, encode_source
from engine.repository.project import Project
from engine.repository.result import Healed, RepositoryResult

_BYTES = "surrogateescape"
"""How what is no UTF-8 goes through a text and comes out as it was."""


def as_they_lie(project: Project, result: RepositoryResult) -> RepositoryResult:
    """*result* with its diffs between the bytes of files; read them with `readable`, write them with `write_diff`."""
    after = {name: text for name, text in project.files.items() if name not in result.removed} | dict(result.files)
    return result.model_copy(
        update={
            "healed": tuple(_of_cause(project, healed) for healed in result.healed),
            "diff": _between(project, project.files, after) if result.diff else "",
        }
    )


def _of_cause(project: Project, healed: Healed) -> Healed:
    if not healed.diff:
        return healed
    return healed.model_copy(update={"diff": _between(project, healed.run.task.files, healed.run.files)})


def _between(project: Project, before: Mapping[str, str], after: Mapping[str, str]) -> str:
    changed = {name for name in (*before, *after) if before.get(name) != after.get(name)}
    was, is_ = (
        contents.after(project, {name: text for name, text in files.items() if name in changed})
        for files in (before, after)
    )
    return patch(was, is_).decode("utf-8", _BYTES)


def diff_here(run: Run, folder: Path) -> str:
    """The diff of *run* as files below *folder* have it, where they are what the run began with; else in plain UTF-8."""
    before, after = run.task.files, run.files
    was: dict[str, bytes] = {}
    is_: dict[str, bytes] = {}
    for name in {*before, *after}:
        if before.get(name) == after.get(name):
            continue
        raw = _lies_in(folder, name, before[name]) if name in before else None
        if name in before:
            was[name] = before[name].encode() if raw is None else raw
        if name in after:
            python = name.endswith(contents.PYTHON)
            is_[name] = encode_like(raw, after[name]) if raw is not None and python else _encoded(name, after[name])
    if all(raw == before[name].encode() for name, raw in was.items()):
        return run.diff
    return patch(was, is_).decode("utf-8", _BYTES)


def _encoded(name: str, text: str) -> bytes:
    return encode_source(text) if name.endswith(contents.PYTHON) else text.encode()


def _lies_in(folder: Path, name: str, text: str) -> bytes | None:
    """The bytes of the file *name* in *folder* where they hold *text*."""
    path = folder / name
    try:
        if not path.is_file() or path.stat().st_size > 4 * len(text) + 16:
            return None
        raw = path.read_bytes()
        lies = decode_source(raw) if name.endswith(contents.PYTHON) else raw.decode()
    except (OSError, Undecodable, UnicodeDecodeError):
        return None
    return raw if lies == text else None


def readable(diff: str) -> str:
    """*diff* as text that any reader takes, where files are not all UTF-8."""
    return diff.encode("utf-8", _BYTES).decode("utf-8", "replace")


def write_diff(diff: str) -> None:
    """Write *diff* to standard output, as it is for a program; a person is shown nothing that can steer a terminal."""
    if sys.stdout.isatty():
        sys.stdout.write(plain(readable(diff)))
    elif raw := getattr(sys.stdout, "buffer", None):
        sys.stdout.flush()
        raw.write(diff.encode("utf-8", _BYTES))
        raw.flush()
    else:
        sys.stdout.write(readable(diff))


def write_among_words(diff: str) -> None:
    """The same where words of ours stand around it, which a log may show: then nothing may steer that either."""
    harmless = diff.replace("\r\n", "\n").replace("\ufeff", "")
    if STEERING.search(harmless.encode("utf-8", _BYTES).decode("utf-8", "ignore")):
        sys.stdout.write(plain(readable(diff)))
    else:
        write_diff(diff)
