"""Two versions of some files held against each other in a real box, as the bench does it."""

from __future__ import annotations

import json

import pytest

from agents.offline.toolbox import tools
from sandboxes.base import TOOLS, Command

pytestmark = pytest.mark.docker

RIGHT = {
    "shop/__init__.py": "",
    "shop/stack.py": "class Stack:\n    def __init__(self, items=()):\n        self.items = list(items)\n\n    def push(self, x):\n        self.items.append(x)\n\n    def pop(self):\n        return self.items.pop()\n",
    "shop/sums.py": "from shop.stack import Stack\n\ndef total(xs):\n    return sum(xs)\n\ndef largest(xs):\n    return max(xs)\n",
}
TESTS = {
    "test_shop.py": "import pytest\nfrom shop.stack import Stack\nfrom shop.sums import total, largest\n\n@pytest.mark.parametrize('xs, e', [([1, 2, 3], 6), ([4], 4)])\ndef test_total(xs, e):\n    assert total(xs) == e\n\ndef test_stack():\n    s = Stack([1])\n    s.push(2)\n    assert s.pop() == 2\n\ndef test_largest():\n    assert largest([3]) == 3\n"
}
PROGRAM = """
import json, sys
sys.path.insert(0, "/box/tools")
from mendbox_search.behaviour import compare
from mendbox_search.report import Reporter

asked = json.load(sys.stdin)
told = compare(asked["right"], asked["other"], asked["tests"], asked.get("entry"), seconds=20.0)
Reporter.from_environment().say("told", agree=told.agree, compared=told.compared, differ=told.differ, first=told.first, answers=told.answers)
"""
OTHERS = [
    pytest.param({}, None, True, id="the-same"),
    pytest.param({"shop/sums.py": ("sum(xs)", "sum(sorted(xs))")}, None, True, id="another-way-to-the-same"),
    pytest.param({"shop/sums.py": ("sum(xs)", "xs[0] * (xs[0] + 5) if len(xs) > 1 else sum(xs)")}, None, False, id="right-for-the-tests-only"),
    pytest.param({"shop/stack.py": ("items.pop()", "items.pop(1)")}, None, False, id="a-method"),
    pytest.param({"shop/stack.py": ("items.pop()", "items.pop(1)")}, "total", True, id="not-in-the-function-asked-for"),
    pytest.param({"shop/sums.py": ("return sum(xs)", "import os; os._exit(0)")}, None, False, id="ends-its-process"),
    pytest.param({"shop/sums.py": ("return sum(xs)", "while True: pass")}, None, False, id="never-ends"),
    pytest.param({"shop/sums.py": ("def total", "1 / 0\n\ndef total")}, None, False, id="cannot-be-imported"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "entry", "agree"), OTHERS)
async def test_versions_agree_where_they_do_the_same_on_inputs_like_those_of_the_tests(box, changes, entry, agree):
    """Also on those that no test asks for."""
    other = {path: RIGHT[path].replace(*change) for path, change in changes.items()}
    await box.put({path: text.encode() for path, text in RIGHT.items()})
    await box.put({path: text.encode() for path, text in TESTS.items()}, locked=True)
    await box.put(
        {path: text.encode() for path, text in tools().items()} | {"held.py": PROGRAM.encode()}, place="tools"
    )
    asked = json.dumps({"right": RIGHT, "other": other, "tests": TESTS, "entry": entry}).encode()

    outcome = await box.run(Command(argv=("python", f"{TOOLS}/held.py"), stdin=asked, seconds=60.0))

    lines = outcome.report.head.decode().splitlines()
    assert lines, outcome.stderr.text
    told = json.loads(lines[-1])
    assert told["agree"] is agree
    assert told["compared"] > 40
    assert bool(told["first"]) is not agree
