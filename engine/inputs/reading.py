"""The door: PATHs and test PATHs in, the files of a task out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from engine.checks.javascript.paths import holds_tests, is_javascript
from engine.domain import Language, Value
from engine.errors import BadInput
from engine.inputs.files import Found, Reading
from engine.inputs.kinds import is_configuration, is_test, may_hold_tests
from engine.inputs.languages import language_of
from engine.inputs.layout import lay_out


class Inputs(Value):
    """What somebody named, read."""

    root: Path
    """The folder that the names below are relative to, as far as new files go."""
    files: Mapping[str, str]
    """The code, by the name it has in a box."""
    tests: Mapping[str, str]
    """The frozen tests and what belongs to them."""
    origins: Mapping[str, Found]
    """Where each of `files` came from."""
    test_origins: Mapping[str, Found] = {}
    """Where each of `tests` came from."""
    language: Language = "python"
    notes: tuple[str, ...] = ()
    """What was left out and why, one line each."""


def read_inputs(
    paths: Sequence[str], tests: Sequence[str] = (), *, cwd: Path | None = None, trusted: bool = True
) -> Inputs:
    """Read *paths* as the code and *tests* as the frozen tests.

    What is named as a test is frozen, also where it stands inside a folder of the code; so is configuration of
    tests and linters wherever it is met, unless the code is not *trusted*: whoever wrote code that is only to be
    judged has no say in how. Without *tests*, the test files among *paths* are the frozen tests.

    Raises:
        BadInput: One line that says what is wrong with which path. Nothing was written.
    """
    reading = Reading()
    frozen = _once([file for given in tests for file in reading.read(given)])
    frozen_files = {file.real for file in frozen}
    named = _once([file for given in paths for file in reading.read(given)])
    code = [file for file in named if file.real not in frozen_files]
    notes = list(dict.fromkeys(reading.notes))
    if tests:
        _require_tests(frozen, tests)

    language = language_of({file.name: file.text for file in code})
    found = [file for file in code if _is_test(file, language)]
    configuration = [file for file in code if trusted and is_configuration(file.name) and file not in found]
    if tests:
        notes += [f"left out {str(file.path)!r}: a test that --tests does not name" for file in found]
    elif found:
        notes += [f"taken as a frozen test: {str(file.path)!r}" for file in found]
        frozen = found
    if frozen:
        frozen = [*frozen, *configuration]
    kept = [file for file in code if file not in found and file not in configuration]
    _require_code(kept, paths, only_tests=bool(found) or any(file.real in frozen_files for file in named))

    layout = lay_out(kept, frozen, cwd=(cwd or Path.cwd()).resolve())
    return Inputs(
        language=language,
        root=layout.root,
        files={name: file.text for name, file in layout.code.items()},
        tests={name: file.text for name, file in layout.tests.items()},
        origins=layout.code,
        test_origins=layout.tests,
        notes=tuple(notes),
    )


def _is_test(file: Found, language: Language) -> bool:
    return is_test(file.name, file.text) if language == "python" else holds_tests(file.name, file.text)


def require_python(inputs: Inputs, done: str) -> None:
    """Nothing, where the code is Python; *done* is what would be done with it.

    Raises:
        BadInput: It is in another language.
    """
    if inputs.language != "python":
        written = {"javascript": "JavaScript", "typescript": "TypeScript"}[inputs.language]
        hint = "code in other languages can be judged and mended: mendbox check, mendbox fix"
        raise BadInput(f"only Python is {done}, and this is {written}", hint=hint)


def _once(files: Sequence[Found]) -> list[Found]:
    """The same file named twice counts once."""
    return list({file.path: file for file in reversed(files)}.values())[::-1]


def _require_tests(frozen: Sequence[Found], tests: Sequence[str]) -> None:
    shown = ", ".join(repr(given) for given in tests)
    if any(holds_tests(file.name, file.text) for file in frozen):
        return
    sources = [file for file in frozen if file.python and not is_configuration(file.name)]
    if not sources:
        raise BadInput(
            f"no test in {shown}",
            hint="name a file with functions called test_*, or of JavaScript's one such as sums.test.ts",
        )
    if not any(may_hold_tests(file.text) for file in sources):
        raise BadInput(f"no test function in {shown}", hint="pytest collects functions called test_*")


def _require_code(code: Sequence[Found], paths: Sequence[str], *, only_tests: bool) -> None:
    if any(file.python or is_javascript(file.name) for file in code):
        return
    shown = ", ".join(repr(given) for given in paths)
    if only_tests and not code:
        raise BadInput(f"nothing but tests in {shown}", hint="name the code that should be mended as well")
    if not code:
        raise BadInput(
            f"no files in {shown}", hint="name a file of Python, JavaScript or TypeScript, or a folder that holds one"
        )
    raise BadInput(
        f"no file of Python, JavaScript or TypeScript in {shown}", hint="name such files, or the folder of a project"
    )
