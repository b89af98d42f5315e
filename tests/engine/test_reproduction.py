"""No tests were given: what to run, whether the reported failure was seen, and the frozen test made of it."""

from __future__ import annotations

import pytest

from engine.domain import Verdict
from engine.reproduction import named_exception, program_of, replay, reproduces
from sandboxes.base import Outcome, Stream
from tests.engine.made import PlayedSandbox, finding, report, task

TRACEBACK = """Traceback (most recent call last):
  File "/home/me/shop/main.py", line 3, in <module>
    print(total())
  File "/home/me/shop/pkg/prices.py", line 9, in total
    return a + b
shop.errors.PriceError: no price
"""


def printed(text: str) -> Outcome:
    return Outcome(ended="exited", exit_code=1, stdout=Stream(head=text.encode(), total_bytes=len(text.encode())))


def of(error: str = "", *paths: str):
    return task(files=dict.fromkeys(paths, "x = 1\n"), tests={}, error=error)


@pytest.mark.parametrize(
    ("error", "paths", "program"),
    [
        pytest.param(TRACEBACK, ("main.py", "pkg/prices.py"), "main.py", id="the outermost frame"),
        pytest.param(TRACEBACK, ("prices.py", "pkg/prices.py"), "pkg/prices.py", id="the longest path that fits"),
        pytest.param(
            'File "C:\\me\\main.py", line 1, in <module>', ("main.py", "b.py"), "main.py", id="another system's path"
        ),
        pytest.param('File "elsewhere.py", line 1', ("a.py", "b.py"), None, id="a frame that is not ours"),
        pytest.param("", ("a.py",), "a.py", id="the only file"),
        pytest.param("", ("a.py", "data.txt"), "a.py", id="the only Python file"),
        pytest.param("", ("a.py", "main.py"), "main.py", id="a usual entry"),
        pytest.param("", ("a.py", "b.py"), None, id="unclear"),
        pytest.param("", ("a.txt",), None, id="no Python"),
    ],
)
def test_what_to_run(error: str, paths: tuple[str, ...], program: str | None):
    """The traceback says so, or there is only one, or it has a usual name; else nothing is guessed."""
    assert program_of(of(error, *paths)) == program


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (TRACEBACK, "PriceError"),
        ("KeyError: 'x'", "KeyError"),
        ("json.decoder.JSONDecodeError: Expecting", "JSONDecodeError"),
        ("E   ZeroDivisionError: division by zero", "ZeroDivisionError"),
        ("ValueError: a\n\nDuring handling of the above exception\n\nTypeError: b", "TypeError"),
        ("it prints 3 and not 4", None),
        ("", None),
    ],
)
def test_the_exception_that_is_reported(error: str, name: str | None):
    """The last one that stands where a traceback has it."""
    assert named_exception(error) == name


def seen(*rules: str, check: str = "tests") -> Verdict:
    findings = [finding(f"saw {rule}", rule, check) for rule in rules]
    return Verdict(files_sha256="0", reports=(report(check, "failed" if rules else "passed", *findings),))


@pytest.mark.parametrize(
    ("verdict", "error", "held"),
    [
        (seen("KeyError"), "KeyError: 'x'", True),
        (seen("KeyError"), "", True),
        (seen("NameError"), "running it ends with a KeyError: 'x'", False),
        (seen("IndentationError", check="syntax"), "SyntaxError: invalid syntax", True),
        (seen("ModuleNotFoundError"), "ImportError: no module", True),
        (seen("UnboundLocalError"), "NameError: x", True),
        (seen("hung"), "TimeoutError: it hangs forever", True),
        (seen("hung"), "KeyError: 'x'", False),
        (seen("TypeError"), "KeyError: 'x'", False),
        (seen(), "KeyError: 'x'", False),
        (seen("E501", check="lint"), "", False),
    ],
)
def test_reproduced_or_not(verdict: Verdict, error: str, held: bool):
    """The failure seen has to be of the reported kind; lint is no failure of a program."""
    reproduced, what = reproduces(verdict, error)

    assert reproduced is held
    assert what


async def test_the_replay_is_a_test_that_compiles():
    """With what was printed both times before it failed, whole lines only; names of any kind are quoted."""
    sandbox = PlayedSandbox(printed("start\ntime 1\nrest"), printed("start\ntime 2\nrest"))

    found = await replay(of("", 'größe "x" $y.py'), sandbox, run_id="r")

    assert found is not None
    scope: dict[str, object] = {}
    exec(compile(found.text, found.path, "exec"), scope)
    assert scope["PROGRAM"] == 'größe "x" $y.py'
    assert scope["PRINTED_BEFORE_IT_FAILED"] == "start\n"
    assert found.path == "test_reproduction.py"
    assert [command.argv for command in sandbox.opened[0].commands] == [("python3", 'größe "x" $y.py')] * 2


async def test_the_replay_takes_nobody_elses_name():
    """A file or a frozen test of that name stays what it is."""
    in_files = await replay(of("", "test_reproduction.py"), PlayedSandbox(printed(""), printed("")), run_id="r")
    given = task(files={"a.py": ""}, tests={"test_reproduction.py": ""})
    in_tests = await replay(given, PlayedSandbox(printed(""), printed("")), run_id="r")

    assert in_files is not None
    assert in_tests is not None
    assert in_files.path == in_tests.path == "test_mendbox_reproduction.py"


async def test_nothing_to_run_opens_no_box():
    """Where it is not clear what to run, nothing is."""
    sandbox = PlayedSandbox()

    assert await replay(of("", "a.py", "b.py"), sandbox, run_id="r") is None
    assert sandbox.opened == []
