"""The files are those of the plan, each where its author may write, and no larger than can be read."""

from __future__ import annotations

import pytest

from agents.plans.plan import Plan, PlannedFile
from engine.projects.agreeing import disagreements
from engine.projects.agreeing.disagreeing import MOST_FINDINGS
from tests.projects.agreeing.plans import NODE, python_plan, said

FILES = {"shop/__init__.py": "", "shop/main.py": "x = 1\n", "tests/test_main.py": "def test_it():\n    assert True\n"}


def told(more: dict[str, str], *, without: str = "", plan: Plan | None = None) -> list[str]:
    made, whole = python_plan(FILES)
    whole = {path: text for path, text in {**whole, **more}.items() if path != f"services/jobs/{without}"}
    return said(disagreements(plan or made, whole, node_packages=NODE))


def test_files_as_planned_are_right_with_those_that_the_plan_writes() -> None:
    """Deployment files, documents, scenarios and the README are nobody's."""
    ours = ("README.md", "compose.yaml", ".env.example", ".github/workflows/ci.yml", "deploy/kubernetes/a.yaml", "openapi/a.json",
            "e2e/scenarios.json", "e2e/run.mjs", "architecture.md", "services/jobs/Dockerfile", "services/jobs/nginx.conf", "docs/a.md")  # fmt: skip

    assert told(dict.fromkeys(ours, "")) == []


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("services/jobs/shop/more.py", "files/unplanned"),
        ("services/jobs/tests/conftest.py", "files/unplanned"),
        ("services/other/main.py", "files/outside"),
        ("main.py", "files/outside"),
        ("services/jobs/../../etc/passwd", "files/path"),
        ("/etc/passwd", "files/path"),
        ("services//jobs/a.py", "files/path"),
        ("services/jobs/.git/config", "files/path"),
        ("services/jobs/a\nb.py", "files/path"),
        ("services/jobs/a\ud800.py", "files/path"),
        ("services/jobs/C:a.py", "files/path"),
        ("", "files/path"),
        ("services/jobs/shop", "files/path"),
    ],
)
def test_a_file_that_has_no_place_is_told(path: str, rule: str) -> None:
    """Once, whatever it is called."""
    found = told({path: ""})

    assert [each.split()[0] for each in found] == [rule]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("x" * ((1 << 20) + 1), {"files/size"}),
        ("\u20ac" * 400_000, {"files/size", "python/syntax"}),
        ("x = '\0'\n", {"files/text", "python/syntax"}),
        ("x = '\ud800'\n", {"files/text", "python/syntax"}),
        ("x" * (5 << 20), {"files/size"}),
    ],
    ids=["large", "wide", "nul", "surrogate", "very large"],
)
def test_a_file_that_is_no_text_of_a_usual_size_is_told(text: str, rules: set[str]) -> None:
    """What is too large is not read at all."""
    found = {each.split()[0] for each in told({"services/jobs/shop/main.py": text})}

    assert "files/size" in found or "files/text" in found
    assert found <= rules


def test_all_files_together_have_a_bound() -> None:
    """And what is told of them has one."""
    many = {f"services/jobs/more/{number}.txt": "x" * 1_000_000 for number in range(18)}
    more = {f"services/jobs/many/{number}.txt": "" for number in range(2_001)}

    assert [each for each in told(many) if each.startswith("files/size")] == ["files/size more/0.txt:None"]
    assert len(told(more)) == MOST_FINDINGS


def test_a_planned_file_that_is_missing_is_told() -> None:
    """At its own path, so that it is known who has to write it; a lock is written by nobody."""
    plan, _ = python_plan({**FILES, "package-lock.json": "{}"})

    assert told({}, without="shop/main.py", plan=plan) == ["files/missing shop/main.py:None"]


def test_a_file_that_its_role_may_not_write_is_told() -> None:
    """A test that was planned for those who write the code."""
    plan, _ = python_plan(FILES)
    spoilt = [
        PlannedFile(path=file.path, owner=file.owner, role="backend", purpose=file.purpose) for file in plan.files
    ]

    assert told({}, plan=plan.model_copy(update={"files": tuple(spoilt)})) == ["files/role tests/test_main.py:None"]
