"""Which tests ask the code to remember: a second round may end otherwise there, and nobody is accused of it."""

from __future__ import annotations

import pytest

from engine.checks.remembering import expects_memory

HEAD = "import pytest\nimport solution\nfrom solution import ask, Thing\n\n\ndef test_it():\n"


@pytest.mark.parametrize(
    "body",
    [
        "    assert ask('a') == 1\n    assert ask('a') == 2\n",
        "    ask('a')\n    assert ask('b') == 1\n",
        "    assert ask() == 1\n",
        "    solution.ask('a')\n    assert solution.ask('b') == 1\n",
    ],
    ids=["asked-twice", "an-effect", "about-nothing", "by-its-module"],
)
def test_these_tests_ask_for_memory(body: str) -> None:
    """They cannot pass on code that answers by its arguments alone."""
    assert expects_memory({"test_solution.py": HEAD + body}, ("solution",))


@pytest.mark.parametrize(
    "body",
    [
        "    assert ask('a') == 1\n    assert ask('b') == 2\n    assert ask('a') == 1\n",
        "    with pytest.raises(ValueError):\n        ask('a')\n",
        "    thing = Thing()\n    assert thing.size == 0\n",
        "    for x, y in [(1, 2), (2, 3)]:\n        assert ask(x) == y\n    x = 5\n    assert ask(x) == 6\n",
    ],
    ids=["same-answer", "an-exception", "a-new-thing", "variables"],
)
def test_these_tests_do_not(body: str) -> None:
    """A draft that answers otherwise the second time has no excuse."""
    assert not expects_memory({"test_solution.py": HEAD + body}, ("solution",))
