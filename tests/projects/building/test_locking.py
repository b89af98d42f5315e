"""The lock of a component is that part of the image's own which its ``package.json`` asks for."""

from __future__ import annotations

import json

import pytest

from engine.projects.building.locking import lock_of

IMAGE = json.dumps(
    {
        "packages": {
            "": {"name": "image"},
            "node_modules/react": {"version": "19.0.0", "integrity": "r", "dependencies": {"loose": "^1"}},
            "node_modules/loose": {"version": "2.0.0", "integrity": "l2"},
            "node_modules/react/node_modules/loose": {"version": "1.0.0", "integrity": "l1"},
            "node_modules/vitest": {
                "version": "4.0.0",
                "dev": True,
                "peerDependencies": {"react": "*"},
                "dependencies": {"loose": "^2"},
                "optionalDependencies": {"absent": "*"},
            },
            "node_modules/vitest/node_modules/deep": {"version": "1.0.0"},
            "node_modules/unused": {"version": "1.0.0"},
        }
    }
)


def test_what_is_shipped_and_what_is_only_for_work_are_told_apart() -> None:
    """A package finds the one beside it first; what nobody asks for is not there."""
    package = {"name": "web", "version": "1.0.0", "dependencies": {"react": "^19"}, "devDependencies": {"vitest": "*"}}

    made = lock_of(json.dumps(package), IMAGE)

    assert made is not None
    lock = json.loads(made)
    assert lock["lockfileVersion"] == 3
    assert lock["packages"].pop("") == package
    assert {path: entry.get("dev", False) for path, entry in lock["packages"].items()} == {
        "node_modules/react": False,
        "node_modules/react/node_modules/loose": False,
        "node_modules/vitest": True,
        "node_modules/loose": True,
    }
    assert lock["packages"]["node_modules/react"]["integrity"] == "r"


def test_a_package_finds_what_stands_in_a_folder_above() -> None:
    """Of several levels, the nearest."""
    image = json.dumps(
        {
            "packages": {
                "node_modules/a": {"dependencies": {"b": "1"}},
                "node_modules/a/node_modules/b": {"dependencies": {"c": "1"}},
                "node_modules/c": {},
            }
        }
    )

    made = lock_of('{"dependencies": {"a": "1"}}', image)

    assert made is not None
    assert set(json.loads(made)["packages"]) == {
        "",
        "node_modules/a",
        "node_modules/a/node_modules/b",
        "node_modules/c",
    }


@pytest.mark.parametrize(
    "package",
    ["no json", "[]", '{"dependencies": {"left-pad": "1"}}', '{"devDependencies": {"left-pad": "1"}}'],
)
def test_there_is_no_lock_for_what_the_image_does_not_have(package: str) -> None:
    """Nor for what is no manifest."""
    assert lock_of(package, IMAGE) is None


def test_fields_of_another_shape_ask_for_nothing() -> None:
    """A manifest is somebody's text."""
    made = lock_of('{"dependencies": ["react"]}', IMAGE)

    assert made is not None
    assert set(json.loads(made)["packages"]) == {""}
