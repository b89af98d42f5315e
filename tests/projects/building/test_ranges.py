"""Ranges of npm, as far as they are held to the one version that there is."""

from __future__ import annotations

import json

import pytest

from engine.projects.building.ranges import fits, not_had

LOCK = json.dumps({"packages": {"": {}, "node_modules/express": {"version": "5.1.2"}}})


@pytest.mark.parametrize(
    "asked",
    [
        "^5.0.0",
        "^5",
        "~5.1.0",
        "~5",
        "5",
        "5.x",
        "5.1.*",
        "*",
        "",
        "5.1.2",
        "=5.1.2",
        ">=4 <6",
        ">= 4",
        "^4 || ^5",
        "<=5",
        ">4",
    ],
)
def test_what_there_is_is_in_the_range(asked: str) -> None:
    assert fits("5.1.2", asked)


@pytest.mark.parametrize(
    "asked",
    [
        "^4.18.2",
        "^5.2",
        "~5.0.9",
        "5.1.1",
        "^999",
        "<5",
        ">5",
        "<=5.0",
        ">=6",
        "latest",
        "git+https://a/b",
        "file:../x",
        "npm:other@5",
    ],
)
def test_what_there_is_is_not_in_it(asked: str) -> None:
    """Also where it is no range: what an address leads to, nobody has tried."""
    assert not fits("5.1.2", asked)


def test_below_one_each_step_may_break() -> None:
    """And what comes before a release is only itself."""
    assert fits("0.3.4", "^0.3.1")
    assert not fits("0.4.0", "^0.3.1")
    assert not fits("0.0.4", "^0.0.3")
    assert fits("2.0.0-beta.1", "^2.0.0-beta.1")
    assert not fits("2.0.0-beta.1", "^2")


def test_a_package_that_is_asked_for_in_another_version_is_told_with_the_one_that_there_is() -> None:
    """What the image does not have at all is told elsewhere, and so is what is no package.json."""
    files = {
        "services/api/package.json": json.dumps(
            {"dependencies": {"express": "^4.18.2", "none": "1"}, "devDependencies": 3}
        ),
        "services/web/package.json": "{",
        "services/web/x.json": json.dumps({"dependencies": {"express": "^4"}}),
    }

    (found,) = not_had(files, LOCK)

    assert (found.path, found.rule) == ("services/api/package.json", "packages/version")
    assert "ask for ^5.1.2" in found.message
