"""What a role may write, and what it is told."""

from __future__ import annotations

import pytest

from agents.prompts import fill
from agents.roles import CARDS


@pytest.mark.parametrize("role", CARDS)
def test_every_role_has_a_prompt_and_says_what_judges_it(role: str) -> None:
    """A card without a prompt would only be found out in the middle of a build."""
    card = CARDS[role]  # type: ignore[index]

    assert card.role == role
    assert len(fill(card.prompt)) > 200
    assert card.judged_by


@pytest.mark.parametrize(
    ("role", "path", "may"),
    [
        ("backend", "services/api/api/main.py", True),
        ("backend", "services/api/pyproject.toml", True),
        ("backend", "services/api/tests/test_main.py", False),
        ("backend", "services/api/src/store.test.ts", False),
        ("backend", "services/api/Dockerfile", False),
        ("backend", "services/web/src/main.ts", False),
        ("backend", "services/api2/main.py", False),
        ("backend", "compose.yaml", False),
        ("frontend", "services/api/src/main.tsx", True),
        ("frontend", "services/api/tests/page.test.tsx", False),
        ("qa", "services/api/tests/test_main.py", True),
        ("qa", "services/api/tests/deep/test_main.py", True),
        ("qa", "services/api/api/main.py", False),
        ("qa", "e2e/run.mjs", False),
        ("devops", "services/api/Dockerfile", True),
        ("devops", "services/api/api/main.py", False),
        ("devops", ".github/workflows/ci.yml", True),
        ("devops", ".github/workflows/deep/ci.yml", False),
        ("devops", "deploy/kubernetes/api.yaml", True),
        ("devops", ".github/CODEOWNERS", False),
    ],
)
def test_a_role_writes_its_own_part_and_nothing_else(role: str, path: str, may: bool) -> None:
    """Whoever writes the code cannot write its tests, and the other way round."""
    assert CARDS[role].may_write(path, "api") is may  # type: ignore[index]


def test_a_tester_without_a_component_writes_the_tests_of_all_of_them() -> None:
    """One tester may serve the whole project."""
    assert CARDS["qa"].may_write("services/web/tests/page.test.tsx")
    assert not CARDS["qa"].may_write("services/tests/page.test.tsx")
