"""Tests for vitest: what of a box is believed, how cases are written, and what the judge keeps of them."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager

import pytest

from agents.base import Findings
from agents.offline.testing.vitest.tester import JavaScriptTester, gather, tools
from agents.testing import Wanted
from agents.vitest.lines import Case, Explored, read
from agents.vitest.writing import FUNCTIONS, Unwritable, Written, source
from engine.casting import make_javascript_tester
from engine.domain import Task
from engine.errors import BadInput
from engine.settings import Settings
from engine.vitest_tests import path_of_tests, refuse, write_vitest
from engine.wiring import make_environments
from engine.workshop import BoxWorkshop
from sandboxes import web
from sandboxes.environments.wanted import Wanted as Environment

SHOP = """export interface Line { name: string; price: number; count?: number }
export enum Kind { New = 'new', Old = 'old' }

export function gross(net: number, rate = 0.5): number {
  if (net < 0) throw new RangeError('below zero')
  return net * (1 + rate)
}

export const total = (lines: Line[], kind: Kind): number =>
  lines.reduce((sum, line) => sum + gross(line.price) * (line.count ?? 1), 0) * (kind === Kind.Old ? 2 : 1)

export async function later(name: string): Promise<string> {
  if (!name) throw new Error('no name')
  return name.toUpperCase()
}

export function* chunks(values: number[], size: number) {
  if (size < 1) throw new Error('too small')
  for (let at = 0; at < values.length; at += size) yield values.slice(at, at + size)
}

export default class Stock {
  private items: string[] = []
  constructor(private readonly size: number) {}
  put(item: string): number {
    if (this.items.length >= this.size) throw new Error('no room')
    this.items.push(item)
    return this.items.length
  }
  get full(): boolean { return this.items.length >= this.size }
}
"""
OLD = """'use strict'
const prices = require('./prices.cjs')

// Orders its rows by price, in place.
function ordered(rows) {
  rows.sort((a, b) => a - b)
  return rows.length
}

function label(name) {
  return `${name}: ${prices.double(name.length)}`
}

module.exports = { ordered, label }
"""
PRICES = "'use strict'\nmodule.exports.double = (value) => value * 2\n"


def case(outcome: dict[str, object], *, name: str = "f", exported: str = "named", **call: object) -> Case:
    given = {"path": "src/shop.ts", "name": name, "as": exported, "kind": "function", **call}
    return Case.model_validate({"call": given, "outcome": outcome, "names": ["values", "by"], "kills": [1, 2]})


def text_of(*cases: Case, path: str = "tests/shop.test.ts") -> str:
    return Written(cases, {"src/shop.ts": ""}, path).text()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "null"),
        (True, "true"),
        (1.5, "1.5"),
        ('a"\u2028', '"a\\"\\u2028"'),
        ([1, [2]], "[1, [2]]"),
        ({"$": "undefined"}, "undefined"),
        ({"$": "number", "v": "NaN"}, "NaN"),
        ({"$": "bigint", "v": "-12"}, "-12n"),
        ({"$": "date", "v": "2024-01-02T03:04:05.678Z"}, 'new Date("2024-01-02T03:04:05.678Z")'),
        ({"$": "set", "v": [1]}, "new Set([1])"),
        ({"$": "map", "v": [["a", 1]]}, 'new Map([["a", 1]])'),
        ({"$": "object", "v": [["a", 1], ["b c", 2], ["__proto__", 3]]}, '{ a: 1, "b c": 2, ["__proto__"]: 3 }'),
        ({"$": "object", "v": []}, "{}"),
        ({"$": "new", "name": "Point", "v": [1, 2]}, "new Point(1, 2)"),
        ({"$": "function", "v": "double"}, FUNCTIONS["double"]),
    ],
)
def test_a_value_has_one_way_to_be_written(value, said):
    """It is made here of data; no text of a box's is taken over as it is."""
    assert source(value) == said


@pytest.mark.parametrize(
    "value",
    [
        {"$": "code", "v": "process.exit()"},
        {"$": "number", "v": "1; process.exit()"},
        {"$": "bigint", "v": "1n; x()"},
        {"$": "date", "v": '"); x("'},
        {"$": "function", "v": "evil"},
        {"$": "new", "name": "a.b()", "v": []},
        {"$": "object", "v": [[1, 2]]},
        {"$": "object", "v": ["x"]},
        {"$": "map", "v": [1]},
        {"a": 1},
    ],
)
def test_what_is_no_value_is_not_written(value):
    """Whatever a box says."""
    with pytest.raises(Unwritable):
        source(value)


def test_a_value_that_is_nested_without_end_is_not_written():
    """Nor one that only looks like it."""
    value: object = 1
    for _ in range(30):
        value = [value]

    with pytest.raises(Unwritable, match="too deeply"):
        source(value)


def test_cases_are_written_as_somebody_would():
    """Each kind of answer by the matcher for it."""
    text = text_of(
        case({"kind": "returns", "value": 2}, args=[1]),
        case({"kind": "returns", "value": None}, args=[2]),
        case({"kind": "returns", "value": {"$": "undefined"}}, args=[3]),
        case({"kind": "returns", "value": {"$": "number", "v": "NaN"}}, args=[4]),
        case({"kind": "returns", "value": {"$": "like", "v": [["x", 1]]}}, args=[5]),
        case({"kind": "returns", "value": [1], "changed": [[0, [1, 3]]]}, args=[[3, 1]]),
        case({"kind": "resolves", "value": "A"}, args=["a"]),
        case({"kind": "resolves", "unspeakable": True}, args=["b"]),
        case({"kind": "yields", "value": [[1]]}, args=["c"]),
        case({"kind": "throws", "name": "Error", "message": 'no "a"'}, args=["d"]),
        case({"kind": "throws", "name": "Error", "iterated": True}, args=["e"]),
        case({"kind": "rejects", "name": "Error", "message": "no"}, args=["f"]),
    )

    for line in (
        'import { expect, test } from "vitest"',
        'import { f } from "../src/shop"',
        "expect(f(1)).toBe(2)",
        "expect(f(2)).toBeNull()",
        "expect(f(3)).toBeUndefined()",
        "expect(f(4)).toBe(NaN)",
        "expect(f(5)).toMatchObject({ x: 1 })",
        "const values = [3, 1]\n  expect(f(values)).toEqual([1])\n  expect(values).toEqual([1, 3])",
        'expect(await f("a")).toBe("A")',
        '  await f("b")\n',
        'expect([...f("c")]).toEqual([[1]])',
        'expect(() => f("d")).toThrow("no \\"a\\"")',
        'expect(() => [...f("e")]).toThrow()',
        'await expect(f("f")).rejects.toThrow("no")',
        "test(\"f('a') resolves to 'A'\", async () => {",
    ):
        assert line in text, line


def test_an_object_is_made_and_used_step_by_step():
    """What it is called, and what each step did, is the title, while that is short."""
    steps = [{"name": "put", "args": ["a"]}, {"name": "full", "reads": True}, {"name": "send", "args": []}]
    outcome = {
        "kind": "tells",
        "steps": [
            {"kind": "returns", "value": 1},
            {"kind": "throws", "name": "Error"},
            {"kind": "resolves", "unspeakable": True},
        ],
    }
    story = case(outcome, name="Stock", kind="class", exported="default", construct=[3], steps=steps)
    lower = case({**outcome, "steps": []}, name="stock", kind="class", construct=[], steps=[])

    text = text_of(story, story, lower)

    assert 'import Stock from "../src/shop"' in text
    assert 'test("Stock: put returns 1; full throws Error; send is called", async () => {' in text
    assert 'is called (2)", async () => {' in text
    assert 'const stock = new Stock(3)\n  expect(stock.put("a")).toBe(1)' in text
    assert "expect(() => stock.full).toThrow()" in text
    assert "await stock.send()" in text
    assert "const thing = new stock()" in text


def test_code_of_the_old_way_is_required_and_classes_of_arguments_are_imported():
    """By the file's whole name; from beside the tests as well."""
    old = case({"kind": "returns", "value": 1}, exported="required", path="lib/old.cjs")
    made = case({"kind": "returns", "value": 1}, args=[[{"$": "new", "name": "Point", "v": []}]])

    text = text_of(old, made)
    beside = text_of(made, path="shop.test.ts")

    assert 'const require = createRequire(import.meta.url)\nconst { f } = require("../lib/old.cjs")' in text
    assert 'import { Point, f } from "../src/shop"' in text
    assert 'from "./src/shop"' in beside
    assert Written([made], {}, "t.test.ts").text(frozenset({"f([new Point()]) returns 1"})) == ""


def test_what_the_box_wrote_is_checked_or_dropped():
    """Lines that are none, files that are not ours, an end that does not come."""
    good = {"path": "a.js", "name": "f", "as": "named", "kind": "function"}
    other = {**good, "path": "/etc/passwd"}
    outcome = {"kind": "returns", "value": 1}
    explored = json.dumps(
        {
            "kind": "explored",
            "cases": [{"call": good, "outcome": outcome}, {"call": other, "outcome": outcome}],
            "survivors": [{"path": "b.js", "line": 1, "name": "x", "text": ""}],
            "crashes": [{"path": "a.js", "line": 1, "kind": "crash", "call": other, "detail": ""}],
        }
    )

    found, reason = gather(["no json", explored, '{"kind": "ended", "reason": "why"}'], {"a.js": ""})
    nothing, cut = gather([], {}, stderr="killed")

    assert [each.call.path for each in found.cases] == ["a.js"]
    assert found.survivors == ()
    assert found.crashes == ()
    assert reason == "why"
    assert (nothing, "killed" in cut) == (Explored(), True)
    assert read("x" * 9_000_000) is None
    assert (
        read(json.dumps({"kind": "explored", "cases": [{"call": {**good, "name": "a b"}, "outcome": outcome}]})) is None
    )


class Told:
    """A workshop whose program wrote some lines before."""

    def __init__(self, *written: object) -> None:
        self._lines = tuple(json.dumps(each) for each in written)

    async def run(self, *, files, locked, tools, argv, stdin, seconds, on_line=None) -> Findings:
        assert argv[0] == "node"
        assert "explore.cjs" in tools
        asked = json.loads(stdin)
        assert set(asked["files"]) == {"shop.ts"}
        for line in self._lines:
            on_line(line)
        return Findings(lines=self._lines)

    def prepare(self, *, tools, argv) -> None:
        raise AssertionError("nothing is prepared")


@asynccontextmanager
async def no_box():
    raise AssertionError("nothing is to be judged")
    yield


def task(**files: str) -> Task:
    settings = Settings()
    named = {path.replace("_", "."): text for path, text in files.items()}
    return Task(files=named, tests={}, budget=settings.budget, limits=settings.limits)


async def write(*lines: object, type_: str = "unit"):
    heard: list[str] = []
    tester = JavaScriptTester(Told(*lines), tell=heard.append)
    wanted = Wanted(framework="vitest", type=type_)
    return await write_vitest(task(shop_ts=SHOP, readme_md="no code"), tester, no_box, seconds=5, wanted=wanted), heard


async def test_where_nothing_was_found_it_is_told_why():
    """And what crashed on the way, where it can be said."""
    call = {"path": "shop.ts", "name": "gross", "as": "named", "kind": "function", "args": [1]}
    crash = {"path": "shop.ts", "line": 4, "kind": "crash", "call": call, "detail": "TypeError: no"}
    odd = {**crash, "call": {**call, "args": [{"$": "code"}]}}
    explored = {"kind": "explored", "mutants": 3, "crashes": [crash, odd], "dropped": {"alike": 2, "none": 0}}

    found, heard = await write({"kind": "progress", "message": "12"}, explored, {"kind": "ended", "reason": "no call"})

    assert (found.text, found.reason, found.mutants, found.framework) == ("", "no call", 3, "vitest")
    assert [(each.call, each.detail) for each in found.suspects] == [("gross(1)", "TypeError: no")]
    assert [(each.what, each.why) for each in found.dropped] == [("2 calls", "alike")]
    assert heard == ["12"]
    assert found.not_shown == ()


async def test_what_is_no_test_is_not_written():
    """Though a box says that it is one."""
    call = {"path": "shop.ts", "name": "gross", "as": "named", "kind": "function", "args": [{"$": "code", "v": "x"}]}
    explored = {"kind": "explored", "cases": [{"call": call, "outcome": {"kind": "returns", "value": 1}}]}

    found, _ = await write(explored, {"kind": "ended", "reason": ""})

    assert found.text == ""
    assert "is no test" in found.reason


def test_what_is_not_written_for_vitest_is_refused_with_what_there_is():
    """Before a box is opened."""
    with pytest.raises(BadInput, match="no file of either"):
        refuse({"a.py": ""}, Wanted(framework="vitest"))
    with pytest.raises(BadInput, match="property tests are not written for vitest"):
        refuse({"a.ts": ""}, Wanted(framework="vitest", type="property"))


def test_the_tests_stand_beside_the_code_under_a_name_of_their_own():
    """In the language of the code."""
    assert path_of_tests({"src/shop.ts": "", "package.json": ""}) == "tests/shop.test.ts"
    assert path_of_tests({"a.js": "", "b.js": ""}) == "tests/generated.test.js"
    assert path_of_tests({"a.ts": "", "b.ts": "", "tests/generated.test.ts": ""}) == "tests/generated_as_it_is.test.ts"
    assert set(tools()) == {"explore.cjs", "reading.cjs", "drawing.cjs", "changing.cjs", "child.cjs"}


@pytest.fixture(scope="module")
def node(sandbox_image: str) -> str:
    """The image with Node.js and vitest."""
    return asyncio.run(make_environments(Settings(), node=True).ensure(Environment())).reference


async def explored(sandbox, node, files, *, type_="unit", seconds=25.0):
    limits = web.LIMITS.model_copy(update={"environment": node, "seconds": 120})
    tester = make_javascript_tester(BoxWorkshop(sandbox, limits=limits, run_id="test"))
    settings = Settings()
    task = Task(files=files, tests={}, budget=settings.budget, limits=limits)
    wanted = Wanted(framework="vitest", type=type_)
    return await write_vitest(
        task, tester, lambda: sandbox.open(run_id="test", limits=limits), seconds=seconds, wanted=wanted
    )


@pytest.mark.docker
@pytest.mark.slow
async def test_typescript_is_explored_and_the_judge_has_the_last_word(sandbox, node):
    """Functions, promises, streams and objects; each test was green under vitest in two orders."""
    found = await explored(sandbox, node, {"src/shop.ts": SHOP}, type_="regression")

    assert found.path == "tests/shop.test.ts"
    assert 'toThrow("below zero")' in found.text
    assert 'rejects.toThrow("no name")' in found.text
    assert "[...chunks(" in found.text
    assert "new Stock(" in found.text
    assert found.killed >= 15
    assert all(each.diff for each in found.survivors)
    assert any("not measured" in each for each in found.not_shown)


@pytest.mark.docker
@pytest.mark.slow
async def test_plain_javascript_of_several_modules_is_tested_across_them(sandbox, node):
    """An integration test notices a change of another module than the one that it calls."""
    files = {"lib/old.cjs": OLD, "lib/prices.cjs": PRICES}

    found = await explored(sandbox, node, files, type_="integration")
    alone = await explored(
        sandbox, node, {"old.js": "module.exports = { f: () => 1 }\n"}, type_="integration", seconds=6
    )

    assert "label(" in found.text
    assert "ordered(" not in found.text
    assert 'require("../lib/old.cjs")' in found.text
    assert alone.text == ""
    assert "another part" in alone.reason


@pytest.mark.docker
@pytest.mark.slow
async def test_javascript_that_fights_back_ends_with_a_reason(sandbox, node):
    """Endless work, changed built-ins, and a process that ends itself are the code's own matter."""
    hostile = (
        "export function spin(n: number): number { for (;;) n += 1 }\n"
        "export function quit(n: number): number { process.exit(0); return n }\n"
        "export function fake(n: number): number { JSON.stringify = () => '[0, 1]'; return n + 1 }\n"
        "export function twice(n: number): number { return n * 2 }\n"
    )

    found = await explored(sandbox, node, {"src/bad.ts": hostile}, seconds=15)

    assert "spin(" not in found.text
    assert "quit(" not in found.text
    assert found.text or found.reason
