"""Our own programs inside the box: every kind of test, and every way for a session to go wrong, really run there."""

from __future__ import annotations

import time

import pytest

from engine.case import Case
from engine.checks.base import Subject, inside_programs
from engine.checks.survey import Syntax
from engine.checks.tests import Tests
from engine.checks.ways import Way
from engine.domain import Budget, Report, Task, Verdict
from sandboxes.base import Box, Limits
from sandboxes.docker import DockerSandbox

pytestmark = [pytest.mark.docker, pytest.mark.slow]

SOLUTION = {"solution.py": "def add(a, b):\n    return a + b\n"}
PASSES = "from solution import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n"


async def session(
    box: Box,
    files: dict[str, str],
    tests: dict[str, str],
    *,
    seconds: float = 60.0,
    hang: float = 20.0,
    hangs: int = 9,
    **way: bool,
) -> tuple[Subject, Report]:
    """Survey and one session, as the judge does them, in *box*."""
    case = Case(
        task=Task(files=files, tests=tests, budget=Budget(test_seconds=seconds)),
        before=files,
        tests=tests,
        baseline=Verdict(files_sha256="0", reports=()),
    )
    await box.put({path: text.encode() for path, text in files.items()})
    await box.put({path: text.encode() for path, text in tests.items()}, locked=True)
    await box.put(inside_programs(), place="tools", locked=True)
    subject, _ = await Syntax().survey(Subject(files=files, case=case), box)
    report = await Tests().session(subject, box, Way(hang_seconds=hang, stop_after_hangs=hangs, lines=True, **way))
    return subject, report


def ends(report: Report) -> dict[str, str]:
    return {test.node_id: test.ended for test in report.tests}


def rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


EVERYTHING = {
    "test_plain.py": """
import pytest
from solution import add

@pytest.mark.parametrize("a", [1, 2], ids=["one", "two [2] ü"])
@pytest.mark.parametrize("b", [0, 1])
def test_grid(a, b):
    assert add(a, b) == a + b

class TestClass:
    def test_method(self):
        assert add(1, 1) == 2

    class TestInner:
        def test_inner(self):
            assert add(1, 1) == 3

@pytest.fixture
def breaks():
    raise RuntimeError("no fixture")

@pytest.fixture
def breaks_later():
    yield
    raise RuntimeError("no clean-up")

def test_setup(breaks):
    pass

def test_teardown(breaks_later):
    pass

def test_unknown_fixture(nobody_has_it):
    pass

@pytest.mark.skip(reason="no")
def test_skipped():
    pass

def test_skips_itself():
    pytest.skip("no")

@pytest.mark.xfail
def test_xfailed():
    assert False

@pytest.mark.xfail
def test_xpassed():
    pass

@pytest.mark.xfail(strict=True)
def test_strictly():
    pass

def test_leaves():
    raise SystemExit(0)

def test_fails_outright():
    pytest.fail("on purpose")

async def test_asynchronous():
    pass

def testing_without_underscore():
    assert add(1, 2) == 3

def helper():
    assert False

@pytest.fixture
def test_is_a_fixture():
    return 1

class Test_has_init:
    def __init__(self):
        pass

    def test_never(self):
        assert False

class TestOff:
    __test__ = False

    def test_never(self):
        assert False
""",
    "test_unit ü.py": """
import unittest
from solution import add

class Base(unittest.TestCase):
    def test_inherited(self):
        self.assertEqual(add(1, 2), 3)

class CaseTest(Base):
    def test_fails(self):
        self.assertEqual(add(1, 2), 4)

    def test_raises(self):
        add(1)

    def test_subtests(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertEqual(add(n, 0), n)

    def test_a_subtest_is_skipped_and_another_fails(self):
        for n in range(2):
            with self.subTest(n=n):
                if n == 0:
                    self.skipTest("not here")
                self.assertEqual(n, 0)

    def test_a_subtest_fails(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)

    @unittest.skip("no")
    def test_skipped(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.fail()

class SetUpFails(unittest.TestCase):
    def setUp(self):
        raise RuntimeError("no")

    def test_x(self):
        pass

del Base
""",
    "test_broken_import.py": "import nothing_like_it\n\n\ndef test_x():\n    pass\n",
    "test_skipped_module.py": "import pytest\npytest.skip('no', allow_module_level=True)\n\n\ndef test_x():\n    pass\n",
    "test_properties.py": "from hypothesis import given, strategies as st\nfrom solution import add\n\n\n@given(st.integers())\ndef test_zero(n):\n    assert add(n, 0) == n\n\n\n@given(st.integers())\ndef test_wrong(n):\n    assert add(n, 0) != 0\n",
    "checks/test_beside.py": "from pathlib import Path\n\n\ndef test_data():\n    assert Path(__file__).with_name('a b.txt').read_text() == 'data'\n",
    "checks/a b.txt": "data",
    "pkg/__init__.py": "",
    "pkg/test_relative.py": "from . import values\n\n\ndef test_relative():\n    assert values.ONE == 1\n",
    "pkg/values.py": "ONE = 1\n",
    "conftest.py": "import pytest\n\n\n@pytest.fixture\ndef five():\n    return 5\n",
    "test_five.py": "def test_five(five, capsys, monkeypatch, tmp_path):\n    monkeypatch.setenv('A', 'b')\n    (tmp_path / 'x').write_text('y')\n    print(five)\n    assert capsys.readouterr().out == '5\\n'\n",
}


async def test_every_kind_of_test_is_told_by_its_name_and_end(box: Box):
    """One session of everything pytest and unittest know; nothing is lost, and nothing passes that did not."""
    subject, report = await session(box, SOLUTION, EVERYTHING)

    unit, plain = "test_unit ü.py::CaseTest::", "test_plain.py::"
    seen = ends(report)
    assert {
        node: seen.pop(node)
        for node in (
            f"{plain}TestClass::test_method",
            f"{plain}testing_without_underscore",
            f"{unit}test_inherited",
            f"{unit}test_subtests",
            "test_properties.py::test_zero",
            "checks/test_beside.py::test_data",
            "pkg/test_relative.py::test_relative",
            "test_five.py::test_five",
        )
    } | {node: seen.pop(node) for node in list(seen) if "test_grid[" in node} == {
        f"{plain}TestClass::test_method": "passed",
        f"{plain}testing_without_underscore": "passed",
        f"{unit}test_inherited": "passed",
        f"{unit}test_subtests": "passed",
        "test_properties.py::test_zero": "passed",
        "checks/test_beside.py::test_data": "passed",
        "pkg/test_relative.py::test_relative": "passed",
        "test_five.py::test_five": "passed",
        **{f"{plain}test_grid[{b}-{a}]": "passed" for b in (0, 1) for a in ("one", "two [2] \\xfc")},
    }
    assert seen == {
        f"{plain}TestClass::TestInner::test_inner": "failed",
        f"{plain}test_setup": "error",
        f"{plain}test_teardown": "error",
        f"{plain}test_unknown_fixture": "error",
        f"{plain}test_skipped": "skipped",
        f"{plain}test_skips_itself": "skipped",
        f"{plain}test_xfailed": "xfailed",
        f"{plain}test_xpassed": "xpassed",
        f"{plain}test_strictly": "failed",
        f"{plain}test_leaves": "failed",
        f"{plain}test_fails_outright": "failed",
        f"{plain}test_asynchronous": "failed",
        f"{unit}test_fails": "failed",
        f"{unit}test_raises": "failed",
        f"{unit}test_a_subtest_fails": "failed",
        f"{unit}test_a_subtest_is_skipped_and_another_fails": "failed",
        f"{unit}test_skipped": "skipped",
        f"{unit}test_expected": "xfailed",
        "test_unit ü.py::SetUpFails::test_x": "failed",
        "test_properties.py::test_wrong": "failed",
        "test_broken_import.py::test_x": "missing",
        "test_skipped_module.py::test_x": "missing",
    }
    assert "test_plain.py::TestOff::test_never" not in subject.names.expected
    assert {finding.rule for finding in report.findings} >= {
        "ModuleNotFoundError",
        "AssertionError",
        "TypeError",
        "SystemExit",
    }
    assert report.executed["solution.py"] == (1, 2)


async def test_a_thousand_tests_are_quick(box: Box):
    """Telling of each test costs next to nothing."""
    many = "import pytest\nfrom solution import add\n\n\n@pytest.mark.parametrize('n', range(1000))\ndef test_n(n):\n    assert add(n, 1) == n + 1\n"

    _, report = await session(box, SOLUTION, {"test_many.py": many})

    assert (report.status, report.summary) == ("passed", "1000 passed")
    assert report.seconds < 30


async def test_the_src_folder_is_imported_from(box: Box):
    """A src layout needs no installation, and its lines are seen."""
    files = {"src/shop/__init__.py": "", "src/shop/prices.py": "def total():\n    return 3\n"}
    tests = {"tests/test_prices.py": "from shop.prices import total\n\n\ndef test_total():\n    assert total() == 3\n"}

    _, report = await session(box, files, tests)

    assert report.status == "passed"
    assert report.executed["src/shop/prices.py"] == (1, 2)


async def test_an_endless_loop_is_hung_and_the_next_test_still_runs(box: Box):
    """Also one that catches everything; what it printed does not matter."""
    files = {
        "solution.py": "def spin():\n    while True:\n        pass\n\n\ndef stubborn():\n    n = 0\n    while n < 10**9:\n        try:\n            while True:\n                n += 1\n        except ValueError:\n            pass\n"
    }
    tests = {
        "test_loops.py": "import unittest\nimport solution\n\n\ndef test_spin():\n    solution.spin()\n\n\nclass UnitTest(unittest.TestCase):\n    def test_in_unittest(self):\n        solution.stubborn()\n\n\ndef test_after():\n    pass\n"
    }

    _, report = await session(box, files, tests, hang=0.4)

    assert ends(report) == {
        "test_loops.py::test_spin": "hung",
        "test_loops.py::UnitTest::test_in_unittest": "hung",
        "test_loops.py::test_after": "passed",
    }
    assert rules(report) == {"hung"}
    assert all(finding.path == "solution.py" for finding in report.findings)


async def test_what_catches_everything_is_killed(box: Box):
    """Code that swallows every exception in a loop ends with the box's deadline; the test is named."""
    files = {
        "solution.py": "def never():\n    while True:\n        try:\n            while True:\n                pass\n        except BaseException:\n            pass\n"
    }
    tests = {"test_never.py": "import solution\n\n\ndef test_never():\n    solution.never()\n"}

    _, report = await session(box, files, tests, hang=0.3, seconds=8)

    assert report.status == "failed"
    assert "timeout" in rules(report)
    assert "test_never.py::test_never" in report.findings[0].message


async def test_waiting_for_ever_is_killed(box: Box):
    """Sleeping costs no processor time; the wall clock ends it."""
    started = time.monotonic()

    _, report = await session(
        box,
        {"solution.py": "import time\n"},
        {"test_s.py": "import solution\n\n\ndef test_s():\n    solution.time.sleep(600)\n"},
        seconds=6,
    )

    assert "timeout" in rules(report)
    assert time.monotonic() - started < 40


LEAVING = [
    pytest.param("import os\nos._exit(0)\n", "no-report", id="leaves at import"),
    pytest.param("import sys\nsys.exit(0)\n", "missing", id="exits at import"),
    pytest.param("import os\n\n\ndef add(a, b):\n    os._exit(0)\n", "no-report", id="leaves when called"),
    pytest.param(
        "import os, signal\n\n\ndef add(a, b):\n    os.kill(os.getpid(), signal.SIGKILL)\n",
        "no-report",
        id="kills itself",
    ),
    pytest.param(
        "import atexit, os\natexit.register(os._exit, 0)\n\n\ndef add(a, b):\n    return 0\n",
        "AssertionError",
        id="leaves at exit",
    ),
    pytest.param(
        "import atexit, os\natexit.register(os._exit, 7)\n\n\ndef add(a, b):\n    return a + b\n",
        "no-report",
        id="another exit code at exit",
    ),
    pytest.param(
        "import os\n\n\ndef add(a, b):\n    if os.fork():\n        os._exit(0)\n    return a + b\n",
        "no-report",
        id="leaves its copy behind",
    ),
    pytest.param(
        'import os\n\n\ndef add(a, b):\n    for n in range(3, 99):\n        try:\n            os.write(n, b\'{"event": "done", "exit_code": 0}\\n\')\n        except OSError:\n            pass\n    os._exit(0)\n',
        "no-report",
        id="writes the last line itself",
    ),
    pytest.param("def add(a, b):\n    return bytearray(3 * 2**30)\n", "MemoryError", id="memory"),
    pytest.param(
        "import sys\nsys.modules['pytest'] = sys\n\n\ndef add(a, b):\n    return 0\n",
        "AssertionError",
        id="takes the runner's name",
    ),
    pytest.param("raise KeyboardInterrupt\n", "missing", id="interrupts"),
]


@pytest.mark.parametrize(("solution", "rule"), LEAVING)
async def test_leaving_early_is_no_pass(solution: str, rule: str, box: Box):
    """Whichever way the process goes before all has been said, it is red, and says why."""
    _, report = await session(box, {"solution.py": solution}, {"test_solution.py": PASSES})

    assert report.status == "failed"
    if rule == "MemoryError":  # killed by the kernel, or refused by the allocator: either is this
        assert rules(report) & {"memory", "MemoryError"}
    else:
        assert rule in rules(report)


async def test_a_flood_of_output_does_not_drown_the_report(box: Box):
    """What is printed goes elsewhere than what is reported; evidence is bounded."""
    flood = 'def add(a, b):\n    for n in range(20_000):\n        print("x" * 500)\n    return a - b\n'

    _, report = await session(box, {"solution.py": flood}, {"test_solution.py": PASSES})

    assert rules(report) == {"AssertionError"}
    assert len(report.findings[0].evidence) <= 6_100


async def test_threads_and_processes_of_tests_are_seen(tmp_path: object, sandbox: DockerSandbox):
    """Lines in threads are counted; that there were other processes is said. Another order changes nothing."""
    files = {
        "solution.py": "import subprocess\nimport sys\nimport threading\n\n\ndef in_thread():\n    seen = []\n    thread = threading.Thread(target=lambda: seen.append(1))\n    thread.start()\n    thread.join()\n    return seen\n\n\ndef in_process():\n    return subprocess.run([sys.executable, '-c', 'print(1)'], capture_output=True, check=True).stdout\n"
    }
    tests = {
        "test_more.py": "import solution\n\n\ndef test_thread():\n    assert solution.in_thread() == [1]\n\n\ndef test_process():\n    assert solution.in_process() == b'1\\n'\n"
    }

    async with sandbox.open(run_id="test", limits=Limits(seconds=120)) as box:
        _, first = await session(box, files, tests)
        _, second = await session(box, files, tests, reverse=True, fresh_interpreter=True)

    assert first.status == second.status == "passed"
    assert "*" in first.executed
    assert 8 in first.executed["solution.py"]
    assert [test.node_id for test in second.tests] == [test.node_id for test in first.tests][::-1]


async def test_tampering_with_the_frozen_tests_is_seen(box: Box):
    """A test that is changed while it runs is found by its hash, whatever it then says."""
    cheat = "import os\n\n\ndef add(a, b):\n    try:\n        os.chmod('test_solution.py', 0o600)\n    except OSError:\n        pass\n    os.rename('test_solution.py', 'old.py')\n    return a + b\n"

    _, report = await session(box, {"solution.py": cheat}, {"test_solution.py": PASSES})

    assert report.status == "failed"
    assert rules(report) & {"tampered", "PermissionError"}


async def test_the_survey_reads_without_running(box: Box):
    """Names, marks, executable lines and syntax errors, of files that would end the process if they ran."""
    files = {
        "a.py": "import os\nos._exit(0)\n\n\ndef f(\n    a,\n):\n    return a\n",
        "b.py": "def f(:\n",
        "c.py": "x = 1\0\n",
        "d.py": "\ufeffx = 'ü'\n",
    }
    tests = {
        "test_a.py": "import pytest\nraise SystemExit\n\n\n@pytest.mark.skipif(True, reason='x')\ndef test_a():\n    pass\n\n\nclass TestB:\n    async def test_b(self):\n        pass\n",
        "test_c.py": "import pytest\npytestmark = [pytest.mark.xfail]\n\n\ndef test_c():\n    pass\n",
    }
    case = Case(task=Task(files=files, tests=tests), before=files, tests=tests)
    await box.put({path: text.encode() for path, text in {**files, **tests}.items()})
    await box.put(inside_programs(), place="tools", locked=True)

    subject, report = await Syntax().survey(Subject(files=files, case=case), box)

    assert subject.names.expected == ("test_a.py::test_a", "test_a.py::TestB::test_b", "test_c.py::test_c")
    assert subject.names.marked == ("test_a.py::test_a", "test_c.py::test_c")
    assert subject.executable == {"a.py": (1, 2, 5, 8), "d.py": (1,)}
    assert [(finding.path, finding.line, finding.rule) for finding in report.findings] == [
        ("b.py", 1, "SyntaxError"),
        ("c.py", 1, "SyntaxError"),
    ]


async def test_a_compiled_test_that_the_draft_leaves_behind_is_not_run(box: Box):
    """A compiled file that fits an untouched test's source is not read: pytest takes the source itself."""
    forge = r"""
import importlib.util, marshal, os
from _pytest.assertion import rewrite

here = os.path.dirname(__file__)
test = os.path.join(here, "test_later.py")
with open(test, "rb") as file:
    source = importlib.util.source_hash(file.read())
code = marshal.dumps(compile("def test_later(): pass", test, "exec"))
os.makedirs(os.path.join(here, "__pycache__"), exist_ok=True)
with open(os.path.join(here, "__pycache__", "test_later" + rewrite.PYC_TAIL), "wb") as file:
    file.write(importlib.util.MAGIC_NUMBER + b"\x03\0\0\0" + source + code)
"""
    tests = {
        "test_first.py": "import solution\n\n\ndef test_first():\n    pass\n",
        "test_later.py": "def test_later():\n    assert False\n",
    }

    _, report = await session(box, {"solution.py": forge}, tests)

    assert ends(report) == {"test_first.py::test_first": "passed", "test_later.py::test_later": "failed"}


async def test_code_that_cannot_be_imported_is_red_and_not_called_tampering(box: Box):
    """Pytest counts a failed collection as a failure without a test; that is told, and no forgery."""
    _, report = await session(box, {"solution.py": "import nothing_of_this_name\n"}, {"test_s.py": PASSES})

    assert "tampered" not in rules(report)
    assert report.status == "failed"


async def test_what_honest_tests_replace_for_a_while_is_not_called_tampering(box: Box):
    """Replaced built-ins, clocks and output, a method added to TestCase, and test modules that import each other."""
    tests = {
        "test_a.py": """
import builtins, time, unittest
from unittest import mock
import test_b

unittest.TestCase.assertFine = lambda self: self.assertTrue(True)

class TestCase(unittest.TestCase):
    maxDiff = None
    def test_fine(self):
        with mock.patch("builtins.print"), mock.patch("time.sleep"):
            self.assertFine()

def test_patched(monkeypatch):
    monkeypatch.setattr(builtins, "input", lambda: "x")
    monkeypatch.setattr("json.dumps", lambda value: "{}")
    assert test_b.value() == 3
""",
        "test_b.py": "from solution import add\n\n\ndef value():\n    return add(1, 2)\n\n\ndef test_b():\n    assert value()\n",
    }

    _, report = await session(box, SOLUTION, tests)

    assert (report.status, report.findings) == ("passed", ())


async def test_code_that_reads_its_command_line_finds_none_of_ours(box: Box):
    """A function that parses `sys.argv` unless it is told otherwise is common, and none of our words belong there."""
    reads = "import sys\n\n\ndef words():\n    return sys.argv[1:]\n"
    asks = "from solution import words\n\n\ndef test_words():\n    assert words() == []\n"

    _, report = await session(box, {"solution.py": reads}, {"test_solution.py": asks})

    assert ends(report) == {"test_solution.py::test_words": "passed"}
