"""Whole projects, in a real box: their own settings, several files, faults far from the test that fails."""

from __future__ import annotations

import pytest

from agents.base import Allowance, Brief, Suite
from agents.offline.author import OfflineAuthor
from engine.workshop import BoxWorkshop
from sandboxes.base import Limits

pytestmark = pytest.mark.docker


async def mend(sandbox, files, tests, suite, failing=(), seconds=60.0):
    author = OfflineAuthor(BoxWorkshop(sandbox, limits=Limits(), run_id="test"))
    asked = Brief(
        goal="", files=files, tests=tests, suite=suite, failing=failing, allowance=Allowance(seconds=seconds)
    )  # fmt: skip
    return await author.write(asked)


async def test_a_project_is_searched_with_its_own_settings(sandbox):
    """Nested conftests, a name of its own for test files, a plugin, environment variables, an import folder, and a test that
    is set aside: without any one of them nothing could be found here.
    """
    files = {
        "lib/shop/__init__.py": "from shop.cart import Cart\n",
        "lib/shop/cart.py": "from shop.tax import with_tax\n\n\nclass Cart:\n    def __init__(self, rate):\n        self.rate = rate\n        self.prices = []\n\n    def total(self):\n        return with_tax(sum(self.prices), self.rate)\n",
        "lib/shop/tax.py": "def with_tax(net, rate):\n    return net * (1 - rate)\n",
    }  # fmt: skip
    tests = {
        "tests/conftest.py": "import os\nimport pytest\nfrom shop import Cart\n\n\n@pytest.fixture\ndef cart():\n    return Cart(float(os.environ['SHOP_RATE']))\n",
        "tests/unit/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef full(cart):\n    cart.prices += [10, 30]\n    return cart\n",
        "tests/unit/check_cart.py": "def test_total(full, pytester):\n    assert full.total() == 50\n\n\ndef test_empty(cart):\n    assert cart.total() == 0\n\n\ndef test_rest(full):\n    full.prices.append(0.5)\n    assert full.total() == 50.625\n\n\ndef test_other(full):\n    assert full.total() == 30\n",
    }  # fmt: skip
    suite = Suite(
        options={"python_files": "check_*.py"},
        plugins=("pytester",),
        environment={"SHOP_RATE": "0.25"},
        path=("lib",),
        aside=("tests/unit/check_cart.py::test_other",),
    )

    draft = await mend(sandbox, files, tests, suite)

    assert [path for path in files if draft.files[path] != files[path]] == ["lib/shop/tax.py"]
    assert "1 + rate" in draft.files["lib/shop/tax.py"]


async def test_what_tests_import_late_and_make_once_is_there_before_candidates_come(sandbox):
    """A test that imports the faulty module as it runs, beside a fixture of the whole session that costs much."""
    files = {"lib/shop/__init__.py": "", "lib/shop/tax.py": "def with_tax(net, rate):\n    return net * (1 - rate)\n"}
    tests = {
        "tests/conftest.py": "import pytest\n\n\n@pytest.fixture(scope='session')\ndef table():\n    return [sum(range(3_000_000)) for _ in range(3)]\n",
        "tests/test_tax.py": "def test_tax(table):\n    from shop.tax import with_tax\n    assert with_tax(40, 0.25) == 50\n\n\ndef test_none(table, pytester):\n    from shop.tax import with_tax\n    assert with_tax(0, 0.5) == 0\n    assert len(table) == 3\n",
    }  # fmt: skip
    suite = Suite(plugins=("pytester",), path=("lib",))

    draft = await mend(sandbox, files, tests, suite, failing=("tests/test_tax.py::test_tax",))

    assert draft.files["lib/shop/tax.py"] == files["lib/shop/tax.py"].replace("1 - rate", "1 + rate")


ROUTED = {
    "app/__init__.py": "import importlib\n\n\ndef ask(path, *given):\n    return importlib.import_module('app.routes').answer(path, *given)\n",
    "app/routes.py": "from app.rules import lend\n\n\ndef answer(path, member, books, wanted):\n    if path != '/loans':\n        return 404, 'nothing'\n    lent = [book for book in books if book[1] == member]\n    text = f'{member} has {len(lent)}'\n    status = 201 if lend(lent, wanted) else 409\n    return status, text\n",
    "app/rules.py": "MOST = 3\n\n\ndef lend(lent, wanted):\n    names = [name for name, _ in lent]\n    if wanted in names:\n        return False\n    return not len(names) > MOST\n",
}
RIGHT = {
    ROUTED["app/rules.py"].replace("> MOST", ">= MOST"),
    ROUTED["app/rules.py"].replace("MOST = 3", "MOST = 2"),
}
LOANS = """import pytest
from app import ask

BOOKS = [('a', 'Ada'), ('b', 'Ada'), ('c', 'Ada'), ('d', 'Bea')]


@pytest.mark.parametrize(('path', 'member', 'wanted', 'status'), [
    ('/loans', 'Ada', 'x', 409), ('/loans', 'Bea', 'x', 201), ('/loans', 'Bea', 'd', 409), ('/', 'Ada', 'x', 404)])
def test_loans(path, member, wanted, status):
    assert ask(path, member, BOOKS, wanted)[0] == status
"""


async def test_what_is_imported_with_the_first_request_is_changed_where_it_runs(sandbox):
    """As frameworks import what answers; a session of these tests costs so much that few candidates could have one each."""
    tests = {"tests/conftest.py": "TABLE = sum(range(60_000_000))\n", "tests/test_loans.py": LOANS}
    failing = ("tests/test_loans.py::test_loans[/loans-Ada-x-409]",)

    draft = await mend(sandbox, ROUTED, tests, Suite(), failing=failing, seconds=40.0)

    assert draft.files["app/rules.py"] in RIGHT


async def test_what_each_test_imports_anew_is_mended_as_well(sandbox):
    """What is exchanged in a module that is imported once would not be what runs there."""
    files = {"full.py": "def full(names, most):\n    return len(names) > most\n"}
    again = "import sys\n\nimport pytest\n\n\n@pytest.fixture(autouse=True)\ndef anew():\n    sys.modules.pop('full', None)\n"
    asked = "def test_full():\n    from full import full\n    assert full('abc', 3)\n\n\ndef test_room():\n    from full import full\n    assert not full('ab', 3)\n"
    tests = {"tests/conftest.py": again, "tests/test_full.py": asked}

    draft = await mend(sandbox, files, tests, Suite(), failing=("tests/test_full.py::test_full",))

    assert draft.files["full.py"] == files["full.py"].replace("> most", ">= most")


async def test_a_fault_in_each_of_two_files_is_mended_in_both(sandbox):
    """Each is shown by a test of its own, and no single edit turns both green."""
    files = {
        "shop/__init__.py": "",
        "shop/tax.py": "def with_tax(net, rate):\n    return net * (1 - rate)\n",
        "shop/stock.py": "def enough(count, stock):\n    return count < stock\n",
    }
    tests = {
        "tests/test_shop.py": "from shop.stock import enough\nfrom shop.tax import with_tax\n\n\ndef test_tax():\n    assert with_tax(40, 0.25) == 50\n\n\ndef test_the_last():\n    assert enough(3, 3)\n\n\ndef test_too_many():\n    assert not enough(4, 3)\n    assert with_tax(0, 0.5) == 0\n",
    }  # fmt: skip
    failing = ("tests/test_shop.py::test_tax", "tests/test_shop.py::test_the_last")

    draft = await mend(sandbox, files, tests, Suite(), failing=failing)

    assert "1 + rate" in draft.files["shop/tax.py"]
    assert "count <= stock" in draft.files["shop/stock.py"]
