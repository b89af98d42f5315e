"""The Markdown summary: everything a person needs, and nothing that other people's text could make of it."""

from __future__ import annotations

import re

import pytest

from engine.ci.fenced import block, span
from engine.ci.summary import MOST_BYTES, summary
from engine.domain import Finding
from engine.repository.result import Cause, Healed
from tests.ci.projects import SUM, green, partly, run_of, unmended
from tests.ci.test_reports import nasty


def test_a_person_sees_what_was_red_what_the_fix_is_and_what_to_do() -> None:
    """Counts before and after, the diff, the proofs, what was not shown, where it lies, and that the build stays red."""
    text = summary(partly(), patch="out/mendbox.patch", branch="mendbox/fix", receipts=("out/receipts/1.json", ""))

    for said in (
        "## Mendbox: some red tests have a verified fix",
        "| red | 3 | 1 |",
        "```diff\n--- a/shop/cart.py",
        "- ✓ `red before`: `2 tests were red`",
        "- not shown: `that it is right on inputs that no test tries`",
        "`git apply out/mendbox.patch`",
        "`mendbox/fix`",
        "`mendbox verify out/receipts/1.json`",
        "This build stays red",
        "1. `shop/tax.py:2`",
        "Next: `Define RATE.`",
        "**Next:** `Read the patch.`",
    ):
        assert said in text


def test_a_green_suite_has_a_short_summary() -> None:
    """Nothing to read where there is nothing to do."""
    text = summary(green())

    assert text.startswith("## Mendbox: the suite is green")
    assert "stays red" not in text
    assert len(text.splitlines()) < 15


def test_a_suite_that_was_only_looked_at_names_what_is_red() -> None:
    """With `--report-only` there are no causes, but there are red tests and what failed in them."""
    text = summary(partly(healed=(), after=None, outcome="red", files={}, diff=""))

    assert f"- `{SUM}`" in text
    assert "assert 4 == 3" in text


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param("```\n<script>alert(1)</script>\n@everyone", id="ends the fence"),
        pytest.param("`````\n# title", id="a longer fence"),
        pytest.param("</details><img src=x onerror=y>", id="markup"),
        pytest.param("| a | b |\n|---|", id="a table"),
        pytest.param("`@user` #1 [x](javascript:y)", id="mention and link"),
    ],
)
def test_other_peoples_text_stays_text(hostile: str) -> None:
    """With the code taken out by Markdown's own rules, nothing of it is left."""
    cause = Cause(
        name=hostile,
        tests=(f"t.py::test[{hostile}]",),
        findings=(Finding(check="tests", message=hostile, evidence=hostile),),
    )
    healed = Healed(cause=cause, run=run_of({"a.py": ""}, summary=hostile, next_step=hostile), diff=hostile)
    result = partly(healed=(healed, unmended()), summary=hostile, notes=(hostile,), next_step=hostile, flaky=(hostile,))

    left = without_code(summary(result, branch=hostile))

    for word in ("script", "everyone", "# title", "onerror", "@user", "javascript", "#1", "---|\n|---"):
        assert word not in left


def without_code(text: str) -> str:
    """*text* as Markdown reads it, without fenced blocks and code spans (CommonMark 4.5 and 6.1)."""
    kept: list[str] = []
    fence = ""
    for row in text.split("\n"):
        opened = re.match(r"^(`{3,})[^`]*$", row)
        if fence:
            if re.fullmatch(rf"`{{{len(fence)},}}\s*", row):
                fence = ""
        elif opened:
            fence = opened.group(1)
        else:
            kept.append(row)
    assert not fence
    return re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", "\n".join(kept))


def test_a_summary_fits_where_it_goes() -> None:
    """GitHub shows nothing of one that is too long, so the rest is left out, and that is said outside of any fence."""
    evidence = "é```\n" * 100_000
    many = tuple(
        Healed(
            cause=Cause(name=f"{n}", tests=(), findings=(Finding(check="tests", message="m", evidence=evidence),)),
            run=run_of({}),
            diff="+é\n" * 100_000,
        )
        for n in range(30)
    )

    text = summary(partly(healed=many))

    assert len(text.encode()) <= MOST_BYTES
    assert "The rest did not fit here" in without_code(text)


def test_secrets_are_not_passed_on() -> None:
    """What a test printed may hold a key; a summary is read by many."""
    key = "ghp_" + "a1B2" * 9
    finding = Finding(check="tests", message="m", evidence=f"token {key}")
    result = partly(healed=(Healed(cause=Cause(name="c", tests=(), findings=(finding,)), run=unmended().run),))

    assert key not in summary(result)


def test_hidden_characters_are_shown() -> None:
    """A reader sees that there is something, whatever direction it would turn the text."""
    assert "\u202e" not in summary(nasty())
    assert "\x1b" not in block("a\x1b[31m")
    assert span("") == ""
