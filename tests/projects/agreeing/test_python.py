"""What one Python file takes from another, and cannot have, is told before anything runs; whatever may be right is not."""

from __future__ import annotations

import pytest

from engine.projects.agreeing import disagreements
from tests.projects.agreeing.plans import NODE, python_plan, told_of_python

STORE = """
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, field
from functools import lru_cache
from typing import ClassVar, overload

LIMIT = 3


def add(name, price=1, *, stock, note=""):
    return name


def last(a, /, b):
    return b


def many(*all, **named):
    return all


@lru_cache
def cached(key):
    return key


@contextmanager
def opened(path):
    yield path


def changed(function):
    return lambda *a: function


@changed
def decorated():
    return 1


class Plain:
    def __init__(self, name, size=1):
        self.name = name


class Below(Plain):
    pass


class Bare:
    pass


class Wrong(Exception):
    def __init__(self, code):
        self.code = code


class Free(Exception):
    pass


@dataclass(frozen=True)
class Line:
    KIND: ClassVar[str] = "line"
    product: int
    count: int = 1
    tags: list = field(default_factory=list)
    _: KW_ONLY
    note: str = ""


class Made:
    def __new__(cls, *given):
        return object.__new__(cls)
"""
FILES = {"shop/__init__.py": "", "shop/store.py": STORE}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("from shop.store import remove\n", "python/name", id="no such name"),
        pytest.param("from .store import remove\n", "python/name", id="relatively"),
        pytest.param("from shop.shop import add\n", "python/import", id="no such module"),
        pytest.param("from .shop import add\n", "python/import", id="no such neighbour"),
        pytest.param("from ...store import add\n", "python/import", id="above the component"),
        pytest.param("import shop.stores\n", "python/import", id="a dotted one"),
        pytest.param("import store\n", "python/import", id="a neighbour as if it were at the top"),
        pytest.param("import flask\n", "python/import", id="nothing declared brings it"),
        pytest.param("def f():\n    import sqlalchemy.orm\n", "python/import", id="in a function"),
        pytest.param("from shop import store\nstore.remove(1)\n", "python/name", id="an attribute of a module"),
        pytest.param("import shop.store\nshop.store.remove(1)\n", "python/name", id="of a dotted one"),
        pytest.param("import shop.store as kept\nprint(kept.LIMITS)\n", "python/name", id="of a renamed one"),
        pytest.param("from shop.store import add\nadd('a')\n", "python/call", id="a required keyword"),
        pytest.param("from shop.store import add\nadd('a', 1, 2, stock=1)\n", "python/call", id="too many"),
        pytest.param("from shop.store import add\nadd('a', stock=1, sock=2)\n", "python/call", id="an unknown keyword"),
        pytest.param("from shop.store import add\nadd('a', name='b', stock=1)\n", "python/call", id="given twice"),
        pytest.param("from shop.store import last\nlast(a=1, b=2)\n", "python/call", id="only by place"),
        pytest.param("from shop.store import cached\ncached()\n", "python/call", id="a cached one"),
        pytest.param("from shop.store import opened\nopened(1, 2)\n", "python/call", id="a context manager"),
        pytest.param("from shop import store\nstore.add()\n", "python/call", id="through its module"),
        pytest.param("from shop.store import Plain\nPlain()\n", "python/call", id="a class"),
        pytest.param("from shop.store import Below\nBelow(1, 2, 3)\n", "python/call", id="one that inherits"),
        pytest.param("from shop.store import Wrong\nraise Wrong()\n", "python/call", id="an exception"),
        pytest.param("from shop.store import Line\nLine()\n", "python/call", id="a dataclass"),
        pytest.param(
            "from shop.store import Line\nLine(1, 2, [], 'note')\n", "python/call", id="a field by keyword only"
        ),
        pytest.param("from shop.store import Line\nLine(1, KIND='x')\n", "python/call", id="a variable of the class"),
        pytest.param("def f(a):\n    return a\n\n\nf()\n", "python/call", id="in the same file"),
        pytest.param("def f(:\n    pass\n", "python/syntax", id="no Python"),
    ],
)
def test_what_a_file_takes_and_cannot_have_is_told(text: str, rule: str) -> None:
    """Exactly one finding, at the line that has to change."""
    found = told_of_python({**FILES, "shop/main.py": text})

    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    assert len(found) == 1
    assert found[0].startswith(f"{rule} shop/main.py:")
    assert int(found[0].rpartition(":")[2]) in lines


@pytest.mark.parametrize(
    "text",
    [
        "from shop.store import add, LIMIT\nadd('a', stock=LIMIT)\nadd('a', 2, stock=1, note='x')\n",
        "import shop.store\nshop.store.add('a', stock=1)\n",
        "from . import store\nstore.add('a', stock=1)\nstore.__name__\n",
        "from shop.store import *\nadd('a', stock=1)\n",
        "from shop.store import add\ngiven = {}\nadd(*[1], **given)\nadd('a', **given)\n",
        "from shop.store import many\nmany(1, 2, a=3)\n",
        "from shop.store import decorated\ndecorated(1, 2, 3)\n",
        "from shop.store import Plain, Below, Bare, Free, Made\nPlain('a')\nBelow('a', 2)\nBare()\nFree(1, 2)\nMade(1)\n",
        "from shop.store import Line\nLine(1)\nLine(product=1, count=2, tags=[], note='')\nLine(1, 2, [], note='x')\n",
        "try:\n    import orjson\nexcept ImportError:\n    orjson = None\n",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from shop.store import Nothing\n",
        "import pydantic\nimport starlette.requests\nimport fastapi.testclient\nimport uvicorn\nimport pytest\nimport json\n",
        "from shop.store import add\n\n\ndef f(add):\n    return add()\n",
        "import pytest\nfrom shop.store import add\n\nwith pytest.raises(TypeError):\n    add()\n",
        "from shop.store import add\ntry:\n    add()\nexcept TypeError:\n    pass\n",
        "from shop.store import add\nadd()  # type: ignore[call-arg]\n",
        "from shop import store\nif hasattr(store, 'remove'):\n    store.remove()\n",
        "import shop\nshop.store\n",
        "from shop.store import Plain\n\n\nclass Other(Plain):\n    def __init__(self):\n        pass\n\n\nOther()\n",
        "from contextlib import suppress\nwith suppress(ImportError):\n    import orjson\n",
        "type Pairs = list[tuple[int, int]]\ndef first[T](of: list[T]) -> T: return of[0]\n",
        'told = f"{\'a\' + "b"}"\n',
        "\ufeffimport json\n",
        "def f(a):\n    return a\n\n\nf = print\nf()\n",
        "from shop.store import add as put\nput('a', stock=2)\n",
        "import shop.store as store\nstore.later = 1\nstore.later\n",
    ],
    ids=range(26),
)
def test_what_may_be_right_is_not_told(text: str) -> None:
    """A project that works is never refused: what cannot be told from the text is left to the box."""
    assert told_of_python({**FILES, "shop/main.py": text}) == []


@pytest.mark.parametrize(
    "store",
    [
        "def __getattr__(name):\n    return 1\n",
        "globals()['add'] = print\n",
        "from os.path import *\n",
        "import sys\nsys.modules[__name__] = object()\n",
        "def f():\n    global add\n    add = 1\n",
        "for add in range(3):\n    pass\n",
        "with open('x') as add:\n    pass\n",
        "if (add := 1):\n    pass\n",
        "try:\n    from os import add\nexcept ImportError:\n    add = None\n",
        "match 1:\n    case {'a': add, **rest}:\n        pass\n",
        "import os.path as add\n",
        "from .other import add\n",
        "from .other import *\n",
        "(add, *others) = 1, 2\n",
    ],
    ids=range(14),
)
def test_a_name_may_come_from_anywhere_in_a_module(store: str) -> None:
    """However a module gets a name, others may import it."""
    files = {"shop/__init__.py": "", "shop/store.py": store, "shop/other.py": "def add(a):\n    return a\n"}

    assert told_of_python({**files, "shop/main.py": "from shop.store import add\n"}) == []


def test_modules_are_found_where_they_are_installed_from() -> None:
    """Below ``src``, beside a test, and in folders without ``__init__.py``."""
    files = {
        "src/shop/store.py": "def add(a):\n    return a\n",
        "src/shop/main.py": "from shop.store import add\nadd(1)\n",
        "tests/making.py": "def one():\n    return 1\n",
        "tests/test_shop.py": "from making import one\nfrom shop.store import add\n\n\ndef test_it():\n    assert add(one())\n",
    }

    assert told_of_python(files) == []


def test_a_name_is_followed_through_what_imports_it() -> None:
    """A package that passes a function on is called as the function is."""
    files = {**FILES, "shop/__init__.py": "from shop.store import add\n", "main.py": "from shop import add\nadd()\n"}

    assert told_of_python(files) == ["python/call main.py:2"]


def test_modules_that_import_each_other_and_all_have_an_end() -> None:
    """Stars in a circle are followed once."""
    files = {
        "a.py": "from b import *\nx = 1\n",
        "b.py": "from a import *\ny = 2\n",
        "c.py": "from a import x, y\nfrom b import z\n",
    }

    assert told_of_python(files) == ["python/name c.py:2"]


def test_an_unknown_package_may_bring_anything() -> None:
    """Whether a module is missing is said only where all that is declared is known."""
    manifest = '[project]\nname = "jobs"\nversion = "1"\ndependencies = ["fastapi", "our-own-sdk"]\n'

    assert told_of_python({"pyproject.toml": manifest, "main.py": "import flask\n"}) == []


def test_an_address_in_place_of_a_package_is_refused() -> None:
    """Whoever writes a new project must not choose what this machine fetches from wherever."""
    manifest = '[project]\nname = "jobs"\nversion = "1"\ndependencies = ["flask", "sdk @ https://sdk.example/sdk-1-py3-none-any.whl"]\n'

    assert told_of_python({"pyproject.toml": manifest, "main.py": "import flask\n"}) == [
        "python/address pyproject.toml:None"
    ]


def test_a_manifest_that_cannot_be_read_is_told_once() -> None:
    """Nothing is said of imports then."""
    assert told_of_python({"pyproject.toml": "[project\n", "main.py": "import flask\n"}) == [
        "python/manifest pyproject.toml:None"
    ]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("import json\n\n\ndef helps():\n    assert json\n", "tests/none"),
        ("def test_it():\n    print(1)\n", "tests/nothing-asserted"),
    ],
)
def test_a_file_of_tests_has_to_test(text: str, rule: str) -> None:
    """At least one test, and something that can fail."""
    assert told_of_python({"tests/test_it.py": text}) == [f"{rule} tests/test_it.py:None"]


@pytest.mark.parametrize(
    "text",
    [
        "(" * 3000 + ")" * 3000,
        "x = " + "-" * 20_000 + "1",
        "x = " + "+".join(["1"] * 20_000),
        "a" * 900_000,
        "x = '" + "a" * 900_000 + "'\n",
        "from shop.store import add\n" * 3000,
        "def f(a):\n    return a\n" + "f()\n" * 3000,
        "".join("    " * depth + f"if x{depth}:\n" for depth in range(90)) + "    " * 90 + "pass\n",
        "if 1:\n  x = 1\n\ty = 2\n",
    ],
    ids=["brackets", "signs", "sum", "word", "text", "imports", "calls", "ifs", "tabs"],
)
def test_hostile_files_are_read_in_bounds(text: str) -> None:
    """Whatever a file holds, there is an answer with few findings."""
    plan, files = python_plan({**FILES, "shop/main.py": text})

    assert len(disagreements(plan, files, node_packages=NODE)) <= 200


RECORDS = """
from dataclasses import dataclass, field
import dataclasses


@dataclasses.dataclass(kw_only=True)
class Named:
    a: int
    b: list = dataclasses.field(default_factory=list)


@dataclass
class Base:
    a: int


@dataclass
class More(Base):
    b: int = 1


@dataclass(init=False)
class Bare:
    a: int


@dataclass
class Hidden:
    a: int = field(init=False)


@dataclass
class Odd:
    a: int = made()


@dataclass
class Written:
    a: int

    def __init__(self):
        self.a = 1


@other
@dataclass
class Decorated:
    a: int


class Meta(metaclass=Other):
    def __init__(self, a):
        self.a = a


class Wrapped:
    @other
    def __init__(self, a):
        self.a = a


class Below(Decorated):
    pass
"""


@pytest.mark.parametrize(
    ("call", "findings"),
    [
        ("Named(1)", ["python/call main.py:2"]),
        ("Named(b=[])", ["python/call main.py:2"]),
        ("Named(a=1)", []),
        ("More()", ["python/call main.py:2"]),
        ("More(1, 2, 3)", ["python/call main.py:2"]),
        ("More(1, b=2)", []),
        ("Bare(1, 2, 3)", []),
        ("Hidden()", []),
        ("Odd()", []),
        ("Odd(1, 2)", []),
        ("Written()", []),
        ("Decorated()", []),
        ("Meta()", []),
        ("Wrapped()", []),
        ("Below()", []),
    ],
)
def test_a_dataclass_is_given_its_fields(call: str, findings: list[str]) -> None:
    """Whatever its options are; where something else makes its `__init__`, nothing is said."""
    assert told_of_python({"records.py": RECORDS, "main.py": f"from records import *\n{call}\n"}) == []
    name = call.partition("(")[0]
    assert told_of_python({"records.py": RECORDS, "main.py": f"from records import {name}\n{call}\n"}) == findings


def test_imports_where_another_has_failed_are_not_told() -> None:
    """They are for other versions of something."""
    text = "try:\n    import json\nexcept ImportError:\n    import none\nasync def f():\n    async with suppress(Exception):\n        import nothing\n"

    assert told_of_python({"main.py": text}) == []


def test_stubs_and_compiled_modules_have_names_that_are_not_known() -> None:
    """As have those that change how modules are found."""
    files = {
        "fast.pyi": "",
        "slow/__init__.pyi": "",
        "main.py": "from fast import a\nfrom slow import b\nimport fast.c\n",
    }

    assert told_of_python({**files, "finding.py": "import sys\nsys.meta_path\n"}) == []


@pytest.mark.parametrize(
    "files",
    [
        {f"m{i}.py": "".join(f"from m{j} import *\n" for j in range(30)) for i in range(30)},
        {"main.py": "from store import none\n" * 3_000, "store.py": "".join(f"a{i} = 1\n" for i in range(3_000))},
        {"main.py": "import store\nif store:\n" + "    store.none\n" * 3_000, "store.py": "a = 1\n"},
        {"main.py": "import store\nstore.none\n", "store.py": "'" + "x" * 900_000 + "'\n"},
        {"main.py": "\n" * 200_000 + "def f(:\n"},
        {"pyproject.toml": "a" * 200_000, "main.py": "import none\n"},
        {"main.py": "x" + ".a()" * 900 + "\n"},
        {"main.py": "def f(a): pass\n" + "f()\n" * 20_000},
    ],
    ids=["stars", "names", "attributes", "long", "lines", "manifest", "chain", "calls"],
)
def test_hostile_projects_are_read_in_bounds(files: dict[str, str]) -> None:
    """What is repeated is looked up once, and what is too long is not read."""
    plan, whole = python_plan(files)

    assert len(disagreements(plan, whole, node_packages=NODE)) <= 200


@pytest.mark.parametrize(
    ("test", "finding"),
    [
        ("from shop.store import remove\n", "python/name shop/store.py:None"),
        ("from shop import store\nstore.remove()\n", "python/name shop/store.py:None"),
        ("from shop.store import add\nadd()\n", "python/call shop/store.py:None"),
        ("from shop.stores import add\n", "python/import tests/test_shop.py:1"),
        ("from tests.making import two\n", "python/name tests/test_shop.py:1"),
    ],
)
def test_what_a_test_takes_is_told_to_those_who_are_held_to_it(test: str, finding: str) -> None:
    """Tests were there first: a name that they take has to be written, and a module that nobody planned has not."""
    more = {
        "tests/making.py": "def one():\n    return 1\n",
        "tests/test_shop.py": f"{test}\n\ndef test_it():\n    assert add\n",
    }

    assert told_of_python({**FILES, **more}) == [finding]
