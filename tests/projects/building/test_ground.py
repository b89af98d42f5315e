"""What the engine's judge and its environments say of a component, as a build is told it."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from agents.base import Draft
from agents.plans.plan import Component
from engine.domain import Attempt, Budget, Ending, Finding, Proof, Reason, Report, Run, Task, TestResult, Verdict
from engine.projects.building.ground import ByJudge, InBoxes, OfFiles, Whose, judged, node_packages
from sandboxes.base import Limits, Sandbox
from sandboxes.environments.wanted import Environment, Unresolved, Wanted
from sandboxes.errors import SandboxUnavailable
from tests.projects.building.plans import FOLDER, GOOD, GOOD_CODE, GOOD_MANIFEST, GOOD_TESTS, MANIFEST, plan

CODE = {path.removeprefix(f"{FOLDER}/"): text for path, text in GOOD.items()}
TESTS = {"tests/test_greeter.py": GOOD_TESTS}


def run(outcome: Ending, reason: Reason | None = None, *, verdict: Verdict | None = None, files: str = "") -> Run:
    attempt = Attempt(number=1, draft=Draft(files={}, author="caller"), verdict=verdict, seconds=1) if verdict else None
    return Run(
        id="r",
        task=Task(files={}),
        outcome=outcome,
        reason=reason,
        summary="It is\n  so.",
        attempts=(attempt,) if attempt else (),
        files={"greeter/__init__.py": files} if files else {},
    )


RED = Verdict(
    files_sha256="0",
    reports=(
        Report(
            check="tests",
            status="failed",
            summary="1 failed",
            findings=(Finding(check="tests", path="greeter/__init__.py", line=3, message="no"),),
            tests=(
                TestResult(node_id="tests/a.py::b", ended="passed"),
                TestResult(node_id="tests/a.py::c", ended="failed"),
            ),
        ),
    ),
)
GREEN = Verdict(
    files_sha256="0",
    reports=(Report(check="tests", status="passed"),),
    proofs=(Proof(name="red before", held=False, detail="0 of 1 were red"),),
)


class Judge:
    """An engine that says what it was given to say, and keeps what it was asked."""

    def __init__(self, answer: Run) -> None:
        self.tasks: list[Task] = []
        self.asked: list[tuple[str, str | None, str]] = []
        self.parts_of: list[str] = []
        self._answer = answer

    async def check(self, task: Task, *, tenant: str | None = None, principal: str = "", part_of: str = "") -> Run:
        self.tasks.append(task)
        self.parts_of.append(part_of)
        return self._answer

    async def fix(
        self, task: Task, *, author: str = "auto", tenant: str | None = None, principal: str = "", part_of: str = ""
    ) -> Run:
        self.tasks.append(task)
        self.parts_of.append(part_of)
        self.asked.append((author, tenant, principal))
        return self._answer


class Nowhere:
    """Environments of which there are none, or those by a name."""

    def __init__(self, name: str = "") -> None:
        self.wanted: list[Wanted] = []
        self._name = name

    async def ensure(self, wanted: Wanted, on_progress: Callable[[str], None]) -> Environment:
        self.wanted.append(wanted)
        if not self._name:
            raise Unresolved("unknown", "there is no package nowhere", requirement="nowhere")
        return Environment(reference=self._name)


def by_judge(judge: Judge, environments: Nowhere) -> ByJudge:
    return ByJudge(
        judge,
        lambda: environments,
        whose=Whose("b", "t", "somebody"),
        budget=Budget(),
        limits=Limits(),
        notify=lambda _: None,
    )


def component(runtime: str = "python") -> Component:
    made = plan().components[0]
    return made.model_copy(update={"running": made.running.model_copy(update={"runtime": runtime})})


async def test_a_component_is_judged_in_its_own_environment_and_told_by_the_projects_paths() -> None:
    """What is wrong, and which tests passed, from the folder of the whole project."""
    judge, environments = Judge(run("no_fix", "red", verdict=RED)), Nowhere("env:1")

    seen = await by_judge(judge, environments).judge(component(), CODE, TESTS)

    (task,) = judge.tasks
    assert (task.language, task.limits.environment, task.suite) == ("python", "env:1", None)
    assert (seen.outcome, seen.run_id, seen.summary) == ("red", "r", "It is so.")
    assert [finding.path for finding in seen.findings] == [f"{FOLDER}/greeter/__init__.py"]
    assert seen.tests == (f"{FOLDER}/tests/a.py::b",)
    assert "greeter/__init__.py:3: no" in seen.failure


async def test_a_green_suite_of_which_some_was_not_run_is_red() -> None:
    """What is run of it is said by settings in the component, whose author the tests are there to judge."""
    ran = Report(check="tests", status="passed", tests=(TestResult(node_id="tests/test_a.py::test_b", ended="passed"),))
    judge = Judge(run("verified", verdict=Verdict(files_sha256="0", reports=(ran,))))
    ground = by_judge(judge, Nowhere("env:1"))
    one = "def test_b():\n    assert True\n"

    whole = await ground.judge(component(), CODE, {"tests/test_a.py": one})
    part = await ground.judge(component(), CODE, {"tests/test_a.py": f"{one}\n\ndef test_c():\n    assert True\n"})

    assert whole.outcome == "verified"
    assert part.outcome == "red"
    assert "tests/test_a.py::test_c" in part.findings[0].message


async def test_code_for_node_is_judged_by_its_language_without_what_sets_tools_up() -> None:
    """In the image of that language, which the engine knows."""
    judge = Judge(run("verified", verdict=GREEN))
    ground = by_judge(judge, Nowhere())

    await ground.judge(component("node"), {"src/a.js": "", "vite.config.js": ""}, {"tests/a.test.js": ""})
    await ground.judge(component("static"), {"src/a.ts": "", "vite.config.ts": ""}, {"tests/a.test.ts": ""})

    plain, typed = judge.tasks
    assert (plain.language, set(plain.files)) == ("javascript", {"src/a.js"})
    assert (typed.language, set(typed.files)) == ("typescript", {"src/a.ts"})


async def test_what_cannot_be_had_is_a_finding_at_the_line_that_asks_for_it() -> None:
    """It is the manifest's author who can change that; nobody searches there."""
    manifest = GOOD_MANIFEST.replace('version = "1.0.0"', 'version = "1.0.0"\ndependencies = ["nowhere"]')
    judge = Judge(run("verified"))
    ground = by_judge(judge, Nowhere())

    seen = await ground.judge(component(), {**CODE, "pyproject.toml": manifest}, TESTS)

    assert (seen.outcome, seen.summary) == ("red", "there is no package nowhere")
    assert (seen.findings[0].path, seen.findings[0].rule) == (MANIFEST, "unknown")
    assert await ground.mend(component(), {**CODE, "pyproject.toml": manifest}, TESTS, seconds=1) is None
    assert judge.tasks == []


@pytest.mark.parametrize(("outcome", "found"), [("verified", True), ("unverified", False), ("no_fix", False)])
async def test_only_what_is_verified_counts_as_mended(outcome: Ending, found: bool) -> None:
    """By the author that asks no model."""
    judge = Judge(run(outcome, files=GOOD_CODE))

    mended = await by_judge(judge, Nowhere("e")).mend(component(), CODE, TESTS, seconds=7)

    assert (mended == {"greeter/__init__.py": GOOD_CODE}) is found
    assert judge.tasks[0].budget.seconds == 7
    assert judge.asked == [("offline", "t", "somebody")]
    assert judge.parts_of == ["b"]


def test_a_missing_proof_is_told_like_a_finding() -> None:
    """Whoever wrote it has to know what to do."""
    seen = judged(run("unverified", verdict=GREEN))

    assert seen.outcome == "unverified"
    assert [finding.message for finding in seen.findings] == ["not shown: 0 of 1 were red"]


def test_tests_that_cannot_be_passed_are_a_conflict() -> None:
    """Nobody who writes code can do anything about that."""
    seen = judged(run("no_fix", "conflict"))

    assert (seen.outcome, seen.conflict) == ("red", True)
    assert seen.findings[0].rule == "conflict"


@pytest.mark.parametrize("outcome", ["environment", "cancelled"])
def test_a_judge_that_could_not_judge_is_no_verdict(outcome: Ending) -> None:
    """The machinery failed, and nothing was learnt of the code."""
    with pytest.raises(SandboxUnavailable, match="It is"):
        judged(run(outcome))


async def test_what_does_not_go_together_is_not_run_and_says_why() -> None:
    """Of one component, of the whole, of a Dockerfile; no box is asked for."""
    nobody = cast("Sandbox", None)
    ground = InBoxes(nobody, Nowhere, Nowhere, run_id="b", notify=lambda _: None)
    files = {**GOOD, MANIFEST: GOOD_MANIFEST.replace("requires-python", 'dependencies = ["nowhere"]\nrequires-python')}

    started = await ground.answers(plan(), "greeter", files)
    ran = await ground.whole(plan(), files, ())
    replayed = await ground.replay(plan(), "greeter", files)

    assert [started.outcome, ran.outcome, replayed.outcome] == ["unverified"] * 3
    for told in (started.not_shown, ran.not_shown, replayed.not_shown):
        assert "there is no package nowhere" in told[0]


async def test_a_lock_is_made_beside_each_package_json_that_the_image_can_serve() -> None:
    """By nobody's hand; of one that asks for what there is not, there is none."""
    files = {
        "services/web/package.json": '{"dependencies": {"react": "^19"}}',
        "services/odd/package.json": '{"dependencies": {"left-pad": "1"}}',
        "package.json": "{}",
    }

    made = OfFiles().completed(files)

    assert set(made) == {*files, "services/web/package-lock.json", "package-lock.json"}
    assert "react" in node_packages()
