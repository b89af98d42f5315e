"""Each kind of test, run as directly as it allows: with what pytest gives it, and as often as there are candidates."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from agents.offline.worker.trial import Idle, Red, Trial

ROUNDS = 2


class Rounds:
    """Collects, and runs every test as a trial several times in place of pytest's own way."""

    def __init__(self) -> None:
        self.ends: dict[str, list[str]] = {}
        self.direct: set[str] = set()
        self.known: set[str] = set()
        self.reports = 0

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        trials = [Trial(item) for item in session.items]
        for trial in trials * ROUNDS:
            name = trial.id.rpartition("::")[2]
            if trial.reached is not None:
                self.known.add(name)
                if not trial.reached.fixtures:
                    self.direct.add(name)
            self.ends.setdefault(name, []).append(_end(trial))
        return True

    def pytest_runtest_logreport(self) -> None:
        self.reports += 1


def _end(trial: Trial) -> str:
    try:
        trial.run()
    except BaseException as error:  # noqa: BLE001  # what it ends with is what is looked at
        return type(error).__name__
    return "passed"


@pytest.fixture
def rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Rounds]:
    """How the tests of a text end, each time that they are run."""

    def of(text: str) -> Rounds:
        (tmp_path / f"{tmp_path.name}.py").write_text(text)  # a module of its own for each
        monkeypatch.chdir(tmp_path)
        seen = Rounds()
        options = ["-q", "-c", "/dev/null", "-p", "no:cacheprovider", "-p", "no:asyncio", "--import-mode=importlib"]
        pytest.main([*options, f"--rootdir={tmp_path}", f"{tmp_path.name}.py"], plugins=[seen])
        return seen

    return of


def test_a_plain_test_is_only_a_call_with_copies_of_its_parameters(rounds):
    """What one run does to them, the next does not see; methods get an object of their own each time."""
    seen = rounds(
        "import pytest\n\n"
        "@pytest.mark.parametrize('xs', [[1], [2, 3]])\n"
        "def test_grows(xs):\n    n = len(xs)\n    xs.append(0)\n    assert n <= 2 and xs.count(0) == 1\n\n"
        "class TestBox:\n    def test_own(self):\n        assert not hasattr(self, 'used')\n        self.used = True\n\n"
        "def test_red():\n    assert 1 == 2\n\n"
        "def test_dies():\n    [][0]\n"
    )

    assert seen.ends == {
        "test_grows[xs0]": ["passed"] * ROUNDS,
        "test_grows[xs1]": ["passed"] * ROUNDS,
        "test_own": ["passed"] * ROUNDS,
        "test_red": ["AssertionError"] * ROUNDS,
        "test_dies": ["IndexError"] * ROUNDS,
    }
    assert seen.direct == seen.ends.keys()


def test_fixtures_are_made_and_torn_down_for_each_run(rounds):
    """Set-up and all, and no report is written."""
    seen = rounds(
        "import pytest\n\nLOG = []\n\n"
        "@pytest.fixture\ndef row():\n    LOG.append('made')\n    yield [len(LOG)]\n    LOG.append('gone')\n\n"
        "@pytest.fixture(autouse=True, scope='module')\ndef around():\n    LOG.append('open')\n    yield\n    LOG.append('shut')\n\n"
        "def test_row(row):\n    row.append(0)\n    assert LOG[-2:] == ['open', 'made'] and row[1:] == [0]\n\n"
        "def test_red(row):\n    assert not row\n\n"
        "def test_all_is_gone():\n    assert LOG[-1] == 'open' and LOG.count('made') == LOG.count('gone') > 0\n"
    )

    assert seen.ends == {
        "test_row": ["passed"] * ROUNDS, "test_red": ["AssertionError"] * ROUNDS, "test_all_is_gone": ["passed"] * ROUNDS
    }  # fmt: skip
    assert seen.known == seen.ends.keys()
    assert (seen.direct, seen.reports) == (set(), 0)


def test_what_a_fixture_raises_is_raised(rounds):
    """Before the test or after it; the next one starts afresh."""
    seen = rounds(
        "import pytest\n\n"
        "@pytest.fixture\ndef early():\n    raise KeyError('early')\n\n"
        "@pytest.fixture\ndef late():\n    yield 1\n    raise LookupError('late')\n\n"
        "def test_early(early): ...\n\ndef test_late(late): ...\n\ndef test_plain(capsys):\n    print(1)\n    assert capsys.readouterr().out == '1\\n'\n"
    )

    assert seen.ends == {
        "test_early": ["KeyError"] * ROUNDS, "test_late": ["LookupError"] * ROUNDS, "test_plain": ["passed"] * ROUNDS
    }  # fmt: skip


def test_what_a_test_patches_is_as_before_for_the_next_run(rounds):
    """`monkeypatch` leaves nothing behind, so that the test's own code is known to be all that runs."""
    seen = rounds(
        "import os\n\ndef test_patched(monkeypatch):\n    assert os.sep != '?'\n    monkeypatch.setattr(os, 'sep', '?')\n"
    )

    assert seen.ends == {"test_patched": ["passed"] * ROUNDS}
    assert seen.known == {"test_patched"}


def test_unittest_tells_its_own_failure(rounds):
    """With `setUp` and clean-ups, and although it keeps exceptions to itself."""
    seen = rounds(
        "import unittest\n\nclass Box(unittest.TestCase):\n"
        "    def setUp(self):\n        self.xs = [1]\n\n"
        "    def test_green(self):\n        self.xs.append(2)\n        self.assertEqual(self.xs, [1, 2])\n\n"
        "    def test_red(self):\n        self.assertEqual(self.xs, [])\n\n"
        "    def test_dies(self):\n        {}['x']\n"
    )

    assert seen.ends == {
        "test_green": ["passed"] * ROUNDS, "test_red": ["AssertionError"] * ROUNDS, "test_dies": ["KeyError"] * ROUNDS
    }  # fmt: skip
    assert not seen.known


def test_what_pytest_does_not_simply_call_is_left_to_pytest(rounds):
    """A skipped test has not passed, an expected failure is none, and log records are caught as its hooks do it."""
    seen = rounds(
        "import logging\nimport pytest\n\n"
        "@pytest.mark.skip\ndef test_skipped(): ...\n\n"
        "@pytest.mark.xfail(strict=True)\ndef test_strict(): ...\n\n"
        "def test_log(caplog):\n    logging.warning('x')\n    assert caplog.messages == ['x']\n\n"
        "def test_folder(tmp_path):\n    assert not list(tmp_path.iterdir())\n    (tmp_path / 'a').touch()\n"
    )

    assert seen.ends == {
        "test_skipped": [Red.__name__] * ROUNDS, "test_strict": [Red.__name__] * ROUNDS,
        "test_log": ["passed"] * ROUNDS, "test_folder": ["passed"] * ROUNDS,
    }  # fmt: skip
    assert not seen.direct


def test_a_test_that_asks_for_its_request_is_not_known_through(rounds):
    """Anything may come of that."""
    seen = rounds("def test_asks(request):\n    assert request.node.name == 'test_asks'\n")

    assert seen.ends == {"test_asks": ["passed"] * ROUNDS}
    assert not seen.known


def test_the_idle_trial_passes_or_fails_as_it_is_told_to():
    """It is what the fence is measured by."""
    Idle(1).run()

    with pytest.raises(ZeroDivisionError):
        Idle(0).run()
