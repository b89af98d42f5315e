"""The types of the tools' arguments, with the bounds that are checked and the words that a model fills them in by."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.desk import Desk
from engine.domain import Task
from engine.inputs.snippet import CODE, TEST, Snippet, lay_out_snippet

Code = Annotated[
    str, Field(min_length=1, max_length=1_048_576, description="The whole text of the file; at most 1 MiB.")
]
Error = Annotated[
    str,
    Field(
        max_length=262_144,
        description="What went wrong: the message or, better, the whole traceback. May be empty where `tests` are given.",
    ),
]
Languages = Literal["python", "javascript", "typescript"]
Language = Annotated[
    Languages,
    Field(
        description="The language of the code; JavaScript and TypeScript are run by Node.js, single file components of Vue too."
    ),
]
Tests = Annotated[
    str | dict[str, str] | None,
    Field(
        description=(
            f"The pytest tests that must pass: the text of one file (it is called {TEST}), or several files' texts by "
            "path. They are frozen: never changed. Without any, the error is reproduced and becomes the test, and a "
            "fix can at best prove that this error is gone. The code is called by the one module that the tests "
            f"import and that `files` does not have, else {CODE}. For JavaScript and TypeScript: files of vitest or node:test, named by the same rule."
        )
    ),
]
Files = Annotated[
    dict[str, str] | None,
    Field(
        description=(
            "Other files of the program that the code or its tests need, as text by path relative to the root; a fix "
            "may change them too. Repeat `code` here under its own path to say what it is called. At most 200 files, "
            "3 MiB in all."
        )
    ),
]
Attempts = Annotated[
    int | None, Field(ge=1, le=50, description="Most candidates to judge; the server's own setting where unset.")
]
Seconds = Annotated[
    float | None,
    Field(
        ge=1,
        le=3_600,
        description="Wall clock of the whole run, without its wait in the queue; the server's setting where unset.",
    ),
]
Fresh = Annotated[
    bool,
    Field(description="Judge again what was judged before; otherwise the same code, tests and limits are judged once."),
]
WaitSeconds = Annotated[
    float,
    Field(
        ge=0,
        le=45,
        description=(
            "Wait up to this long for it to end, instead of asking often. A call that waits also carries its questions "
            "to your model, where `asks_your_model` says that it has one."
        ),
    ),
]
RunId = Annotated[
    str,
    Field(
        min_length=4,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The run's id, as auto_fix_code or start_run gave it.",
    ),
]


def laid_out(
    code: str, tests: str | dict[str, str] | None, files: dict[str, str] | None, language: Languages
) -> Snippet:
    """Where each text stands below the root. Raises `BadInput`."""
    return lay_out_snippet(code, tests=tests, files=files, language=language)


async def as_task(
    desk: Desk,
    code: str,
    error: str,
    language: Languages,
    *,
    tests: str | dict[str, str] | None,
    files: dict[str, str] | None,
    attempts: int | None = None,
    seconds: float | None = None,
) -> Task:
    """What is to be done, within the server's own budget where the client names none.

    Raises:
        BadInput: It says what cannot be.
        NotNow: What the language needs is still being built.
    """
    snippet = laid_out(code, tests, files, language)
    settings = desk.settings
    environment = await desk.environment(language)
    asked = {"attempts": attempts, "seconds": seconds}
    return Task(
        language=language,
        files=snippet.files,
        tests=snippet.tests,
        error=error,
        budget=settings.budget.model_copy(update={name: value for name, value in asked.items() if value is not None}),
        limits=settings.limits.model_copy(update={"environment": environment}),
    )
