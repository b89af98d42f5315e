"""What a model is asked to answer with, and how that answer is laid over the files: strictly, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Annotated, Protocol, Self

from pydantic import AfterValidator, model_validator

from agents.base import Value
from agents.nearest import names_like, nearest_to, places_of


def _encodable(text: str) -> str:
    """JSON can spell half of a surrogate pair, which no file can hold."""
    text.encode()  # UnicodeEncodeError is a ValueError, so that it ends as a validation error
    return text


Text = Annotated[str, AfterValidator(_encodable)]


class Edit(Value):
    """Replace one passage of a file as it was handed in."""

    path: Text
    search: Text
    replace: Text


class WholeFile(Value):
    """A new file, or one rewritten."""

    path: Text
    content: Text


class Answer(Value):
    """A change to the files, and why."""

    note: Text = ""
    edits: tuple[Edit, ...] = ()
    files: tuple[WholeFile, ...] = ()

    @model_validator(mode="after")
    def _says_each_thing_once(self) -> Self:
        if not self.edits and not self.files:
            raise ValueError("it names no edit and no file")
        said_once(self.edits, self.files)
        return self


def said_once(edits: Sequence[Edit], files: Sequence[WholeFile]) -> None:
    """Raises `ValueError` where a path is answered more than once."""
    whole = Counter(file.path for file in files)
    twice = {path for path, times in whole.items() if times > 1} | {edit.path for edit in edits if edit.path in whole}
    if twice:
        raise ValueError(f"it answers {min(twice)!r} more than once")


class NotApplicable(ValueError):
    """The answer does not fit the files it is for; the text is meant for its author."""


class Changes(Protocol):
    """An answer that changes files, whatever else it says."""

    @property
    def edits(self) -> tuple[Edit, ...]: ...
    @property
    def files(self) -> tuple[WholeFile, ...]: ...


def apply(answer: Changes, files: Mapping[str, str], tests: Mapping[str, str]) -> dict[str, str]:
    """The whole set of files after *answer*.

    A path that is a frozen test's, absolute or escaping is kept as it was answered: whoever judges the
    draft has to see it.

    Raises:
        NotApplicable: A search text does not occur exactly once, its file is unknown, or nothing changes.
    """
    after = dict(files)
    for whole in answer.files:
        after[whole.path] = _in_line_ends_of(files.get(whole.path, ""), whole.content)
    for edit in answer.edits:
        before = after.get(edit.path, tests.get(edit.path))
        if before is not None:
            after[edit.path] = _replaced(edit, before)
        elif _leaves(edit.path):
            after[edit.path] = edit.replace
        else:
            raise NotApplicable(f"edit of {edit.path!r}: there is no such file ({names_like(edit.path, files)})")
    if after == dict(files):
        raise NotApplicable("the answer changes nothing")
    return after


def _replaced(edit: Edit, before: str) -> str:
    search, replace = _in_line_ends_of(before, edit.search), _in_line_ends_of(before, edit.replace)
    at = before.find(search)
    if at < 0:
        near = nearest_to(search, before)
        raise NotApplicable(f"edit of {edit.path!r}: its search text does not occur there{near and f'; {near}'}")
    if before.find(search, at + 1) >= 0:
        where = f", {places_of(search, before)}: take in more lines around it" if search else ""
        raise NotApplicable(f"edit of {edit.path!r}: its search text occurs more than once there{where}")
    return before[:at] + replace + before[at + len(search) :]


def _in_line_ends_of(model: str, text: str) -> str:
    """Models write LF whatever they read; a file with CRLF keeps its own line ends."""
    if "\r\n" in model and "\r\n" not in text:
        return text.replace("\n", "\r\n")
    return text


def _leaves(path: str) -> bool:
    pure = PurePosixPath(path)
    return pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path
