"""``setup.cfg`` and ``tox.ini``: what setuptools' and tox' sections say, and nothing of what else such files are for."""

from __future__ import annotations

import configparser
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

from packaging.utils import canonicalize_name

from engine.dependencies.manifest import Manifest, Writing, shown
from engine.dependencies.requirements_txt import read_requirements


def read_setup_cfg(path: str, texts: Mapping[str, str]) -> Manifest:
    """What the ``setup.cfg`` *path* of *texts* says is needed, with the files that it takes requirements from."""
    writing = Writing(path)
    sections = _sections(texts[path], writing)
    metadata, options = sections.get("metadata", {}), sections.get("options", {})
    name = metadata.get("name", "").strip()
    writing.project = canonicalize_name(name) if re.fullmatch(r"[\w.-]+", name) else ""
    writing.needs_python(options.get("python_requires"))
    _state(options.get("install_requires", ""), "", texts, writing)
    _state(options.get("tests_require", ""), "test", texts, writing)
    for extra, lines in sections.get("options.extras_require", {}).items():
        _state(lines, extra, texts, writing)
    writing.builds_with(_lines(options.get("setup_requires", "")))
    return writing.manifest


def read_tox_ini(path: str, text: str) -> Manifest:
    """The requirements of tox' usual environment; those that depend on the environment's name are taken for ``py``."""
    writing = Writing(path)
    usual = _sections(text, writing).get("testenv", {})
    for line in _lines(usual.get("deps", "")):
        factors, colon, rest = line.partition(":")
        if line.startswith("-") or "{" in line:
            writing.note(f"{path}: left out {shown(line)}: only plain requirements of [testenv] are read")
        elif not colon or "://" in line:
            writing.state(line, group="test")
        elif re.fullmatch(r"py(?:3|313)?|tests?|cov", factors.strip()):
            writing.state(rest, group="test")
    writing.own_extras += [word for line in _lines(usual.get("extras", "")) for word in re.findall(r"[\w.-]+", line)]
    return writing.manifest


def tox_requirement_files(path: str, text: str) -> tuple[str, ...]:
    """Requirements files that tox' usual environment names, relative to the root of the project."""
    usual = _sections(text, Writing(path)).get("testenv", {})
    named = re.findall(
        r"^\s*(?:-r|--requirement)\s*(?:\{toxinidir\}/)?([\w./-]+)\s*$", usual.get("deps", ""), re.MULTILINE
    )
    return tuple((PurePosixPath(path).parent / name).as_posix() for name in named)


def _state(value: str, group: str, texts: Mapping[str, str], writing: Writing) -> None:
    if not value.strip().startswith("file:"):
        for line in _lines(value):
            writing.state(line, group=group)
        return
    for name in value.strip().removeprefix("file:").replace(",", "\n").split():
        path = (PurePosixPath(writing.path).parent / name).as_posix()
        if path in texts:
            writing.includes.append(path)
            writing.take(read_requirements(path, texts, group=group))
        else:
            writing.note(f"{writing.path}: {shown(name)} is not among the project's files")


def _lines(value: str) -> list[str]:
    lines = (
        value.splitlines()
        if "\n" in value.strip()
        else re.split(r"[;\n](?=\s*[A-Za-z0-9][\w.-]*\s*(?:[<>=!~\[;]|$))", value)
    )
    return [cut for line in lines if (cut := re.split(r"(?:^|\s)#", line, maxsplit=1)[0].strip())]


def _sections(text: str, writing: Writing) -> dict[str, dict[str, str]]:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(text.removeprefix("\ufeff"))
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except configparser.Error as error:
        writing.give_up(f"no INI file ({str(error).splitlines()[0][:150]})")
        return {}
