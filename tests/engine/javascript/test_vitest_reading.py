"""What is known of TypeScript and of vitest's tests from their text alone, before any box."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from engine.case import Case, stand_ins
from engine.checks.base import Subject
from engine.checks.javascript import lint, shape, typecheck
from engine.checks.javascript.asking import Way, asked_of_node, asked_of_vitest
from engine.checks.javascript.paths import holds_tests, plugins_for, runner_of, wants_page
from engine.checks.javascript.survey import Edit, Surveyed
from engine.checks.javascript.twins import make
from engine.checks.javascript.watching import not_shown
from engine.domain import Finding, Report, Task, Verdict
from engine.errors import BadInput
from engine.inputs.languages import accounted, language_of
from engine.inputs.reading import read_inputs, require_python
from engine.inputs.snippet import lay_out_snippet
from engine.repository.node_image import image_has
from engine.repository.reading import read_project
from engine.repository.vitest import configured
from sandboxes.base import Outcome, Stream
from sandboxes.environments.npm import reduced
from sandboxes.environments.wanted import Unresolved
from tests.engine.javascript.vitest_made import PATH, RIGHT, SOURCE, TESTS, WRONG, files, frozen

PATH_OF_A_SERVER = "tests/server.test.ts"


def case(before: str = WRONG, *, suite: object = None, more: Mapping[str, str] | None = None) -> Case:
    handed = files(before, **(more or {}))
    task = Task.model_validate({"language": "typescript", "files": handed, "tests": frozen(), "suite": suite})
    baseline = Verdict(files_sha256="", reports=())
    return Case(task=task, before=handed, tests=frozen(), baseline=baseline)


@pytest.mark.parametrize(
    ("path", "text", "runner"),
    [
        pytest.param("a.test.js", "import { test } from 'node:test';", "node:test", id="what it imports"),
        pytest.param("a.test.ts", 'import test from "node:test";', "node:test", id="in TypeScript too"),
        pytest.param("a.test.js", "import { test } from 'vitest';", "vitest", id="vitest"),
        pytest.param("a.test.tsx", "test('it', () => {});", "vitest", id="nothing, in TypeScript"),
        pytest.param("a.test.js", "it('is', () => { expect(1).toBe(1); });", "vitest", id="functions that are given"),
        pytest.param("a.test.js", "require('assert')(1); it('is', expect);", "node:test", id="another library"),
        pytest.param("a.test.js", "console.log(1);", "node:test", id="a program of its own"),
    ],
)
def test_each_file_is_run_by_what_it_asks_for(path: str, text: str, runner: str) -> None:
    """Also where files of both stand side by side."""
    assert holds_tests(path, text)
    assert runner_of(path, text) == runner


def test_a_page_is_tested_in_a_document_and_a_server_is_not() -> None:
    """By what the tests name; where there is a page, all that do not ask a server."""
    assert wants_page("a.test.tsx", "")
    assert wants_page("a.test.ts", "import { mount } from '@vue/test-utils';")
    assert not wants_page("a.test.ts", "import request from 'supertest';")
    assert plugins_for(["src/a.ts", "src/App.vue", "src/B.tsx"]) == ("@vitejs/plugin-vue",)
    assert plugins_for(["src/B.tsx"]) == ("@vitejs/plugin-react",)
    assert plugins_for(["src/a.ts"]) == ()


def test_what_a_project_says_of_vitest_is_asked_of_it_and_not_of_node() -> None:
    """Set-up, aliases and a document reach the one program; the flags of node:test are the other's."""
    flags = ("--conditions=dev", "--page", "--setup=tests/setup.ts", "--alias=@=src")
    both = case(suite={"arguments": flags})
    server = {**frozen(), PATH_OF_A_SERVER: "import request from 'supertest';"}
    subject = Subject(files=files(WRONG), case=both.model_copy(update={"tests": server}))

    asked = json.loads(asked_of_vitest(subject, [PATH, PATH_OF_A_SERVER], Way(turned=True), "n"))
    of_node = json.loads(asked_of_node(subject, [PATH], Way(), "n", scripts=[]))

    assert (asked["setup"], asked["alias"]) == (["tests/setup.ts"], [["@", "src"]])
    assert asked["files"] == [PATH_OF_A_SERVER, PATH]
    assert asked["shuffle"]
    assert of_node["flags"] == ["--conditions=dev"]


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        pytest.param("src/__mocks__/api.ts", "export default 1;", "mocks", id="a mock"),
        pytest.param("src/__snapshots__/a.test.ts.snap", "x", "snapshot", id="a snapshot"),
        pytest.param("vitest.workspace.ts", "export default [];", "workspace", id="a workspace"),
        pytest.param("node_modules/vitest/index.js", "", "packages", id="a package"),
        pytest.param("tests/sums.test.tsx", "", "frozen file", id="a file in place of the tests"),
    ],
)
def test_what_would_take_part_in_judging_is_refused(path: str, text: str, why: str) -> None:
    """Before any box is opened."""
    report = shape.examine({**files(RIGHT), path: text}, case())

    assert report.status == "failed"
    assert why in report.findings[0].message


def test_a_component_may_ask_for_another_package_of_the_image() -> None:
    """It gets what the image has in any case; the name and the type of the package stay as they are."""
    changed = dict(files(RIGHT)) | {"package.json": '{"name": "sums", "type": "module", "dependencies": {"zod": "^4"}}'}
    renamed = dict(files(RIGHT)) | {"package.json": '{"name": "vitest", "type": "module"}'}

    assert shape.examine(changed, case()).status == "passed"
    assert shape.examine(renamed, case()).status == "failed"


def told(*lines: object, nonce: str) -> Outcome:
    text = "".join(f"{nonce}{json.dumps(line)}\n" for line in lines).encode()
    return Outcome(ended="exited", exit_code=0, report=Stream(head=text, total_bytes=len(text)))


TYPED = {
    "event": "typed",
    "path": "src/sums.ts",
    "line": 8,
    "rule": "TS2339",
    "message": "Property 'cost' does not exist.",
}
DONE = {"event": "done", "exit_code": 0}
READ = {"event": "components", "read": False}


def test_an_error_of_types_is_a_finding_with_its_place_also_where_the_input_had_it() -> None:
    """Otherwise what only fails to compile would never be mended."""
    subject = Subject(files=files(WRONG), case=case())
    asked = typecheck.ask(subject)
    assert not isinstance(asked, Report)

    report = typecheck.read(subject, asked, told(TYPED, READ, DONE, nonce=asked.nonce))

    assert report.status == "failed"
    assert [(one.rule, one.path, one.line) for one in report.findings] == [("TS2339", "src/sums.ts", 8)]
    assert "components" in report.summary


def test_of_a_project_with_packages_of_its_own_only_new_errors_of_types_count() -> None:
    """What its environment lacks is nobody's error."""
    fixed = case(suite={})
    asked = typecheck.ask(Subject(files=files(WRONG), case=fixed))
    assert not isinstance(asked, Report)
    on_input = fixed.model_copy(update={"baseline": None})
    lines = told(TYPED, DONE, nonce=asked.nonce)

    recorded = typecheck.read(Subject(files=files(WRONG), case=on_input), asked, lines)
    known = fixed.model_copy(update={"baseline": Verdict(files_sha256="", reports=(recorded,))})
    again = typecheck.read(Subject(files=files(RIGHT), case=known), asked, lines)

    assert (recorded.status, len(recorded.findings)) == ("passed", 1)
    assert again.status == "passed"


def test_errors_of_types_cannot_be_kept_from_being_told() -> None:
    """A directive that was there already is not new; one more is."""
    quiet = "// @ts-ignore\n" + WRONG
    subject = Subject(files=files("// @ts-nocheck\n// @ts-ignore\n" + RIGHT), case=case(quiet))
    asked = typecheck.ask(subject)
    assert not isinstance(asked, Report)

    report = typecheck.read(subject, asked, told(DONE, nonce=asked.nonce))

    assert [finding.rule for finding in report.findings] == ["ts-nocheck"]


def test_how_strict_types_are_is_the_inputs_word() -> None:
    """A draft that asks for less is held to what was asked for before."""
    strict, loose = '{"compilerOptions": {"strict": true}}', '{"compilerOptions": {}}'
    subject = Subject(files=files(RIGHT, **{"tsconfig.json": loose}), case=case(more={"tsconfig.json": strict}))

    asked = typecheck.ask(subject)

    assert not isinstance(asked, Report)
    assert json.loads(asked.command.stdin)["configs"] == {"tsconfig.json": strict}


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        pytest.param(Outcome(ended="memory"), "memory", id="killed"),
        pytest.param(
            Outcome(ended="exited", exit_code=0, report=Stream(head=b"x\n", total_bytes=2)),
            "not told",
            id="other words",
        ),
    ],
)
def test_a_compiler_that_does_not_answer_is_no_green(outcome: Outcome, word: str) -> None:
    """It could not tell, and says so."""
    subject = Subject(files=files(RIGHT), case=case())
    asked = typecheck.ask(subject)
    assert not isinstance(asked, Report)

    report = typecheck.read(subject, asked, outcome)

    assert report.status == "broken"
    assert word in report.summary


def test_plain_javascript_has_no_types_to_hold() -> None:
    """The compiler is not asked."""
    subject = Subject(files={"a.js": "export {};"}, case=case())

    assert isinstance(typecheck.ask(subject), Report)


def test_an_expectation_that_may_never_be_met_is_only_made_wrong_where_it_was() -> None:
    """A helper that no test calls would else accuse a right draft."""
    at = TESTS.index("33, 10")
    line = TESTS.count("\n", 0, at) + 1
    loose = Edit(path=PATH, node="", start=at, end=at + 2, text="34")
    surveyed = Surveyed(report=Report(check="syntax", status="passed"), rounds=((loose,),))

    (met,) = make(frozen(), surveyed, {PATH: (1, line)})
    (unmet,) = make(frozen(), surveyed, {PATH: (1, line - 1)})

    assert met.loose == {PATH}
    assert "[34, 10]" in met.files[PATH]
    assert unmet.loose == frozenset()


def test_stand_ins_are_empty_modules_in_every_language_beside_the_rest() -> None:
    """What is no source stays: a manifest, a page, a table."""
    stood = stand_ins({"a.py": "1", "b.ts": "1", "C.vue": "1", "d.tsx": "1", "package.json": "{}", "index.html": "x"})

    assert stood == {"a.py": "", "b.ts": "", "C.vue": "", "d.tsx": "", "package.json": "{}", "index.html": "x"}


@pytest.mark.parametrize(
    ("names", "language"),
    [
        pytest.param(["a.js", "b.py"], "python", id="Python among others"),
        pytest.param(["a.js", "b.mts"], "typescript", id="TypeScript among others"),
        pytest.param(["a.js"], "javascript", id="JavaScript"),
        pytest.param(["README.md"], "python", id="none of them"),
    ],
)
def test_a_language_is_known_by_the_files(names: list[str], language: str) -> None:
    """Nobody has to name it on the command line."""
    assert language_of(dict.fromkeys(names, "")) == language
    assert language_of({"App.vue": '<script setup lang="ts">'}) == "typescript"


def test_an_import_means_a_file_whatever_it_is_called_by() -> None:
    """Without an ending, by a folder, and by the name of what comes of it."""
    there = {"src/a.ts", "src/b/index.tsx", "src/C.vue"}

    assert accounted("src/a", there) == "src/a.ts"
    assert accounted("src/a.js", there) == "src/a.ts"
    assert accounted("src/b", there) == "src/b/index.tsx"
    assert accounted("src/C.vue", there) == "src/C.vue"
    assert accounted("src/d", there) is None


def test_a_folder_in_typescript_is_read_with_its_tests_where_their_imports_are_found(tmp_path: Path) -> None:
    """As ``mendbox fix src --tests tests`` names it."""
    for path, text in {"src/sums.ts": WRONG, PATH: TESTS}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)

    inputs = read_inputs([str(tmp_path / "src")], [str(tmp_path / "tests")], cwd=tmp_path)

    assert inputs.language == "typescript"
    assert set(inputs.files) == {"src/sums.ts"}
    assert set(inputs.tests) == {PATH}


def test_what_is_only_done_with_python_says_so_of_the_rest(tmp_path: Path) -> None:
    """In one line, with what can be done."""
    (tmp_path / "a.ts").write_text(RIGHT)

    with pytest.raises(BadInput, match="only Python is improved, and this is TypeScript"):
        require_python(read_inputs([str(tmp_path / "a.ts")]), "improved")


@pytest.mark.parametrize(
    ("code", "test", "language", "expected"),
    [
        pytest.param(RIGHT, TESTS, "typescript", ("src/sums.ts", "solution.test.ts"), id="by its import"),
        pytest.param(
            "export const a = 1;",
            "import { a } from './a.js';",
            "typescript",
            ("a.ts", "solution.test.ts"),
            id="by what comes of it",
        ),
        pytest.param("export default () => <p>x</p>;", "", "typescript", ("solution.tsx",), id="a component of React"),
        pytest.param(
            "<script setup>\n</script>",
            "import A from './A.vue';",
            "typescript",
            ("A.vue", "solution.test.ts"),
            id="a component of Vue",
        ),
        pytest.param("export const A = () => (<p>x</p>);", "", "javascript", ("solution.jsx",), id="JSX"),
    ],
)
def test_code_that_is_sent_as_text_is_given_the_name_that_its_tests_expect(
    code: str, test: str, language: str, expected: tuple[str, ...]
) -> None:
    """So that nobody has to name files where there is one of each."""
    snippet = lay_out_snippet(code, tests=test.replace("../src", "./src") or None, language=language)  # type: ignore[arg-type]

    assert (*snippet.files, *snippet.tests) == expected


CONFIGURATION = """import path from 'node:path';
export default defineConfig({
  resolve: { alias: { '@': path.resolve(__dirname, './src'), '~nowhere': '/gone' } },
  test: { environment: 'jsdom', setupFiles: ['./tests/setup.ts', './tests/missing.ts'] },
});
"""


def test_what_a_configuration_says_in_so_many_words_is_taken_of_it() -> None:
    """It is never run: a plugin, or what a program puts together, takes no part."""
    tsconfig = '{"compilerOptions": {"paths": {"#lib/*": ["./lib/*"], "react": ["./src/react"]}}}'
    texts = {
        "vite.config.ts": CONFIGURATION,
        "tests/setup.ts": "",
        "src/a.ts": "",
        "lib/b/c.ts": "",
        "tsconfig.json": tsconfig,
    }

    found = configured(texts)

    assert found.flags == ("--page", "--setup=tests/setup.ts", "--alias=@=src", "--alias=#lib=lib")
    assert configured({"tsconfig.json": "{}"}).flags == ()


def test_a_project_of_vitest_without_a_lock_is_judged_in_the_image_where_that_has_its_packages(tmp_path: Path) -> None:
    """Its set-up is frozen with its tests, and what is said of its configuration is told."""
    manifest = {"scripts": {"test": "vitest run"}, "devDependencies": {"vitest": "^4.0.0"}}
    texts = {
        "package.json": json.dumps(manifest),
        "vite.config.ts": CONFIGURATION,
        "tests/setup.ts": "",
        "src/sums.ts": WRONG,
        PATH: TESTS,
    }
    for path, text in texts.items():
        (tmp_path / path).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / path).write_text(text)

    project = read_project(tmp_path)

    assert project.language == "typescript"
    assert project.wanted.nothing
    assert set(project.tests) == {PATH, "tests/setup.ts"}
    assert any("in so many words" in note for note in project.notes)


@pytest.mark.parametrize(
    ("version", "there"),
    [
        pytest.param("^4.1.0", True, id="this major version"),
        pytest.param(">=3", True, id="this one or a newer"),
        pytest.param("*", True, id="any"),
        pytest.param("^3.2.0", False, id="an older one"),
        pytest.param("github:a/b", False, id="from elsewhere"),
    ],
)
def test_the_image_has_what_is_asked_for_in_its_major_version(version: str, *, there: bool) -> None:
    """Else the project gets an environment of its own."""
    assert image_has({"dependencies": {"vitest": version}}) is there
    assert not image_has({"dependencies": {"left-pad": "*"}})


LINTED = {"event": "linted", "path": SOURCE, "line": 3, "rule": "no-debugger", "message": "Unexpected 'debugger'."}


def test_only_what_the_linter_newly_finds_is_a_finding() -> None:
    """What the input had is nobody's; nor is anything where the input did not even parse."""
    fixed = case()
    asked = lint.ask(Subject(files=files(WRONG), case=fixed))
    one, two = told(LINTED, DONE, nonce=asked.nonce), told(LINTED, LINTED, DONE, nonce=asked.nonce)
    unparsed = Report(check="syntax", status="failed", findings=(Finding(check="syntax", message="x", path=SOURCE),))

    on_input = lint.read(Subject(files=files(WRONG), case=fixed.model_copy(update={"baseline": None})), asked, one)
    assert on_input is not None
    known = fixed.model_copy(update={"baseline": Verdict(files_sha256="", reports=(on_input,))})
    broken = fixed.model_copy(update={"baseline": Verdict(files_sha256="", reports=(unparsed,))})
    same = lint.read(Subject(files=files(RIGHT), case=known), asked, one)
    more = lint.read(Subject(files=files(RIGHT), case=known), asked, two)
    unknown = lint.read(Subject(files=files(RIGHT), case=broken), asked, one)

    assert on_input.status == "passed"
    assert same is not None
    assert same.status == "passed"
    assert more is not None
    assert [(one.rule, one.line) for one in more.findings] == [("no-debugger", 3)]
    assert unknown is not None
    assert unknown.status == "passed"


def test_a_linter_that_is_not_there_is_said_and_one_that_breaks_is_no_green() -> None:
    """The one is the project's own affair, the other could not tell."""
    subject = Subject(files=files(RIGHT), case=case())
    asked = lint.ask(subject)
    absent = (
        b"Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'eslint' imported from /box/tools/javascript/linting.mjs"
    )

    assert lint.read(subject, asked, failed(absent)) is None
    for outcome in (failed(b"Error: out of order"), Outcome(ended="exited", report=Stream(head=b"x\n", total_bytes=2))):
        report = lint.read(subject, asked, outcome)
        assert report is not None
        assert report.status == "broken"


def test_a_project_without_a_compiler_of_its_own_is_judged_without_it() -> None:
    """Its environment is what its manifest asks for."""
    absent = failed(b"Error: Cannot find module 'typescript' ... code: 'MODULE_NOT_FOUND'")
    own = Subject(files=files(RIGHT), case=case(suite={}))
    ours = Subject(files=files(RIGHT), case=case())

    for subject, status in ((own, "passed"), (ours, "broken")):
        asked = typecheck.ask(subject)
        assert not isinstance(asked, Report)
        assert typecheck.read(subject, asked, absent).status == status


def failed(said: bytes) -> Outcome:
    return Outcome(ended="exited", exit_code=1, stderr=Stream(head=said, total_bytes=len(said)))


def test_what_stands_behind_a_mock_and_how_a_page_looks_is_not_shown() -> None:
    """And that no linter looked, where there is none."""
    mocked = case().model_copy(update={"tests": {PATH: "import '@testing-library/react'; vi.mock('../src/api');"}})

    lines = " ".join(not_shown(Subject(files=files(RIGHT), case=mocked), linted=False))

    assert "vi.mock" in lines
    assert "jsdom" in lines
    assert "No linter" in lines
    assert "jsdom" not in " ".join(not_shown(Subject(files=files(RIGHT), case=case())))


def test_a_range_that_begins_with_a_tilde_is_a_version_and_no_place() -> None:
    """Unlike a folder of somebody's home."""
    asked = '{"devDependencies": {"typescript": "~5.8.0"}}'

    assert reduced({"package.json": asked})["devDependencies"] == {"typescript": "~5.8.0"}
    with pytest.raises(Unresolved, match="only packages of a registry"):
        reduced({"package.json": asked.replace("~5.8.0", "~/typescript")})
