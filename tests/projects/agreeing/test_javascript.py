"""What one file in JavaScript or TypeScript imports from another, and cannot have, is told; whatever may be right is not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from engine.projects.agreeing import disagreements
from engine.projects.agreeing.javascript.tokens import MOST_CHARACTERS, tokens_of
from tests.projects.agreeing.plans import NODE, component, plan_of, said

MANIFEST = json.dumps({"type": "module", "dependencies": {"react": "1", "express": "1", "left-pad": "1"}})
API = """
import type { Request } from 'express';
export const LIMIT = 3, OTHER: Map<string, number> = new Map<string, number>();
export const { first, second: renamed, ...rest } = { first: 1, second: 2, third: 3 };
export const [one, two] = [1, 2];
export interface Product { id: number; type: string }
export type Products = Product[];
export async function list(): Promise<Products> { return []; }
export function* counted() { yield 1; }
export class Store<T> { items: T[] = []; }
export enum Kind { A = "a" }
export const enum Small { A }
export abstract class Base {}
export declare const told: string;
function inner() {}
export { inner as outer, type Request };
export * as everything from './more';
export * from './more';
export default list;
"""
FILES = {
    "src/api.ts": API,
    "src/more.ts": "export const more = 1;\n",
    "src/style.css": "",
    "src/Box.vue": "<template/>",
}


def told(files: Mapping[str, str], command: Sequence[str] = ("sh", "-c", "true")) -> list[str]:
    whole = {f"services/jobs/{path}": text for path, text in {"package.json": MANIFEST, **FILES, **files}.items()}
    plan = plan_of([component("jobs", "worker", "node", command)], list(whole))
    return said(disagreements(plan, whole, node_packages=NODE))


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("import { remove } from './api';", "javascript/name"),
        ("import { remove as kept } from './api.js';", "javascript/name"),
        ("import type { Order } from './api';", "javascript/name"),
        ("import { type Order } from './api.ts';", "javascript/name"),
        ("import more from './more';", "javascript/name"),
        ("export { nothing } from './more';", "javascript/name"),
        ("import { inner } from './api';", "javascript/name"),
        ("import { rest, third } from './api';", "javascript/name"),
        ("import { list } from './apis';", "javascript/import"),
        ("import { list } from '../api';", "javascript/import"),
        ("export * from './apis';", "javascript/import"),
        ("import './missing.css';", "javascript/import"),
        ("const page = () => import('./Page');", "javascript/import"),
        ("const api = require('./apis');", "javascript/import"),
        ("import axios from 'axios';", "javascript/import"),
        ("import pad from 'left-pad';", "javascript/import"),
        ("import { x } from '@scope/thing/part';", "javascript/import"),
        ("import fs from 'node:fss';", "javascript/import"),
        ("import { list } from '@/api';", "javascript/import"),
        ("import x from '#inner';", "javascript/import"),
        ("import '/assets/none.svg';", "javascript/import"),
        ("import x from 'Not A Package';", "javascript/import"),
    ],
)
def test_what_is_imported_and_not_there_is_told(text: str, rule: str) -> None:
    """One finding, at the line of the import."""
    assert told({"src/main.ts": f"// one\nconst text = `import x from './nowhere'`;\n{text}\n"}) == [
        f"{rule} src/main.ts:3"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "import list, { LIMIT, OTHER, type Product, Products, counted, Store, Kind, Small, Base, told } from './api';",
        "import { first, renamed, rest, one, two, outer, everything, more, Request } from './api.js';",
        "import * as api from './api'; api.remove();",
        "import React, { useState } from 'react'; import type { Express } from 'express';",
        "import fs from 'fs'; import { test } from 'node:test'; import p from 'path/posix';",
        "import './style.css'; import raw from './style.css?raw'; import Box from './Box.vue';",
        "// import { remove } from './api'\n/* import './none' */ const a = \"import './none'\";",
        "const text = `import { x } from './none'; ${`from './none'`}`;",
        "const found = /import x from '.\\/none'/.test('a'); const b = 4 / 2 / 1;",
        "if (a) /'/.test(b); const c = a ? /[/'\"]/ : 1;",
        "obj.import('./none'); obj.export = { from: './none' }; import.meta.env;",
        "await import(name); await import(`./${name}.ts`); require(name);",
        "function load(require) { require('./none'); }",
        "declare module 'virtual-thing' { export const a: number; } import { a } from 'virtual-thing';",
        "import thing from 'virtual:thing'; import 'https://example.com/x.js';",
        "const x = a! / 2; const y = b as unknown as number; let z = <T,>(a: T) => a;",
        "let f = <T>(a: T) => a, g = a < b, h = c > d;",
        "label: for (;;) { break label } /x'/.test('');",
        "const o = { from: 1, import: 2, export: 3, type: 4 }; type X = typeof o; export { o as default };",
        "import json from './data.json' with { type: 'json' };",
        "const unfinished = 'a",
        "import { from } from './odd'; import type from './odd'; import type, { as } from './odd';",
    ],
    ids=range(22),
)
def test_what_may_be_right_is_not_told(text: str) -> None:
    """Strings, comments, patterns and words of other uses are no imports."""
    odd = "export const from = 1, as = 2; export default 3;"
    assert told({"src/main.ts": text, "src/data.json": "{}", "src/odd.ts": odd}) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "src/App.tsx",
            (
                "import { list } from './api';\nexport const App = () => (<p title=\"it's\">Don't import {list /* ' */} from './none' `\n"
                "<><b/>{a < b ? <i>it's</i> : null}</>{/* ' */}</p>);\nimport './style.css';\n"
            ),
        ),
        (
            "src/Page.jsx",
            "export default function Page() { return <div {...a} b='x' c=<b/>>{`it's ${<i>'</i>}`}</div> / 2; }",
        ),
        (
            "src/List.tsx",
            "const f = <T extends object>(a: T) => a;\nconst g = <T,>(a: T) => <p>{a}'</p>;\nexport { f, g };",
        ),
        (
            "src/Some.vue",
            (
                "<script lang=\"ts\">\nexport interface A { b: string }\n</script>\n<script setup lang='ts'>\n"
                "import { list } from './api'\nconst a = 1\n</script>\n<template><p>it's {{ a }} import x from './none'</p></template>\n"
            ),
        ),
        ("src/odd.cjs", "module.exports = { a: 1 };\nconst { b } = require('./odd.cjs');\n"),
        ("src/generic.tsx", "type F = <T>(x: T) => void;\nexport const x: F = (y) => y;\n"),
    ],
)
def test_elements_and_components_are_read_over(path: str, text: str) -> None:
    """What a page says in words is no code."""
    assert told({path: text}) == []


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("src/App.tsx", "const a = <p>it's</p>;\nimport './none';\n", 2),
        (
            "src/Some.vue",
            "<template><p/></template>\n<script setup lang=\"ts\">\nimport { no } from './api'\n</script>\n",
            3,
        ),
    ],
)
def test_imports_beside_elements_are_found_at_their_lines(path: str, text: str, line: int) -> None:
    """A component of Vue too is told by the line of its file."""
    assert [each.rpartition(":")[2] for each in told({path: text})] == [str(line)]


def test_names_of_a_module_in_the_old_way_are_not_told() -> None:
    """What CommonJS gives away is known only when it runs."""
    assert told({"src/old.js": "exports.a = 1;", "src/main.js": "import { b } from './old.js';"}) == []


def test_modules_that_pass_on_each_other_have_an_end() -> None:
    """And what neither has is told."""
    files = {"src/a.ts": "export * from './b';", "src/b.ts": "export * from './a'; export const b = 1;"}

    assert told({**files, "src/c.ts": "import { b, c } from './a';"}) == ["javascript/name src/c.ts:1"]


def test_an_alias_leads_where_the_configuration_says() -> None:
    """With comments and commas, as compilers take them; one that only a bundler knows is left to it."""
    config = '{ // how\n "compilerOptions": { "paths": { "@/*": ["./src/*"], }, } }'
    files = {"tsconfig.json": config, "src/main.ts": "import { list } from '@/api';\nimport '@/none';\n"}
    bundler = {
        "vite.config.ts": "export default { resolve: { alias: { '@': '/src' } } };",
        "src/main.ts": "import '@/none';",
    }

    assert told(files) == ["javascript/import src/main.ts:2"]
    assert told(bundler) == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("import { a } from './b';", ["javascript/import src/main.js:1"]),
        ("import { a } from './b.js';", []),
        ("import { a } from './folder';", ["javascript/import src/main.js:1"]),
    ],
)
def test_node_guesses_no_endings(text: str, findings: list[str]) -> None:
    """What is started by ``node`` names its files in full, and what only the tests load need not."""
    files = {
        "src/main.js": text,
        "src/b.js": "export const a = 1;",
        "src/folder/index.js": "export const a = 1;",
        "tests/it.test.js": "import { a } from '../src/b'; test('it', () => { expect(a).toBe(1); });",
    }

    assert told(files, ["node", "src/main.js"]) == findings
    assert told(files, ["node", "--import", "tsx", "src/main.js"]) == []


@pytest.mark.parametrize(
    ("text", "findings"),
    [
        ("import { expect } from './api';\n", ["tests/none", "javascript/name"]),
        ("test('it', () => { run(); });\n", ["tests/nothing-asserted"]),
        ("it.each([1, 2])('%d', (a) => { assert.equal(a, 1); });\n", []),
        ("describe('it', () => { test.only(`a`, () => { expect(1).toBe(1); }); });\n", []),
    ],
)
def test_a_file_of_tests_has_to_test(text: str, findings: list[str]) -> None:
    """At least one test, and something that can fail."""
    path = {"tests/it.test.ts": text, "tests/api.ts": "export {};"}

    assert [each.split()[0] for each in told(path)] == findings


def test_a_manifest_that_is_no_object_is_told_once() -> None:
    """Nothing is said of packages then."""
    assert told({"package.json": "[1", "src/main.ts": "import 'axios';"}) == ["javascript/manifest package.json:None"]


@pytest.mark.parametrize(
    "text",
    [
        "{" * 5_000,
        "`${" * 5_000,
        "<a>" * 5_000,
        "const a = " + "<a>{" * 150 + "}</a>" * 150,
        "const f = " + "<T>(a) => " * 3_000,
        "'" * 30_001,
        "/" * 100_000,
        "/[" * 50_000,
        "/*" * 20_000,
        "<" * 20_000,
        "a" * 350_000,
        "import {" + "a," * 20_000,
        "export const " + "a = [" * 100 + "]" * 100,
        "import x from './a';\n" * 5_000,
        "x" * (MOST_CHARACTERS + 1),
        "\\" * 1000,
        "`" + "\\" * 1000 + "`",
        '"\\ud800 \\u{110000} \\u{41} \\x41 \\q"',
        "#!/usr/bin/env node",
    ],
    ids=range(19),
)
def test_hostile_sources_are_read_in_bounds(text: str) -> None:
    """Whatever a file holds, it is read once, or nothing is said of it."""
    for jsx in (True, False):
        read = tokens_of(text, jsx=jsx, types=True)
        assert read is None or len(read.all) <= len(text)
    assert len(told({"src/main.tsx": text})) <= 200


@pytest.mark.parametrize(
    "files",
    [
        {f"src/m{i}.ts": "".join(f"export * from './m{j}';\n" for j in range(30)) for i in range(30)},
        {"src/a.ts": "const a = (b) => fetch(b);\n" * 3_000},
        {"src/a.ts": "const a = (b)\n" * 3_000},
        {"src/a.ts": "import express from 'express';\nconst app = express();\n" + "app.use('/a', b);\n" * 3_000},
        {"tests/a.test.ts": "// R1\ntest('R2', () => { expect(1); });\n" * 3_000},
        {"src/a.ts": "import { none } from './more';\n" * 3_000, "src/more.ts": "export const a = 1;\n" * 3_000},
        {"src/a.ts": "export const a = '" + "x" * 900_000 + "';\n", "src/b.ts": "import { a } from './a';\n"},
        {"src/a.ts": "".join(f"import 'p{i}';\n" for i in range(5_000)), "vite.config.ts": "// x\n" * 3_000},
        {"tsconfig.json": "/*" * 9_000, "jsconfig.json": '"\\' * 200_000, "src/a.ts": "import '@/a';\n"},
        {"src/A.vue": "<script " * 40_000, "src/B.vue": "<script>" * 40_000, "src/C.vue": "x" * 500_000},
        {f"src/a{i}.ts": f"/*{'x' * 280_000}*/" for i in range(8)},
    ],
    ids=["stars", "wrappers", "endless", "uses", "tests", "names", "long", "prefixes", "options", "scripts", "much"],
)
def test_hostile_projects_are_read_in_bounds(files: dict[str, str]) -> None:
    """What is repeated is looked up once, and what is too long is not read."""
    assert len(told(files)) <= 200


def test_what_a_test_imports_is_told_to_those_who_are_held_to_it() -> None:
    """At the file that has to export it."""
    test = "import { none } from '../src/api';\ntest('it', () => { expect(none).toBe(1); });\n"

    assert told({"tests/it.test.ts": test}) == ["javascript/name src/api.ts:None"]
