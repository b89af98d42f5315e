"""What a COPY takes from the folder that an image is built in, and where it comes to stand in the image."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping, Sequence

from engine.domain import Value

IGNORE = ".dockerignore"


class Copied(Value):
    """A COPY or ADD, done."""

    files: Mapping[str, str] = {}
    """Source path by path in the image."""
    absent: tuple[str, ...] = ()
    """Sources that there are none of."""
    ignored: tuple[str, ...] = ()
    """Of these, the ones that `.dockerignore` keeps out."""
    leaving: tuple[str, ...] = ()
    """Sources outside of the folder."""
    unclear: bool = False
    """There are several sources, and the target is not written as a folder."""


def context_of(files: Mapping[str, str], component: str) -> dict[str, str]:
    """The files of a component by their path in its folder, those that `.dockerignore` names among them."""
    folder = f"services/{component}/"
    return {path.removeprefix(folder): text for path, text in files.items() if path.startswith(folder)}


def sent(context: Mapping[str, str]) -> frozenset[str]:
    """Paths that reach the engine: those that `.dockerignore` does not keep out."""
    if IGNORE not in context:
        return frozenset(context)
    from docker.utils.build import PatternMatcher  # noqa: PLC0415 (slow to import)

    lines = (line.strip() for line in context[IGNORE].splitlines())
    matcher = PatternMatcher([line for line in lines if line and not line.startswith("#")])
    # the stubs ask for a path, and the code for a text
    return frozenset(path for path in context if not matcher.matches(path))  # type: ignore[arg-type]


def copied(
    words: Sequence[str], context: Iterable[str], sent_: Iterable[str], *, cwd: str, there: Iterable[str]
) -> Copied:
    """What ``COPY`` with *words* does in *cwd*, an absolute path, where *there* are the image's own paths already."""
    *sources, target = words
    whole, reached = list(context), frozenset(sent_)
    to = posixpath.normpath(posixpath.join(cwd, target))
    is_folder = target.endswith(("/", "/.")) or target in {".", ".."} or to == cwd or _is_folder(to, there)
    files: dict[str, str] = {}
    absent: list[str] = []
    ignored: list[str] = []
    leaving: list[str] = []
    for source in sources:
        inner = posixpath.normpath(source.lstrip("/") or ".")
        if inner == ".." or inner.startswith("../"):
            leaving.append(source)
            continue
        taken = dict(_taken(inner, whole))
        kept = {path: name for path, name in taken.items() if path in reached}
        if not kept:
            (ignored if taken else absent).append(source)
        for path, name in kept.items():
            single = path == inner or (len(kept) == 1 and bool(set(inner) & set("*?[")))
            place = to if single and not is_folder and len(sources) == 1 else posixpath.join(to, name)
            files[place] = path
    return Copied(
        files=files,
        absent=tuple(absent),
        ignored=tuple(ignored),
        leaving=tuple(leaving),
        unclear=len(sources) > 1 and not is_folder,
    )


def _is_folder(path: str, there: Iterable[str]) -> bool:
    return path == "/" or any(each.startswith(f"{path}/") for each in there)


def _taken(source: str, paths: Sequence[str]) -> Iterable[tuple[str, str]]:
    """The files that *source* means, each with its name below the target: a folder's contents, without its own name."""
    if source == ".":
        yield from ((path, path) for path in paths)
        return
    if not set(source) & set("*?["):
        if source in paths:
            yield source, posixpath.basename(source)
        yield from ((path, path.removeprefix(f"{source}/")) for path in paths if path.startswith(f"{source}/"))
        return
    # as Go's filepath.Match: no wildcard crosses a slash
    try:
        pattern = re.compile(_regular(source))
    except re.error:
        return  # no pattern, so nothing is meant by it
    for path in paths:
        parts = path.split("/")
        for end in range(1, len(parts) + 1):
            if pattern.fullmatch("/".join(parts[:end])):
                yield path, "/".join(parts[end:]) or parts[-1]
                break


def _regular(source: str) -> str:
    pieces = re.split(r"(\*|\?|\[[^\]]*\])", source)
    made = {"*": "[^/]*", "?": "[^/]"}
    return "".join(made.get(piece) or (piece if piece.startswith("[") else re.escape(piece)) for piece in pieces)
