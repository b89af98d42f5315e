"""What a ``pip install`` of a RUN line asks for, by its words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Mapping, Sequence

from packaging.utils import canonicalize_name

from engine.domain import Value

PYTHON = re.compile(r"python(3(\.\d+)?)?")
_SHORT = {
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-t": "--target",
    "-w": "--wheel-dir",
    "-i": "--index-url",
    "-f": "--find-links",
}
_VALUED = frozenset(
    """--requirement --constraint --editable --target --wheel-dir --index-url --find-links --prefix --root --src --platform
    --python-version --extra-index-url --trusted-host --cache-dir --only-binary --no-binary --config-settings --progress-bar
    --upgrade-strategy --report --timeout --retries --proxy --cert --log --group""".split()
)
_PLACES = frozenset({"--prefix", "--target", "--root", "--wheel-dir"})


class Asked(Value):
    """One ``pip install``, or ``pip wheel``."""

    names: frozenset[str] = frozenset()
    """Normalised, of the packages that it names itself."""
    files: tuple[str, ...] = ()
    """Of requirements and constraints that it reads."""
    folder: str = ""
    """The folder of a project that it installs; empty where it installs none."""
    places: tuple[str, ...] = ()
    """Where it puts what it installs, where it says so."""


def asked_of_pip(words: Sequence[str]) -> Asked | None:
    """What *words* ask pip for; None where they are no install."""
    words = list(words)
    if PYTHON.fullmatch(posixpath.basename(words[0])) and words[1:3] == ["-m", "pip"]:
        words = words[2:]
    verb = next((word for word in words[1:] if not word.startswith("-")), "")
    if posixpath.basename(words[0]) not in {"pip", "pip3"} or verb not in {"install", "wheel", "download"}:
        return None
    given, operands = _apart(words[words.index(verb) + 1 :])
    folders = [each for each in (*operands, *given.get("--editable", ())) if _is_folder(each)]
    named = [each for each in operands if not _is_folder(each) and not each.endswith(".whl") and "*" not in each]
    return Asked(
        names=frozenset(canonicalize_name(re.split(r"[\[<>=!~;@ ]", each, maxsplit=1)[0]) for each in named),
        files=(*given.get("--requirement", ()), *given.get("--constraint", ())),
        folder=folders[0].partition("[")[0] if folders else "",
        places=tuple(place for name in sorted(_PLACES) for place in given.get(name, ())),
    )


def folder_of(asked: Asked, cwd: str) -> str:
    """The folder that *asked* installs, as an absolute path."""
    return posixpath.normpath(posixpath.join(cwd, asked.folder))


def installed_by(words: Sequence[str], texts: Mapping[str, str], cwd: str) -> dict[str, str]:
    """Of *texts* by absolute path, what an install of a folder takes, by the path there."""
    asked = asked_of_pip(words)
    if asked is None or not asked.folder:
        return {}
    folder = folder_of(asked, cwd).rstrip("/")
    return {path.removeprefix(f"{folder}/"): text for path, text in texts.items() if path.startswith(f"{folder}/")}


def _apart(words: Sequence[str]) -> tuple[dict[str, list[str]], list[str]]:
    """Options with the values they have, and what is none."""
    given: dict[str, list[str]] = {}
    operands: list[str] = []
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        short = _SHORT.get(word[:2]) if not word.startswith("--") else None
        if short:
            given.setdefault(short, []).append(word[2:] or next(rest, ""))
        elif name in _VALUED:
            given.setdefault(name, []).append(value if equals else next(rest, ""))
        elif not word.startswith("-"):
            operands.append(word)
    return given, operands


def _is_folder(operand: str) -> bool:
    return operand.startswith((".", "/")) and not operand.endswith((".whl", ".tar.gz")) and "*" not in operand
