"""What the judge says of TypeScript, components and tests of vitest: only what is right is verified."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from engine.domain import Proof, Report, Verdict
from tests.engine.javascript.conftest import Judging
from tests.engine.javascript.vitest_forgeries import BROUGHT, FORGERIES, TOGETHER
from tests.engine.javascript.vitest_made import (
    ADD_UP,
    BOARD,
    BOARD_TESTS,
    COUNTED,
    ON_TOP,
    PATH,
    RIGHT,
    SERVER,
    SERVER_TESTS,
    SHOP,
    SHOP_TESTS,
    SOURCE,
    WRONG,
    files,
    frozen,
)

pytestmark = [pytest.mark.docker, pytest.mark.slow]


def report(verdict: Verdict, check: str) -> Report:
    return next(one for one in verdict.reports if one.check == check)


def proof(verdict: Verdict, name: str) -> Proof:
    return next(one for one in verdict.proofs if one.name == name)


def missing(verdict: Verdict) -> list[object]:
    return [*verdict.findings, *(one for one in verdict.proofs if not one.held)]


async def test_a_right_draft_is_verified_with_all_its_proofs(judged_typed: Judging) -> None:
    """Green by name, red before, types and lint, changed lines in the source's own numbers, twins red, a repeat."""
    verdict = await judged_typed(files(RIGHT), frozen(), before=files(WRONG))

    assert verdict.verified, missing(verdict)
    assert {test.node_id: test.ended for test in verdict.tests} == dict.fromkeys((ADD_UP, ON_TOP, COUNTED), "passed")
    assert proof(verdict, "changed lines ran").detail == "2 of 2 changed executable lines ran"
    assert "twins of 3 tests" in proof(verdict, "twins red").detail
    assert proof(verdict, "types hold").held
    assert report(verdict, "tests").executed[SOURCE][-1] == RIGHT.count("\n")


async def test_types_that_do_not_hold_are_red_although_the_tests_are_green(judged_typed: Judging) -> None:
    """On the input as well, from where a draft that only mends them is verified."""
    untyped = RIGHT.replace(
        "let sum = 0;", "let sum = 0;\n  const text: string = lines.length;\n  sum += 0 * Number(text);"
    )

    verdict = await judged_typed(files(untyped), frozen(), before=files(WRONG))
    mended = await judged_typed(files(RIGHT), frozen(), before=files(untyped))

    (finding,) = verdict.findings
    assert (finding.check, finding.rule, finding.path, finding.line) == ("types", "TS2322", SOURCE, 8)
    assert mended.verified, missing(mended)
    assert proof(mended, "red before").detail == "1 error of types on the code as handed in"


async def test_a_file_without_end_is_stopped_and_the_others_still_tell(judged_typed: Judging) -> None:
    """And a test that fails is found at its line of the source, not of what it was compiled to."""
    stuck = "import { test } from 'vitest';\ntest('never', () => {\n  for (;;);\n});\n"
    thrown = WRONG.replace("  let sum = 0;", "  if (rate) throw new RangeError('no rates');\n  let sum = 0;")

    verdict = await judged_typed(files(thrown), {**frozen(), "tests/a.test.ts": stuck}, seconds=8.0)

    ended = {test.node_id: test.ended for test in verdict.tests}
    assert ended["tests/a.test.ts::never"] == "hung"
    assert ended[ON_TOP] == "failed"
    assert ("RangeError", SOURCE, 7) in {(one.rule, one.path, one.line) for one in verdict.findings}


@pytest.mark.parametrize(
    ("component", "tests"),
    [
        pytest.param(SHOP, SHOP_TESTS, id="a page in React"),
        pytest.param(BOARD, BOARD_TESTS, id="a page in Vue"),
        pytest.param(SERVER, SERVER_TESTS, id="a server in Express"),
    ],
)
async def test_a_new_component_is_verified_against_empty_modules(
    judged_typed: Judging, component: Mapping[str, str], tests: Mapping[str, str]
) -> None:
    """With its own manifest, page and configuration beside it, of which none takes part in judging."""
    verdict = await judged_typed(component, tests, stand_in=True)

    assert verdict.verified, missing(verdict)
    assert {test.ended for test in verdict.tests} == {"passed"}


@pytest.mark.parametrize("source", [pytest.param(source, id=name) for name, source in FORGERIES.items()])
async def test_a_forgery_is_not_verified(judged_typed: Judging, source: str) -> None:
    """Whether it is seen as what it is, stays red, or lacks a proof."""
    verdict = await judged_typed(files(source), frozen(), before=files(WRONG))

    assert not verdict.verified


async def test_what_runs_the_tests_is_out_of_a_drafts_reach(judged_typed: Judging) -> None:
    """Reporters, set-up, aliases, plugins, other matchers, mocks and what is sent: the tests are as red as before."""
    verdict = await judged_typed({**files(WRONG), **BROUGHT, **TOGETHER}, frozen(), before=files(WRONG))

    assert {test.node_id for test in verdict.tests if test.ended == "failed"} == {ADD_UP, ON_TOP, COUNTED}
    assert not [finding for finding in verdict.findings if finding.path == PATH]
