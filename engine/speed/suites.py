"""The code and the tests that everybody is given: made here, green, and free of lint findings."""

from __future__ import annotations

from collections.abc import Mapping

from engine.domain import Budget, Task, Value

REST_MS, WORK_MS = 5, 5
"""What each test of the large suite waits, and then works, by the clock."""
TEST_SECONDS = 60.0
"""Enough for the largest suite on a busy machine."""

_KINDS: tuple[tuple[str, str, str], ...] = (
    ("add", "value + {n}", "({m}) == {sum}"),
    ("scale", "value * {n}", "({m}) == {product}"),
    ("distance", "abs(value - {n})", "({m}) == {distance}"),
    ("larger", "max(value, {n})", "({m}) == {larger}"),
    ("label", 'f"{{value}}/{n}"', '({m}) == "{m}/{n}"'),
)


class Suite(Value):
    """Files, frozen tests, and what they are said to be."""

    name: str
    files: Mapping[str, str]
    tests: Mapping[str, str]
    count: int
    """How many tests pytest collects."""

    @property
    def together(self) -> dict[str, str]:
        return {**self.files, **self.tests}

    @property
    def task(self) -> Task:
        return Task(files=self.files, tests=self.tests, budget=Budget(test_seconds=TEST_SECONDS))

    def broken(self) -> Suite:
        """The same with the answer of one function changed, so that a test is red: who calls this green does not look."""
        path, text = next((path, text) for path, text in self.files.items() if "    return " in text)
        head, _, tail = text.partition("    return ")
        return self.model_copy(update={"files": {**self.files, path: f"{head}    return not {tail}"}})


def small() -> Suite:
    """Ten tests of tiny functions."""
    return of_tests(10).model_copy(update={"name": "10 tests of tiny functions"})


def large() -> Suite:
    """200 tests that together take 2 s: each waits, then keeps a core busy."""
    clock = f'''"""Work that takes a known time."""

import time


def effort(number: int) -> int:
    """Wait for {REST_MS} ms, work for {WORK_MS} ms, and give the number back."""
    time.sleep({REST_MS / 1000})
    end = time.perf_counter() + {WORK_MS / 1000}
    while time.perf_counter() < end:
        pass
    return number
'''
    tests = [f"def test_effort_{n}() -> None:\n    assert effort({n}) == {n}\n" for n in range(200)]
    return Suite(
        name="200 tests that take 2 s",
        files={"effort.py": clock},
        tests={"test_effort.py": "\n\n".join(["from effort import effort\n", *tests])},
        count=200,
    )


def of_tests(count: int) -> Suite:
    """As many tests, one for each tiny function of one module."""
    code = ['"""Tiny functions."""\n', *(_function(number) for number in range(count))]
    tests = ["import tiny\n", *(_test(number, "tiny") for number in range(count))]
    return Suite(
        name=f"{count} tests",
        files={"tiny.py": "\n\n".join(code)},
        tests={"test_tiny.py": "\n\n".join(tests)},
        count=count,
    )


def of_files(count: int) -> Suite:
    """As many modules in a folder, all of them imported; one test that asks every one."""
    files = {f"parts/part_{n}.py": f'"""Part {n}."""\n\n\n{_function(n)}' for n in range(count)}
    names = [f"part_{n}" for n in range(count)]
    imports = f"import {names[0]}" if count == 1 else "import (\n    " + ",\n    ".join(names) + ",\n)"
    asked = "\n".join(f"    assert part_{n}.{_asked(n)}" for n in range(count))
    return Suite(
        name=f"{count} files",
        files=files,
        tests={"test_parts.py": f"from parts {imports}\n\n\ndef test_parts() -> None:\n{asked}\n"},
        count=1,
    )


def _function(number: int) -> str:
    name, body, _ = _KINDS[number % len(_KINDS)]
    kind = "str" if name == "label" else "int"
    return f"def {name}_{number}(value: int) -> {kind}:\n    return {body.format(n=number)}\n"


def _test(number: int, module: str) -> str:
    name = _KINDS[number % len(_KINDS)][0]
    return f"def test_{name}_{number}() -> None:\n    assert {module}.{_asked(number)}\n"


def _asked(number: int) -> str:
    """A call of the function with that number, and what it has to be."""
    name, _, call = _KINDS[number % len(_KINDS)]
    n, m = number, number * 7 % 31
    filled = call.format(n=n, m=m, sum=m + n, product=m * n, distance=abs(m - n), larger=max(m, n))
    return f"{name}_{number}{filled}"
