"""What the code prints, warns of and logs is heard by the tests; folder, environment and files are the same for both."""

from __future__ import annotations

import pytest

from tests.engine.host_box import ends, failures, kept_apart

CODE = """
import logging
import os
import sys
import warnings

log = logging.getLogger("shop.till")


class Odd(UserWarning):
    pass


def say(text):
    print(text)
    print("also", 1, sep="-", end="!", file=sys.stderr)
    sys.stdout.write("more")
    sys.stdout.buffer.write(b"bytes")


def warn(odd=False):
    warnings.warn("careful", Odd if odd else DeprecationWarning, stacklevel=2)
    return 3


def note(level, text):
    log.log(level, text)


def fail_and_note():
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("no %s", "luck")


def where():
    return os.getcwd()


def variable(name):
    return os.environ.get(name)


def load(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def save(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def ask():
    return input("name? ")
"""
TESTS = """
import logging
import os
import pathlib
import warnings

import pytest

import solution

HERE = pathlib.Path(__file__).parent


def test_capsys(capsys):
    solution.say("hello")
    caught = capsys.readouterr()
    assert caught.out == "hello\\nmorebytes"
    assert caught.err == "also-1!"
    assert capsys.readouterr().out == ""


def test_warns():
    with pytest.warns(DeprecationWarning, match="careful") as caught:
        assert solution.warn() == 3
    assert len(caught) == 1
    with pytest.warns(solution.Odd):
        solution.warn(odd=True)


def test_warnings_as_errors():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(DeprecationWarning, match="careful"):
            solution.warn()


def test_recorded():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        solution.warn()
        solution.warn()
    assert [str(each.message) for each in caught] == ["careful", "careful"]


def test_caplog(caplog):
    with caplog.at_level(logging.INFO, logger="shop.till"):
        solution.note(logging.DEBUG, "not this")
        solution.note(logging.INFO, "this")
    assert caplog.record_tuples == [("shop.till", logging.INFO, "this")]


def test_logged_error(caplog):
    solution.fail_and_note()
    (record,) = caplog.records
    assert record.getMessage() == "no luck"
    assert record.exc_info[0] is ZeroDivisionError


def test_folder(tmp_path, monkeypatch):
    assert solution.where() == os.getcwd()
    monkeypatch.chdir(tmp_path)
    assert solution.where() == str(tmp_path)


def test_folder_undone():
    assert solution.where() == str(HERE)


def test_environment(monkeypatch):
    assert solution.variable("SHOP_WORD") is None
    monkeypatch.setenv("SHOP_WORD", "w")
    assert solution.variable("SHOP_WORD") == "w"
    monkeypatch.delenv("SHOP_WORD")
    assert solution.variable("SHOP_WORD") is None


def test_files(tmp_path):
    (tmp_path / "in.txt").write_text("from the tests")
    assert solution.load(tmp_path / "in.txt") == "from the tests"
    solution.save(str(tmp_path / "out.txt"), "from the code")
    assert (tmp_path / "out.txt").read_text() == "from the code"


def test_no_input():
    with pytest.raises(EOFError):
        solution.ask()


def test_frozen_data():
    assert (HERE / "data" / "given.txt").read_text(encoding="utf-8") == "frozen"
    with open(HERE / "data" / "given.txt", "rb") as file:
        assert file.read() == b"frozen"
"""


async def test_what_the_code_says_is_heard_and_where_it_works_is_where_the_tests_work():
    """Both streams, warnings with their filters, log records with their levels; folder, environment, files, no input."""
    sitting = await kept_apart({"solution.py": CODE}, {"test_solution.py": TESTS, "data/given.txt": "frozen"})

    assert sitting.report.status == "passed", failures(sitting)
    assert set(ends(sitting).values()) == {"passed"}


async def test_the_code_runs_elsewhere_where_it_is_asked_to():
    """A copy of its files in another folder, under another name; the tests that look at neither pass there as well."""
    tests = "import os\nimport solution\n\n\ndef test_where():\n    assert solution.where() != os.getcwd()\n    assert solution.where().endswith('project')\n\n\ndef test_user():\n    assert solution.variable('USER') == 'nobody-known'\n\n\ndef test_load():\n    assert solution.load('kept.txt') == 'beside it'\n"

    sitting = await kept_apart(
        {"solution.py": CODE, "kept.txt": "beside it"},
        {"test_solution.py": tests},
        elsewhere=True,
        environment={"USER": "nobody-known"},
    )

    assert sitting.report.status == "passed", failures(sitting)


LAYOUTS = {
    "src": ({"src/pack/__init__.py": "", "src/pack/core.py": "def one():\n    return 1\n"}, "pack.core"),
    "package": ({"pack/__init__.py": "from .core import one\n", "pack/core.py": "def one():\n    return 1\n"}, "pack"),
    "namespace": ({"space/core.py": "def one():\n    return 1\n"}, "space.core"),
}


@pytest.mark.parametrize(("files", "module"), LAYOUTS.values(), ids=LAYOUTS)
async def test_packages_are_imported_from_afar(files: dict[str, str], module: str):
    """With a folder for sources, packages and modules below them; shared helpers and conftest come from memory."""
    tests = {
        "tests/__init__.py": "",
        "tests/helpers.py": "EXPECTED = 1\n",
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef two():\n    return 2\n",
        "tests/test_one.py": f"from {module} import one\nfrom tests.helpers import EXPECTED\n\n\ndef test_one(two):\n    assert one() == EXPECTED == two - 1\n",
    }

    sitting = await kept_apart(files, tests)

    assert sitting.report.status == "passed", failures(sitting)
    assert set(ends(sitting).values()) == {"passed"}
