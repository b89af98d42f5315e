"""Of a project that is too large, a model is shown what the failing tests have to do with, within its bound."""

from __future__ import annotations

import pytest

from agents.base import Background, Lead, Suspect
from agents.coder import messages
from agents.context.choosing import choose
from agents.context.excerpts import in_part, outline_of
from agents.context.frames import frames_in
from agents.context.imports import Imports
from agents.context.parts import parts_of
from agents.context.tokens import tokens
from agents.context.tree import inside, listing
from tests.agents.projects import FAULTY, ROUNDING, TEST_PATH, filler, project, told

ROOM = 20_000


def task_of(told_messages: tuple) -> str:
    return told_messages[1].content


def test_a_faulty_file_three_imports_away_is_shown() -> None:
    """Nothing but imports and names leads to it: no traceback, no coverage, no history."""
    files, tests = project()

    task = task_of(messages(told(files, tests), room=ROOM))

    assert ROUNDING in task
    assert tests[TEST_PATH] in task
    assert tests["tests/conftest.py"] in task
    assert tokens(task) < ROOM + 1_000
    assert "step_17_3" not in task
    assert "src/steps/ (240 files)" in task


@pytest.mark.parametrize("room", [3_000, 8_000, 20_000, 60_000])
def test_what_is_shown_keeps_to_its_bound(room: int) -> None:
    """Whatever the room, and whatever points at everything."""
    files, tests = project()
    everything = Background(executed={path: tuple(range(1, 400)) for path in files})

    shown = choose(told(files, tests, background=everything), room)

    assert sum(piece.tokens for piece in (*shown.files, *shown.tests)) + tokens(shown.listing) <= room
    assert any(piece.label.startswith(FAULTY) for piece in shown.files)


def test_the_same_brief_is_told_in_the_same_words() -> None:
    """So that a provider's cache is met, and a resumed run asks the same."""
    files, tests = project()
    turned = (dict(reversed(files.items())), dict(reversed(tests.items())))

    assert messages(told(files, tests), room=ROOM) == messages(told(*turned), room=ROOM)


def test_a_small_project_is_shown_as_it_is() -> None:
    """No listing, no excerpt, and no word about either."""
    task = task_of(messages(told({"a.py": "x = 1\n"}, {"test_a.py": "import a\n"})))

    assert 'DATA "a.py":\n```\nx = 1\n```' in task
    assert "too large" not in task


@pytest.mark.parametrize(
    "background",
    [
        pytest.param(Background(frames=((TEST_PATH, 9), ("src/steps/step_99.py", 3))), id="traceback"),
        pytest.param(Background(executed={"src/steps/step_99.py": (2, 3, 4)}), id="coverage"),
        pytest.param(Background(said="src/steps/step_99.py:3: in step_99_0"), id="words of the failure"),
    ],
)
def test_what_is_known_of_a_failure_leads_to_a_file(background: Background) -> None:
    """Though no import leads there: it may be loaded by its name."""
    files, tests = project()

    task = task_of(messages(told(files, tests, background=background), room=ROOM))

    assert "scaled = value * factor + 99\n" in task
    assert "factor + 98" not in task


def test_suspects_and_mentions_lead_to_a_file() -> None:
    """What a search before found, and what the person asks for."""
    files, tests = project()
    lead = Lead(author="offline", suspects=(Suspect(path="src/steps/step_7.py", line=3, score=0.9),))

    task = task_of(messages(told(files, tests, lead=lead, goal="mend what step_8.py does"), room=ROOM))

    assert "factor + 7\n" in task
    assert "factor + 8\n" in task
    assert "factor + 9\n" not in task


def test_a_file_that_changed_lately_comes_before_its_like() -> None:
    """Where all else is equal and the room is short."""
    imported = "".join(f"from steps.step_{n} import step_{n}_0\n" for n in range(40))
    files, tests = project(src__shop__prices=imported + "\n\ndef sum_of(prices):\n    return step_0_0(prices)\n")
    lately = Background(history=(("Turn steps around", ("src/steps/step_31.py",)),))

    plain = choose(told(files, tests), 6_000)
    recent = choose(told(files, tests, background=lately), 6_000)

    assert not any("step_31.py" in piece.label for piece in plain.files)
    assert any("step_31.py" in piece.label for piece in recent.files)


def test_of_a_large_file_what_matters_is_shown_and_the_rest_in_outline() -> None:
    """Exactly as it stands there, so that it can be searched for; cuts are marked by the lines in the label."""
    large = filler(1, functions=400) + ROUNDING + filler(2, functions=400)
    files, tests = project(src__shop__money__rounding=large)

    shown = choose(told(files, tests), ROOM)

    parts = {piece.label: piece.text for piece in shown.files if piece.label.startswith(FAULTY)}
    first = large[: large.index("def rounded")].count("\n") + 1
    of_fault = next(text for label, text in parts.items() if "def rounded(amount):\n    return int(amount)\n" in text)
    assert of_fault in large
    assert any(f"lines {first}-" in label or f"-{first + 1} of {large.count(chr(10))}" in label for label in parts)
    outline = next(text for label, text in parts.items() if "outline" in label)
    assert "1  def step_1_0(value, factor=0):" in outline
    assert "more ...]" in outline


def test_of_a_large_test_file_the_failing_test_and_its_fixture_are_shown() -> None:
    """And what it does not need is not."""
    others = "".join(f"def test_other_{n}():\n    assert {n} + {n} == {2 * n}\n\n\n" for n in range(2_000))
    files, tests = project()
    tests[TEST_PATH] = tests[TEST_PATH].replace("def test_nothing", others + "def test_nothing")
    tests[TEST_PATH] += "\n\n@pytest.fixture\ndef basket():\n    return [9.25]\n"

    task = task_of(messages(told(files, tests), room=ROOM))

    assert "def test_half_a_cent_is_rounded_up(basket):\n" in task
    assert "return [9.25]" in task
    assert "assert 999 + 999 == 1998" not in task


def test_a_missing_package_leads_to_the_manifest() -> None:
    """Which is where it has to be added."""
    files, tests = project()

    task = task_of(messages(told(files, tests, failure="ModuleNotFoundError: No module named 'yaml'"), room=ROOM))

    assert '[project]\nname = "shop"' in task


def test_imports_are_followed_as_python_does() -> None:
    """Through packages that pass names on, relative ones, folders of the settings, and namespace packages."""
    texts = {
        "a/pkg/__init__.py": "from .inner import thing as offered\nfrom . import other\n",
        "a/pkg/inner.py": "import os\n",
        "a/pkg/other.py": "from ..nowhere import x\n",
        "a/pkg/sub/deep.py": "from ..inner import thing\nfrom .. import other\n",
        "space/part/m.py": "x = (\n",
        "test_it.py": "from pkg import offered\nimport space.part.m\nfrom pkg.sub.deep import thing\n",
    }
    imports = Imports(texts, ("a",))

    assert imports.of("test_it.py") == (
        "a/pkg/inner.py",
        "a/pkg/__init__.py",
        "space/part/m.py",
        "a/pkg/sub/deep.py",
    )
    assert imports.of("a/pkg/sub/deep.py") == ("a/pkg/inner.py", "a/pkg/other.py")
    assert imports.of("space/part/m.py") == ()
    assert imports.distances(["test_it.py"])["a/pkg/other.py"] == 2


def test_imports_of_scripts_are_followed() -> None:
    """As bundlers and Node resolve them, in the project alone."""
    texts = {
        "src/a.js": "import { b } from './b.js'\nconst c = require('../lib/c')\nimport fs from 'fs'\n",
        "src/b.ts": "",
        "lib/c/index.js": "",
    }

    assert Imports(texts).of("src/a.js") == ("src/b.ts", "lib/c/index.js")


def test_the_parts_of_a_file_are_all_of_it() -> None:
    """Each with its lines, decorators and all; a class by its methods."""
    text = (
        '"""Doc."""\nimport os\n\n\n@cache\ndef f(\n    a,\n    b=1,\n) -> int:\n    """What."""\n    return a\n\n\n'
        "class C(Base):\n    x = 1\n\n    def m(self): return f(self.x)\n\n    @property\n    def p(self):\n        return 2\n"
        "\n\nX = f(1)\n"
    )

    parts = [(part.name, part.first, part.last, part.signature) for part in parts_of("a.py", text)]

    assert parts == [
        ("", 1, 4, ""),
        ("f", 5, 11, "def f( a, b=1, ) -> int:"),
        ("C", 14, 16, "class C(Base):"),
        ("C.m", 17, 17, "def m(self): return f(self.x)"),
        ("C.p", 19, 21, "def p(self):"),
        ("", 22, 24, ""),
    ]
    assert [part.name for part in parts_of("a.js", "let x = 1\nexport function go(a) {\n}\nclass K {\n}\n")] == [
        "x",
        "go",
        "K",
    ]
    assert parts_of("broken.py", "def (\n")[0].name == ""
    assert parts_of("empty.py", "") == ()


def test_an_excerpt_of_a_function_that_is_too_long_is_around_what_matters() -> None:
    """A function of ten thousand lines is shown where the traceback points."""
    text = "def f(x):\n" + "".join(f"    x += {n}\n" for n in range(10_000)) + "    return x\n"

    pieces = in_part("a.py", text, lambda part: float(part.first <= 7_001 <= part.last), 1_000)

    assert "    x += 6999\n" in pieces[0].text
    assert sum(piece.tokens for piece in pieces) <= 1_000


def test_nothing_is_outlined_where_nothing_is_defined() -> None:
    """A text has no signatures; and without room there is no outline."""
    assert outline_of("a.md", "words\n" * 100, 1_000) == ()
    assert outline_of("a.py", filler(1), 10) == ()


def test_a_listing_folds_the_deepest_folders_first() -> None:
    """And says how many files they hold."""
    paths = ["a.py", "b/c.py", *(f"b/d/e/{n}.py" for n in range(100))]

    assert listing(paths, 10_000).count("\n") == 101
    assert listing(paths, 200) == "a.py\nb/c.py\nb/d/e/ (100 files)"
    assert listing([f"{n:03}.py" for n in range(100)], 70) == "000.py\n001.py\n002.py\n003.py\n[... 96 more ...]"
    assert inside(paths, "b/") == ["c.py", "d/ (100 files)"]
    assert inside(paths, "./b/d/../d/e")[0] == "0.py"
    assert inside(paths, "nowhere") == []


def test_places_are_found_in_any_words() -> None:
    """Of pytest, of the interpreter, and with a folder that is not ours before them; unknown paths are not."""
    text = 'src/a.py:3: in f\n  File "/work/src/a.py", line 7, in g\n/usr/lib/x.py:9: boom\n./b.py:1:2: E1\n'

    assert frames_in(text, {"src/a.py", "b.py"}) == (("src/a.py", 3), ("src/a.py", 7), ("b.py", 1))
