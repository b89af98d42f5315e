"""Requirements files, as pip reads them: with includes and hashes, without anything that says where packages come from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from engine.dependencies.manifest import Manifest, Writing, shown
from sandboxes.wheels import PYTHON

MOST_DEEP = 10
"""Files that may include one another in a row."""
OWN_PATH = re.compile(r"(?:file:)?\.{1,2}(?:/[\w./-]*)?(?:\[(?P<extras>[\w\s,.-]*)\])?\s*(?:;.*)?")
HASH = re.compile(r"--hash[=\s]\s*(\w+:[0-9a-fA-F]+)")
VARIABLE = re.compile(r"\$\{\w+\}")
COMPILED = re.compile(
    r"\A(?:#[^\n]*\n)*#[^\n]*pip-compile with [Pp]ython (?P<python>\d+\.\d+)\n(?:#[^\n]*\n)*?#\s+pip-compile\b[^\n]*\s(?P<source>[\w./-]+\.in)\s*\n"
)
"""How pip-compile begins the files that it writes: for which Python, and from which file."""
OF_AN_INDEX = frozenset(
    "-i --index-url --pypi-url --extra-index-url -f --find-links --no-index --trusted-host --process-dependency-links".split()
)
"""Options by which a file would say where packages come from. A file that anybody may have written has no say in that:
only the settings of who runs Mendbox have."""


def read_requirements(path: str, texts: Mapping[str, str], *, group: str = "") -> Manifest:
    """The requirements file *path* of *texts*, with the files that it includes."""
    writing = Writing(path)
    source = _for_another_python(path, texts)
    if source:
        writing.includes.append(source)
        writing.note(
            f"{path} was compiled for another Python than the boxes' {PYTHON}: {source}, which it was made of, counts"
        )
    _read(source or path, texts, writing, group=group, constraint=False, within=())
    return writing.manifest


def _for_another_python(path: str, texts: Mapping[str, str]) -> str:
    """What the file was compiled from, where that is there and it was for another Python; else nothing.

    Its versions were never tried on the boxes' Python, and may not even be importable there.
    """
    head = COMPILED.match(texts[path].replace("\r\n", "\n")[:4_000])
    source = _included(path, head["source"]) if head and head["python"] != PYTHON else ""
    # pip-compile is often called in another folder than the file's own
    beside = (PurePosixPath(path).parent / PurePosixPath(source).name).as_posix() if source else ""
    return next((name for name in (source, beside) if name in texts), "")


def _read(
    path: str, texts: Mapping[str, str], writing: Writing, *, group: str, constraint: bool, within: tuple[str, ...]
) -> None:
    for number, line in _lines(texts[path]):
        where = f"{path}:{number}"
        option, _, rest = line.replace("=", " ", 1).partition(" ") if line.startswith("--") else line.partition(" ")
        rest = rest.strip()
        if line.startswith("-") and not rest and option[:2] in {"-r", "-c", "-e", "-i", "-f"} and option[1] != "-":
            option, rest = option[:2], option[2:]
        match option:
            case "-r" | "--requirement" | "-c" | "--constraint":
                included = _included(path, rest)
                if included not in texts:
                    writing.note(f"{where}: {shown(rest)} is not among the project's files")
                elif included in (*within, path) or len(within) >= MOST_DEEP:
                    writing.note(f"{where}: {shown(rest)} includes itself")
                else:
                    writing.includes.append(included)
                    only = constraint or option in {"-c", "--constraint"}
                    _read(included, texts, writing, group=group, constraint=only, within=(*within, path))
            case "-e" | "--editable":
                _local(rest, writing, where)
            case _ if option in OF_AN_INDEX:
                writing.note(
                    f"{where}: {option} is not heeded: where packages come from is for your own settings to say"
                )
            case _ if option.startswith("-"):
                writing.note(f"{where}: {option} is not heeded")
            case _:
                _requirement(line, writing, group=group, constraint=constraint, where=where)


def _requirement(line: str, writing: Writing, *, group: str, constraint: bool, where: str) -> None:
    hashes = " ".join(f"--hash={digest}" for digest in HASH.findall(line))
    text = re.split(r"\s--[a-z]", line, maxsplit=1)[0].strip()
    if VARIABLE.search(text):
        writing.note(f"{where}: left out {shown(text)}: it names a variable of somebody's environment")
    elif text.startswith((".", "/", "file:", "~")) or (
        text.endswith((".whl", ".tar.gz", ".zip")) and " @ " not in text
    ):
        _local(text, writing, where)
    elif constraint:
        writing.pin(text, where=where)
    else:
        writing.state(text, group=group, hashes=hashes, where=where)


def _local(text: str, writing: Writing, where: str) -> None:
    """A path: the project itself and its neighbours are there as sources, and anything else cannot be had."""
    own = OWN_PATH.fullmatch(text.strip("\"'"))
    if own is None:
        what = "an address" if "://" in text else shown(text)
        writing.note(f"{where}: left out {what}: only an index's packages are installed")
        return
    writing.own_extras += [extra.strip() for extra in (own["extras"] or "").split(",") if extra.strip()]


def _included(path: str, rest: str) -> str:
    """Name of an included file, relative to the file that includes it; what leaves the project is no name of a file."""
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / rest.strip("\"'")).parts:
        if part == ".." and not parts:
            return ""
        parts = parts[:-1] if part == ".." else [*parts, part]
    return "/".join(parts)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Logical lines with the number of their first one: continued ones joined, comments away."""
    began, so_far = 0, ""
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1):
        began = began or number
        comment = re.search(r"(?:^|\s)#", line)
        cut = line[: comment.start()] if comment else line
        if cut.endswith("\\") and not comment:
            so_far += f"{cut[:-1].rstrip()} "
            continue
        joined = (so_far + cut).strip()
        if joined:
            yield began, joined
        began, so_far = 0, ""
    if so_far.strip():
        yield began, so_far.strip()
