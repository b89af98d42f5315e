"""The author that reads its answers from a file: for demonstrations, tests and replays, with no model and no key.

The file is JSON: a list of steps, or ``{"steps": [...]}``. Each step is one answer::

    [
      {"note": "wrong at first", "edits": [{"path": "gcd.py", "search": "a % b", "replace": "b % a"}]},
      {"unusable": "only prose"},
      {"raise": "unavailable", "note": "the line is down"},
      {"note": "right", "files": {"gcd.py": "def gcd(a, b): ..."}}
    ]

A step of a project may look first, as a model may: ``looks`` is a list of rounds, each a list of requests of
`agents.looking.requests`. A request may say what it ``expects``: text that is to be in what it brings, else the step is
unusable. Texts of an edit may be called ``old`` and ``new`` too::

    {"looks": [[{"ask": "read", "path": "gcd.py", "expects": "def gcd"}], [{"ask": "test", "node": "test_gcd.py"}]],
     "edits": [{"path": "gcd.py", "old": "a % b", "new": "b % a"}]}

``files`` and ``edits`` may stand together. ``files`` holds whole files and leaves the others as they were
handed in; ``edits`` replace a text that occurs exactly once. ``raise`` is one of ``nothing``, ``refused``,
``unavailable``, ``key``. A step may carry a ``usage`` to be billed. Which step comes next is read from the
brief, so that a resumed run goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from agents.answering import Answer, Edit, NotApplicable, WholeFile, apply
from agents.base import Brief, Draft, Steps, Usage, Value, Workshop
from agents.errors import AuthorError, KeyRejected, NothingToOffer, ProviderUnavailable, Refused
from agents.looking.looker import Looker, Seen
from agents.looking.requests import Request, in_words
from agents.prompts import excerpt

_LONGEST = 16 * 2**20
"""Bytes of a script."""
_SHOWN = 2_000
"""Characters that are shown of what a look brought that was not expected."""


class ScriptUnreadable(ValueError):
    """The script cannot be used; says which file it is and where it is wrong."""


def _of_a_model(edit: object) -> object:
    """*edit* with its texts named as a model names them."""
    if isinstance(edit, dict) and {"old", "new"} <= edit.keys():
        named = {"old": "search", "new": "replace"}
        return {named.get(name, name): value for name, value in edit.items()}
    return edit


def _split(look: object) -> object:
    """A request, and beside it what it is to bring."""
    if isinstance(look, dict) and "ask" in look:
        request = {name: value for name, value in look.items() if name != "expects"}
        return {"request": request, **({"expects": look["expects"]} if "expects" in look else {})}
    return look


class Look(Value):
    """One request of a script."""

    request: Request
    expects: str = ""


class Step(Value):
    """One answer of a script."""

    note: str = ""
    looks: tuple[tuple[Annotated[Look, BeforeValidator(_split)], ...], ...] = ()
    """What is looked at before it answers, round by round."""
    files: Mapping[str, str] = {}
    edits: tuple[Annotated[Edit, BeforeValidator(_of_a_model)], ...] = ()
    unusable: str = ""
    raises: Annotated[Literal["nothing", "refused", "unavailable", "key"] | None, Field(validation_alias="raise")] = (
        None
    )
    usage: Usage = Usage()

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if sum((bool(self.files or self.edits), bool(self.unusable), bool(self.raises))) != 1:
            raise ValueError('a step has either "files" and "edits", or "unusable", or "raise"')
        return self


_STEPS = TypeAdapter(tuple[Step, ...])


class Scripted:
    """An `Author` that answers with one step after another, then has nothing to offer."""

    name = "scripted"

    def __init__(
        self,
        steps: tuple[Step, ...],
        *,
        source: str = "the script",
        workshop: Workshop | None = None,
        kept: Steps | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        """Look in *workshop*, where a step does; *kept* keeps what that brought, and *tell* hears of it."""
        self._steps = steps
        self._source = source
        self._workshop = workshop
        self._kept = kept
        self._tell = tell

    @classmethod
    def read(
        cls,
        path: Path,
        *,
        workshop: Workshop | None = None,
        steps: Steps | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> Self:
        """The author whose steps stand in the file *path*; for the rest see the class.

        Raises:
            ScriptUnreadable: There is no such file, or it is no script.
        """
        try:
            if path.stat().st_size > _LONGEST:
                raise ScriptUnreadable(f"script {str(path)!r} is longer than {_LONGEST} bytes")
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ScriptUnreadable(f"script {str(path)!r} cannot be read: {error}") from error
        return cls(_steps(text, str(path)), source=str(path), workshop=workshop, kept=steps, tell=tell)

    async def write(self, brief: Brief) -> Draft:
        """As `Author.write` promises: the step after those already tried."""
        at = sum(tried.author == self.name for tried in brief.tried)
        if at >= len(self._steps):
            raise NothingToOffer(self.name, f"{self._source} has no step after number {len(self._steps)}")
        step = self._steps[at]
        if step.raises:
            raise self._error(step)
        draft = Draft(
            files=brief.files,
            note=step.note,
            author=self.name,
            usage=step.usage,
            rounds=len(step.looks),
            unusable=step.unusable or await self._looked(step, at, brief),
        )
        if draft.unusable:
            return draft
        whole = tuple(WholeFile(path=path, content=content) for path, content in step.files.items())
        try:
            answer = Answer(edits=step.edits, files=whole)
            return draft.model_copy(update={"files": apply(answer, brief.files, brief.tests)})
        except (NotApplicable, ValidationError) as error:
            return draft.model_copy(update={"unusable": f"step {at + 1}: {error}"})

    async def _looked(self, step: Step, at: int, brief: Brief) -> str:
        """Look at what *step* looks at; which of it brought something else than was expected."""
        looker = Looker(brief, self._workshop)
        for number, round_ in enumerate(step.looks, 1):
            if self._tell is not None:
                self._tell(
                    f"round {number} of {len(step.looks)}: {'; '.join(in_words(look.request) for look in round_)}"
                )
            for look in round_:
                see = partial(looker.see, look.request, left=brief.allowance.seconds)
                key = f"{at}|{number}|{look.request.model_dump_json()}"
                seen = await (see() if self._kept is None else self._kept("look", key, see, Seen))
                if look.expects not in seen.text:
                    said = f"{in_words(look.request)} brought no {look.expects!r}"
                    return f"step {at + 1}: {said}:\n{excerpt(seen.text, _SHOWN)}"
        return ""

    def _error(self, step: Step) -> AuthorError:
        what = step.note or "the script says so"
        match step.raises:
            case "refused":
                return Refused(self.name, what, usage=step.usage)
            case "unavailable":
                return ProviderUnavailable(self.name, what, usage=step.usage)
            case "key":
                return KeyRejected(self.name, what, usage=step.usage)
            case _:
                return NothingToOffer(self.name, what)


def _steps(text: str, source: str) -> tuple[Step, ...]:
    try:
        script = json.loads(text)
    except ValueError as error:
        raise ScriptUnreadable(f"script {source!r} is not JSON: {error}") from error
    if isinstance(script, dict) and set(script) == {"steps"}:
        script = script["steps"]
    try:
        return _STEPS.validate_python(script)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["loc"] and isinstance(first["loc"][0], int):
            inner = ".".join(str(part) for part in first["loc"][1:])
            place = f"step {first['loc'][0] + 1}" + (f", {inner}" if inner else "")
        raise ScriptUnreadable(f"script {source!r} is wrong at {place or 'the top'}: {first['msg']}") from error
