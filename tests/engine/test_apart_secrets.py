"""The candidate's process holds nothing of its tests: no text on the disk, in its memory, words or environment."""

from __future__ import annotations

from tests.engine.host_box import ends, failures, kept_apart

LOOKS = """
import gc
import os
import sys

# backwards, so that looking for them does not find itself
WORDS = ["tset-eht-ni-hsifdrows", "atad-eht-ni-edalamram"]


def holds(text):
    backwards = text[::-1]
    return [word for word in WORDS if word in backwards]


def on_the_disk():
    found = []
    for folder, _, names in os.walk(os.getcwd()):
        for name in names:
            path = os.path.join(folder, name)
            with open(path, encoding="utf-8", errors="replace") as file:
                if holds(file.read()):
                    found.append(path)
    return found


def in_memory():
    found = []
    for thing in gc.get_objects():
        for inner in [thing, *gc.get_referents(thing)]:
            if type(inner) is str and holds(inner):
                found.append(inner)
    return found


def given():
    found = []
    for path in ("/proc/self/cmdline", "/proc/self/environ", f"/proc/{os.getppid()}/cmdline"):
        try:
            with open(path, "rb") as file:
                found += holds(file.read().decode("latin-1"))
        except OSError:
            pass
    return found + holds(repr(sys.argv) + repr(sys.orig_argv) + repr(dict(os.environ)))


def files_of_the_tests_process():
    found = []
    for path in ("mem", "environ", "fd", "maps"):
        try:
            place = f"/proc/{os.getppid()}/{path}"
            os.listdir(place) if path == "fd" else open(place, "rb").read(1)
            found.append(path)
        except OSError:
            pass
    return found if os.geteuid() else []


def modules():
    return sorted(name for name in sys.modules if "pytest" in name or "test" in name or name.startswith("apart"))


def descriptors():
    return [os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd")]


def frames():
    frame = sys._getframe()
    found = []
    while frame is not None:
        found.append(frame.f_code.co_filename)
        frame = frame.f_back
    return [path for path in found if "test_solution" in path]
"""
TESTS = """
import solution

SECRET = "swordfish-in-the-test"


def test_disk():
    assert solution.on_the_disk() == []


def test_memory():
    assert solution.in_memory() == []


def test_it_would_be_found(tmp_path):
    solution.kept = SECRET
    assert solution.in_memory() != []


def test_given():
    assert solution.given() == []


def test_process():
    assert solution.files_of_the_tests_process() == []


def test_modules():
    assert solution.modules() == []


def test_descriptors():
    assert [path for path in solution.descriptors() if "report" in path or path.endswith(".py")] == []


def test_frames():
    assert solution.frames() == []
"""


async def test_the_code_finds_nothing_of_the_tests():
    """Not their text, not their data, not the module they are in, not the process they run in."""
    sitting = await kept_apart(
        {"solution.py": LOOKS}, {"test_solution.py": TESTS, "data.txt": "marmalade-in-the-data\n"}
    )

    assert sitting.report.status == "passed", failures(sitting)
    assert set(ends(sitting).values()) == {"passed"}


async def test_a_module_that_the_code_puts_in_the_place_of_a_test_is_not_run():
    """What is a test is known from the start: a file of that name on the disk counts for nothing."""
    code = "import pathlib\n\nfor name in ('test_solution.py', 'helpers.py', 'conftest.py', 'test_more.py'):\n    try:\n        pathlib.Path(name).write_text('EXPECTED = 2\\n\\n\\ndef test_add():\\n    pass\\n')\n    except OSError:\n        pass\n\n\ndef add(a, b):\n    return 2\n"
    tests = {
        "helpers.py": "EXPECTED = 3\n",
        "test_solution.py": "from solution import add\nfrom helpers import EXPECTED\n\n\ndef test_add():\n    assert add(1, 2) == EXPECTED\n",
        "test_third.py": "def test_third():\n    from helpers import EXPECTED\n    assert EXPECTED == 3\n",
    }

    sitting = await kept_apart({"solution.py": code}, tests)

    assert ends(sitting) == {"test_add": "failed", "test_third": "passed"}


async def test_data_that_the_code_changes_on_the_disk_is_still_what_it_was():
    """A test reads its frozen data from memory."""
    code = "import pathlib\n\n\ndef add(a, b):\n    path = pathlib.Path('expected.txt')\n    path.chmod(0o644)\n    path.write_text('2')\n    return 2\n"
    tests = {
        "test_solution.py": "from pathlib import Path\n\nfrom solution import add\n\n\ndef test_add():\n    assert str(add(1, 2)) == (Path(__file__).parent / 'expected.txt').read_text()\n",
        "expected.txt": "3",
    }

    sitting = await kept_apart({"solution.py": code}, tests)

    assert ends(sitting) == {"test_add": "failed"}
