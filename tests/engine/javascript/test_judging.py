"""What the judge of JavaScript says of drafts that are right, wrong, or not to be judged."""

from __future__ import annotations

import pytest

from engine.domain import Finding, Proof, Report, Verdict
from tests.engine.javascript.conftest import Judging
from tests.engine.javascript.made import ADD_UP, MANIFEST, NONE, ON_TOP, PATH, RIGHT, TESTS, WRONG, files, frozen

pytestmark = pytest.mark.docker


def report(verdict: Verdict, check: str) -> Report:
    return next(one for one in verdict.reports if one.check == check)


def proof(verdict: Verdict, name: str) -> Proof:
    return next(one for one in verdict.proofs if one.name == name)


def ended(verdict: Verdict) -> dict[str, str]:
    return {test.node_id: test.ended for test in verdict.tests}


def only_finding(verdict: Verdict) -> Finding:
    (finding,) = verdict.findings
    return finding


async def test_a_right_draft_is_verified_with_all_its_proofs(judged: Judging) -> None:
    """Red before, green by name, changed lines ran, twins red, a repeat agrees; and what that does not show is said."""
    verdict = await judged(files(RIGHT), frozen(), before=files(WRONG))

    assert verdict.verified, [proof for proof in verdict.proofs if not proof.held]
    assert ended(verdict) == {ADD_UP: "passed", ON_TOP: "passed", NONE: "passed"}
    assert proof(verdict, "red before").detail == "2 of 3 tests were red on the code as handed in"
    assert proof(verdict, "changed lines ran").detail == "1 of 1 changed executable lines ran"
    assert "twins of 3 tests" in proof(verdict, "twins red").detail
    assert verdict.tier == "same-process"
    assert any("linter" in line for line in verdict.not_shown)


async def test_the_input_is_red_by_name_with_what_was_seen(judged: Judging) -> None:
    """Node ids are path, suite and test; a finding has the assertion's own words."""
    verdict = await judged(files(WRONG), frozen())

    assert ended(verdict) == {ADD_UP: "failed", ON_TOP: "failed", NONE: "passed"}
    assert {finding.rule for finding in verdict.findings} == {"AssertionError"}
    assert verdict.findings[0].message.startswith(f"{ADD_UP}: Expected values to be strictly equal: 3 !== 6")
    assert report(verdict, "tests").executed["sums.js"]
    assert verdict.proofs == ()


async def test_what_is_thrown_is_found_at_its_line_of_the_code(judged: Judging) -> None:
    """The innermost place that may be changed, whatever the stack above it."""
    source = WRONG.replace("let sum = 0;", "let sum = prices.first.price;")

    verdict = await judged(files(source), frozen())

    assert {(finding.rule, finding.path, finding.line) for finding in verdict.findings} == {("TypeError", "sums.js", 2)}


async def test_a_file_that_does_not_parse_is_named_with_its_line(judged: Judging) -> None:
    """Nothing of a draft runs then; on the input its tests cannot be collected."""
    broken = WRONG.replace("return Math", "return (Math")

    verdict = await judged(files(broken), frozen(), before=files(WRONG))

    assert (only_finding(verdict).check, only_finding(verdict).path, only_finding(verdict).line) == (
        "syntax",
        "sums.js",
        4,
    )
    assert report(verdict, "tests").status == "skipped"

    baseline = await judged(files(broken), frozen())

    assert report(baseline, "syntax").status == "failed"
    assert any(finding.message.startswith(f"{PATH} cannot be collected") for finding in baseline.findings)


async def test_from_a_file_that_could_not_be_loaded_a_right_draft_is_verified(judged: Judging) -> None:
    """Names come from the frozen source where the input never told them."""
    verdict = await judged(files(RIGHT), frozen(), before=files(WRONG.replace("export ", "")))

    assert verdict.verified, [proof for proof in verdict.proofs if not proof.held]
    assert proof(verdict, "red before").detail == "3 of 3 tests were red on the code as handed in"


async def test_common_js_is_judged_like_modules(judged: Judging) -> None:
    """``require`` in the code, in the tests, and of one by the other."""
    common = {
        path: text.replace("export function total", "exports.total = function total")
        for path, text in {"wrong": WRONG, "right": RIGHT}.items()
    }
    test = """const assert = require('node:assert');
const { test } = require('node:test');
const { total } = require('./sums.cjs');
for (const [prices, sum] of [[[1], 1], [[1, 2], 3]]) {
  test(`the sum of ${prices}`, () => assert.strictEqual(total(prices), sum));
}
"""

    verdict = await judged({"sums.cjs": common["right"]}, {"sums.test.cjs": test}, before={"sums.cjs": common["wrong"]})

    assert verdict.verified, [proof for proof in verdict.proofs if not proof.held]
    assert ended(verdict) == {"sums.test.cjs::the sum of 1": "passed", "sums.test.cjs::the sum of 1,2": "passed"}


async def test_a_test_without_end_is_hung_and_the_others_still_tell(judged: Judging) -> None:
    """A file is killed in its time; another one runs after it."""
    source = WRONG.replace("for (const price of prices) sum = price;", "while (prices.length) sum += 1;")
    other = (
        "import test from 'node:test';\nimport assert from 'node:assert';\ntest('other', () => assert.equal(1, 1));\n"
    )

    verdict = await judged(files(source), {**frozen(), "test/zero.test.js": other}, seconds=4.0)

    assert ended(verdict)[ADD_UP] == "hung"
    assert ended(verdict)["test/zero.test.js::other"] == "passed"
    assert any(finding.rule == "hung" for finding in verdict.findings)


async def test_lines_that_no_test_runs_are_no_part_of_a_proof(judged: Judging) -> None:
    """A change beside the mend that nothing runs is told by its place."""
    more = RIGHT + "\nexport function unused(x) {\n  return x * 2;\n}\n"

    verdict = await judged(files(more), frozen(), before=files(WRONG))

    assert verdict.green
    assert not verdict.verified
    assert "none ran at sums.js:8" in proof(verdict, "changed lines ran").detail


async def test_a_test_that_is_left_out_by_the_draft_is_no_pass(judged: Judging) -> None:
    """One that the frozen file leaves out itself is not counted; one that depends on the code is."""
    depends = TESTS.replace("it('may be none', ", "it('may be none', { skip: total([], 1) === 0.5 }, ")
    itself = TESTS.replace("it('may be none'", "it.skip('may be none'")
    right = RIGHT.replace("  let sum", "  if (!prices.length) return 0.5;\n  let sum")

    left_out = await judged(files(right), frozen(depends), before=files(WRONG))
    marked = await judged(files(RIGHT), frozen(itself), before=files(WRONG))

    assert not left_out.green
    assert f"{NONE}: skipped, which is not a pass" in [finding.message for finding in left_out.findings]
    assert marked.verified
    assert "not counted" in proof(marked, "tests passed").detail


async def test_tests_that_are_set_aside_do_not_count(judged: Judging) -> None:
    """Red for another cause: neither run into the verdict nor missed."""
    twice = f"{TESTS}\ntest('something else', () => {{\n  assert.equal(total([2]), 7);\n}});\n"
    suite = {"aside": (f"{PATH}::something else",)}

    verdict = await judged(files(RIGHT), frozen(twice), before=files(WRONG), suite=suite)

    assert verdict.verified, verdict.findings
    assert f"{PATH}::something else" not in ended(verdict)


async def test_what_only_sometimes_fails_is_named_flaky(judged: Judging) -> None:
    """The same code, run twice: of forty tossed coins some fall otherwise."""
    test = """import assert from 'node:assert';
import test from 'node:test';
test('sure', () => assert.equal(1, 2));
"""
    many = "\n".join(f"test('chance {number}', () => assert.ok(Math.random() < 0.5));" for number in range(40))

    verdict = await judged(files(WRONG), frozen(test + many))

    assert verdict.flaky
    assert f"{PATH}::sure" not in verdict.flaky


@pytest.mark.parametrize(
    ("path", "text", "why"),
    [
        pytest.param("node_modules/sums/index.js", "x", "packages come from the manifest", id="a package"),
        pytest.param(
            "test/package.json", '{"type": "commonjs"}', "how they are loaded", id="a manifest above the tests"
        ),
        pytest.param("package.json", MANIFEST.replace("sums", "node"), "cannot be changed", id="another name"),
        pytest.param("test/sums.test.json", "{}", "could be looked for", id="the place of a test"),
        pytest.param(PATH, "// none", "tests cannot be changed", id="a test"),
    ],
)
async def test_what_would_take_part_in_judging_is_refused(judged: Judging, path: str, text: str, why: str) -> None:
    """By its path, before a box is opened for it."""
    verdict = await judged({**files(RIGHT), path: text}, frozen(), before=files(WRONG))

    assert only_finding(verdict).path == path
    assert why in only_finding(verdict).message


async def test_a_folder_named_like_a_python_module_is_nothing_special(judged: Judging) -> None:
    """What stands in front of Python's modules stands in front of nothing here."""
    source = RIGHT.replace("export", "import { round } from './queue/token.js';\nexport").replace("Math.round", "round")

    verdict = await judged(
        files(source, **{"queue/token.js": "export const round = (value) => Math.round(value);\n"}),
        frozen(),
        before=files(WRONG),
    )

    assert verdict.verified, [proof for proof in verdict.proofs if not proof.held]


async def test_a_program_that_asserts_by_itself_is_one_test(judged: Judging) -> None:
    """As `node --test` has it: its name is the file's, and a wrong expectation has to make it red."""
    script = "import assert from 'node:assert';\nimport { total } from './sums.js';\nassert.equal(total([1, 2]), 3);\n"

    verdict = await judged(files(RIGHT), {"test.js": script}, before=files(WRONG))
    baseline = await judged(files(WRONG), {"test.js": script})

    assert verdict.verified, [proof for proof in verdict.proofs if not proof.held]
    assert ended(verdict) == {"test.js": "passed"}
    assert only_finding(baseline).rule == "AssertionError"


async def test_what_a_file_cannot_be_loaded_for_is_told_in_its_own_words(judged: Judging) -> None:
    """The kind of error, and where."""
    verdict = await judged(files(WRONG.replace("export", "export const rate = percent;\nexport", 1)), frozen())

    assert {finding.rule for finding in verdict.findings} >= {"ReferenceError"}
    finding = next(finding for finding in verdict.findings if finding.rule == "ReferenceError")
    assert finding.message == f"{PATH} cannot be collected: ReferenceError: percent is not defined"
    assert (finding.path, finding.line) == ("sums.js", 1)
