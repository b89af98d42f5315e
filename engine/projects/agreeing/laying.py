"""Whether the files are those of the plan: all there, none beside them, each where its author may write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

from agents.plans.plan import Plan
from agents.roles import CARDS
from engine.domain import Finding
from engine.projects.agreeing.parts import MOST_FILE_BYTES, MOST_TOTAL_BYTES, wrong
from engine.projects.contract import OURS

MOST_FILES = 2_000
_ALSO_OURS = ("e2e/", "docs/", "readme.md", "license")
_BY_NOBODY = frozenset({"package-lock.json"})
"""Written by whoever installs, and by no author."""
_UNPLAIN = frozenset('\\:*?"<>|')


def laid_wrongly(plan: Plan, files: Mapping[str, str]) -> Iterator[Finding]:
    planned = {file.path: file for file in plan.files}
    for path, file in planned.items():
        if path not in files and PurePosixPath(path).name not in _BY_NOBODY:
            yield wrong("files/missing", path, None, f"nobody has written this file, which is planned: {file.purpose}")
        elif not CARDS[file.role].may_write(path, file.owner):
            yield wrong("files/role", path, None, f"the plan gives this file to {file.role}, who may not write there")
    largest = max(files, key=lambda path: len(files[path]), default="")
    if len(files) > MOST_FILES:
        yield wrong("files/many", largest, None, f"there are {len(files):,} files, and may be {MOST_FILES:,}")
    folders = {str(above) for path in files for above in PurePosixPath(path).parents}
    for path, text in sorted(files.items()):
        if not _is_plain(path) or path in folders:
            yield wrong("files/path", path, None, "this is no plain relative path of a file, or a folder of others")
        elif path not in planned and not _is_ours(path):
            yield _unplanned(plan, path)
        else:
            yield from _text(path, text)
    total = sum(map(_size, files.values()))
    if total > MOST_TOTAL_BYTES:
        told = f"the files have {total:,} bytes, and may have {MOST_TOTAL_BYTES:,}: this is the largest"
        yield wrong("files/size", largest, None, told)


def _text(path: str, text: str) -> Iterator[Finding]:
    if (size := _size(text)) > MOST_FILE_BYTES:
        yield wrong("files/size", path, None, f"the file has {size:,} bytes, and may have {MOST_FILE_BYTES:,}")
    elif "\0" in text or _has_surrogates(text):
        yield wrong("files/text", path, None, "the file holds characters that no text has: NUL, or half of a pair")


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _unplanned(plan: Plan, path: str) -> Finding:
    for component in plan.components:
        if path.startswith(f"services/{component.name}/"):
            return wrong(
                "files/unplanned",
                path,
                None,
                f"the plan of {component.name} has no such file: put what is needed of it into a planned one",
            )
    return wrong("files/outside", path, None, "the file lies in no component's folder, services/NAME/")


def _is_ours(path: str) -> bool:
    return path.casefold().startswith((*OURS, *_ALSO_OURS)) or CARDS["devops"].may_write(path)


def _is_plain(path: str) -> bool:
    pure = PurePosixPath(path)
    return (
        path.isprintable()
        and bool(pure.parts)
        and not pure.is_absolute()
        and ".." not in pure.parts
        and ".git" not in pure.parts
        and str(pure) == path
        and not _UNPLAIN & set(path)
    )


def _has_surrogates(text: str) -> bool:
    return not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
