"""A project is built by several, healed part by part, and ends in one of a few ways, each with its reason."""

from __future__ import annotations

import pytest

from agents.errors import NothingToOffer, ProviderUnavailable, Refused, TooDear
from engine.projects.building.outcome import Built, Why
from engine.projects.building.planning import faults_to_build
from engine.projects.building.receipt import receipt_page
from tests.projects.building.doubles import Company, Notes, Site, code, delivered, good_code
from tests.projects.building.plans import CODE, GOOD, GOOD_CODE, GOOD_TESTS, GREETED, TESTS, plan, two_components


async def test_what_was_planned_delivered_and_run_is_verified_with_its_evidence() -> None:
    """Each requirement is tied to the scenario and to the tests that show it; nothing is left that was not run."""
    site = Site()

    project = await site.build()

    assert (project.outcome, project.reason, project.not_run) == ("verified", None, ())
    assert [part.component for part in project.parts] == ["greeter", "project", "deployment"]
    (shown,) = project.evidence
    assert (shown.requirement, shown.scenarios, shown.missing) == ("R1", (GREETED.name,), "")
    assert shown.tests == (f"{TESTS}::test",)
    assert project.pictures == {"pictures/web.png": b"\x89PNG\xff"}
    assert project.files[CODE] == GOOD_CODE
    assert project.usage.calls == 5
    assert faults_to_build(plan()) == ()


async def test_tests_are_written_from_the_plan_and_code_sees_them() -> None:
    """Whoever tests is shown no code; whoever codes is shown the tests of its component, and the scenarios."""
    site = Site()

    await site.build()

    (tests,) = site.company.told("qa:greeter")
    (scenarios,) = site.company.told("qa")
    (written,) = site.company.told("backend:greeter")
    (shipped,) = site.company.told("devops")
    assert (tests.readable, tests.writable) == ({}, (TESTS,))
    assert (scenarios.readable, scenarios.writable) == ({}, ())
    assert written.readable[TESTS] == GOOD_TESTS
    assert written.scenarios == (GREETED,)
    assert set(written.writable) == set(GOOD)
    assert "compose.yaml" in shipped.files


async def test_a_red_component_goes_back_to_its_author_with_what_was_seen() -> None:
    """And is judged again, until it is green; the second assignment names the place."""
    site = Site(Company(backend__greeter=[code("WRONG"), GOOD]))

    project = await site.build()

    assert project.outcome == "verified"
    first, second = site.company.told("backend:greeter")
    assert (first.findings, first.number, second.number) == ((), 1, 2)
    assert second.findings == (f"[tests/AssertionError] {CODE}: 1 == 2",)
    assert second.failure == "E 1 == 2"
    assert second.files[CODE] == "WRONG"
    assert project.parts[0].attempts == 3


async def test_the_author_without_a_model_goes_first() -> None:
    """What a search mends is no question to anybody."""
    site = Site(Company(backend__greeter=[code(f"{GOOD_CODE}# SLIP\n")]))

    project = await site.build()

    assert project.outcome == "verified"
    assert len(site.company.told("backend:greeter")) == 1
    assert "SLIP" not in project.files[CODE]


async def test_a_component_that_does_not_answer_goes_back_too() -> None:
    """Its tests are green, and it never listens."""
    site = Site(Company(backend__greeter=[code("SILENT"), GOOD]))

    project = await site.build()

    assert project.outcome == "verified"
    assert site.company.told("backend:greeter")[1].findings == (f"[running/start/silent] {CODE}: it never listens",)


async def test_the_contract_is_held_before_anything_is_judged() -> None:
    """The owner of each path is told, and nothing is run until all agrees."""
    site = Site(
        Company(
            backend__greeter=[code("DISAGREES"), GOOD],
            qa__greeter=[{TESTS: "DISAGREES"}, {TESTS: GOOD_TESTS}],
            qa=[delivered({}), delivered({}, scenarios=[GREETED])],
        )
    )

    project = await site.build()

    assert project.outcome == "verified"
    assert "it imports what there is not" in site.company.told("qa:greeter")[1].findings[0]
    assert site.company.told("qa")[1].findings == ("[contract/scenario] R1 has no scenario",)
    assert site.ground.calls["judge"] == 1


async def test_what_was_mended_has_to_agree_as_well() -> None:
    """A repair that breaks the contract is turned down before a box is opened for it."""
    site = Site(Company(backend__greeter=[code("WRONG"), code("DISAGREES"), GOOD]))

    project = await site.build()

    assert project.outcome == "verified"
    assert site.ground.calls["judge"] == 2
    assert "it imports what there is not" in site.company.told("backend:greeter")[2].findings[0]


async def test_what_is_not_planned_is_refused_and_never_written() -> None:
    """Neither another's file nor one outside; whoever is asked again is told."""
    mischief = {**code("WRONG"), TESTS: "def test(): pass\n", "services/greeter/extra.py": "x", "../../etc/passwd": "x"}
    site = Site(Company(backend__greeter=[mischief, GOOD]))

    project = await site.build()

    assert project.outcome == "verified"
    assert project.files[TESTS] == GOOD_TESTS
    assert not {"services/greeter/extra.py", "../../etc/passwd"} & set(project.files)
    told = site.company.told("backend:greeter")[1].findings
    assert sum("was not written" in line for line in told) == 3


async def test_an_author_whose_reply_is_of_no_use_is_told_so() -> None:
    """Its files stay as they were, and it is asked again for what is missing."""
    unusable = delivered({}).model_copy(update={"unusable": "it was prose"})
    site = Site(Company(backend__greeter=[unusable, GOOD]))

    project = await site.build()

    assert project.outcome == "verified"
    told = site.company.told("backend:greeter")[1].findings
    assert told[0] == "[shape/unusable] the reply could not be used: it was prose"
    assert any("was not delivered" in line for line in told)


async def test_a_test_that_contradicts_the_plan_is_put_into_question_once() -> None:
    """After three deliveries that fail alike its author is asked, sees no code, and may change it; then it is judged anew."""
    wrong = [code("WRONG one"), code("WRONG two"), code("WRONG three"), GOOD]
    site = Site(Company(backend__greeter=wrong, qa__greeter=[{TESTS: GOOD_TESTS}, {TESTS: f"{GOOD_TESTS}# mended\n"}]))

    project = await site.build()

    assert project.outcome == "verified"
    asked = site.company.told("qa:greeter")[1]
    assert asked.findings[0].startswith("stalled:")
    assert (asked.readable, asked.failure) == ({}, "")
    assert site.company.told("backend:greeter")[2].new_strategy


async def test_tests_that_cannot_be_passed_go_to_their_author_at_once() -> None:
    """A contradiction in the tests is nothing that code can mend."""
    site = Site(Company(qa__greeter=[{TESTS: "IMPOSSIBLE"}, {TESTS: GOOD_TESTS}]))

    project = await site.build()

    assert project.outcome == "verified"
    assert len(site.company.told("backend:greeter")) == 1


async def test_a_failing_scenario_goes_back_to_the_component_that_is_to_blame() -> None:
    """Where no file is named: to whoever answers what the scenario calls; the component is then judged again."""
    site = Site(Company(backend__greeter=[code("UNWHOLE"), GOOD]))

    project = await site.build()

    assert project.outcome == "verified"
    assert site.ground.calls["judge"] == 2
    told = site.company.told("backend:greeter")[1]
    assert told.findings == ("[running/scenario] step 1 was not met",)
    assert "scenario 'Whoever asks is greeted', step 1: 404" in told.failure
    assert "it said this" in told.failure


async def test_a_file_that_is_named_is_its_authors_to_mend() -> None:
    """As with an error in the console of a page."""
    site = Site(Company(backend__greeter=[code("CONSOLE"), GOOD]))

    assert (await site.build()).outcome == "verified"

    assert site.company.told("backend:greeter")[1].findings == (f"[running/page/console] {CODE}: an error",)


async def test_a_scenario_that_shows_nothing_goes_back_to_whoever_tests() -> None:
    """It was green on an empty stand-in."""
    vain = GREETED.model_copy(update={"name": "Vain"})
    site = Site(Company(qa=[delivered({}, scenarios=[vain]), delivered({}, scenarios=[GREETED])]))

    project = await site.build()

    assert project.outcome == "verified"
    assert site.company.told("qa")[1].findings == ("[running/scenario/vacuous] it passes on an empty stand-in",)
    assert site.company.told("qa")[1].scenarios == (vain,)


FIXED = GREETED.model_copy(update={"name": "Fixed heading"})


async def test_fixed_text_is_put_into_question_once_and_shows_what_it_can() -> None:
    """Whoever tests may look for something that hangs on what was done; where nothing else is wanted, the receipt says what
    was seen, and no more."""
    better = Site(Company(qa=[delivered({}, scenarios=[FIXED]), delivered({}, scenarios=[GREETED])]))
    staying = Site(Company(qa=[delivered({}, scenarios=[FIXED])]))
    spent = Site(Company(qa=[delivered({}, scenarios=[FIXED])]), attempts=5)
    misfit = GREETED.model_copy(update={"requirement": "R9"})
    worse = Site(Company(qa=[delivered({}, scenarios=[FIXED]), delivered({}, scenarios=[misfit])]))

    mended, *left = [await each.build() for each in (better, staying, spent, worse)]

    assert (mended.outcome, mended.evidence[0].scenarios, mended.evidence[0].fixed) == ("verified", (GREETED.name,), ())
    assert "R1, 'Fixed heading' saw only fixed text" in better.company.told("qa")[1].findings[0]
    assert [(each.outcome, each.reason, each.scenarios) for each in left] == [("unverified", None, (FIXED,))] * 3
    assert [(each.evidence[0].scenarios, each.evidence[0].fixed) for each in left] == [((), (FIXED.name,))] * 3
    assert "R1: the scenario 'Fixed heading' saw only fixed text" in left[0].summary
    assert "- **fixed text**: Fixed heading" in receipt_page(left[0])
    assert [len(each.company.told("qa")) for each in (staying, spent)] == [2, 1]


async def test_deployment_files_go_back_to_devops() -> None:
    """First what is read of them, then what a replay shows."""
    site = Site(
        Company(
            devops=[
                {"compose.yaml": "BADFILE"},
                {"compose.yaml": "ok", "services/greeter/Dockerfile": "NOBUILD"},
                {"services/greeter/Dockerfile": "ok"},
            ]
        )
    )

    project = await site.build()

    assert project.outcome == "verified"
    _, second, third = site.company.told("devops")
    assert second.findings == ("[shipping/compose/schema] compose.yaml:2: no such key",)
    assert third.findings == ("[replay/run] services/greeter/Dockerfile:3: RUN ended with 1",)
    assert third.failure == "boom"


async def test_requirements_of_the_person_are_in_the_plan_word_for_word() -> None:
    """A plan without one is refused, and its architect told which."""
    wanted = plan().model_copy(update={"requirements": plan().requirements})
    site = Site(Company([plan(), plan()]), require=["Whoever asks is greeted.", "It says goodbye."])

    project = await site.build()

    assert wanted.requirements[0].text == "Whoever asks is greeted."
    assert (project.outcome, project.reason) == ("no_fix", "plan")
    assert "R2 is required and not planned: It says goodbye." in project.summary
    faults = site.company.commissions[1].refused[0].faults
    assert "R2 is required and not planned: It says goodbye." in faults


ENDS: list[tuple[str, Company, Built, Why | None, str]] = [
    ("plan never holds", Company(["prose"]), "no_fix", "plan", ""),
    ("contract never holds", Company(backend__greeter=[code("DISAGREES")]), "no_fix", "contract", "greeter"),
    ("scenarios never fit", Company(qa=[delivered({})]), "no_fix", "contract", "project"),
    ("component unhealable", Company(backend__greeter=[code("WRONG")]), "no_fix", "component", "greeter"),
    ("tests unpassable", Company(qa__greeter=[{TESTS: "IMPOSSIBLE"}]), "no_fix", "component", "greeter"),
    ("component silent", Company(backend__greeter=[code("SILENT")]), "no_fix", "component", "greeter"),
    ("whole unhealable", Company(backend__greeter=[code("UNWHOLE")]), "no_fix", "whole", "greeter"),
    (
        "no idea for the contract",
        Company(backend__greeter=[code("DISAGREES"), NothingToOffer("m", "none")]),
        "no_fix",
        "contract",
        "greeter",
    ),
    ("tests too dear", Company(qa__greeter=[TooDear("m", "too little")]), "no_fix", "budget", "greeter"),
    ("no scenarios", Company(qa=[NothingToOffer("m", "none")]), "no_fix", "no_progress", "project"),
    (
        "new scenarios never fit",
        Company(
            qa=[
                delivered({}, scenarios=[GREETED.model_copy(update={"name": "Vain"})]),
                delivered({}, scenarios=[GREETED.model_copy(update={"requirement": "R9"})]),
            ]
        ),
        "no_fix",
        "contract",
        "project",
    ),
    ("deployment unhealable", Company(devops=[{"compose.yaml": "BADFILE"}]), "no_fix", "deployment", "deployment"),
    ("planner refuses", Company([Refused("m", "it will not")]), "no_fix", "refused", ""),
    ("planner gone", Company([ProviderUnavailable("m", "the line is down", hint="wait")]), "environment", None, ""),
    ("builder refuses", Company(backend__greeter=[Refused("m", "it will not")]), "no_fix", "refused", ""),
    ("builder gone", Company(devops=[ProviderUnavailable("m", "the line is down")]), "environment", None, ""),
    ("no first delivery", Company(devops=[NothingToOffer("m", "no idea")]), "no_fix", "no_progress", "deployment"),
    (
        "no further idea",
        Company(backend__greeter=[code("WRONG"), NothingToOffer("m", "none")]),
        "no_fix",
        "component",
        "greeter",
    ),
    ("too dear", Company(backend__greeter=[code("WRONG"), TooDear("m", "too little")]), "no_fix", "budget", "greeter"),
    (
        "whole: no further idea",
        Company(backend__greeter=[code("UNWHOLE"), NothingToOffer("m", "none")]),
        "no_fix",
        "whole",
        "greeter",
    ),
    (
        "whole breaks a component",
        Company(backend__greeter=[code("UNWHOLE"), code("WRONG")]),
        "no_fix",
        "component",
        "greeter",
    ),
    (
        "devops: no further idea",
        Company(devops=[{"compose.yaml": "BADFILE"}, NothingToOffer("m", "none")]),
        "no_fix",
        "deployment",
        "deployment",
    ),
    ("machinery fails", Company(backend__greeter=[code("ENGINE GONE")]), "environment", None, ""),
    ("a proof is missing", Company(backend__greeter=[code("UNPROVEN")]), "unverified", None, ""),
    ("it was not started", Company(backend__greeter=[code("UNSTARTED")]), "unverified", None, ""),
    ("the whole was not run", Company(backend__greeter=[code("UNRUN")]), "unverified", None, ""),
    (
        "a Dockerfile was not replayed",
        Company(devops=[{"services/greeter/Dockerfile": "NOBASE"}]),
        "unverified",
        None,
        "",
    ),
    (
        "a requirement is not shown",
        Company(qa=[delivered({}, scenarios=[GREETED.model_copy(update={"name": "Weak"})])]),
        "unverified",
        None,
        "",
    ),
]


@pytest.mark.parametrize(
    ("company", "outcome", "reason", "component"), [pytest.param(*end[1:], id=end[0]) for end in ENDS]
)
async def test_every_build_ends_in_a_named_way(
    company: Company, outcome: Built, reason: Why | None, component: str
) -> None:
    """With the component that it ended at, a sentence that says why, and what to do next; never by an exception."""
    project = await Site(company).build()

    assert (project.outcome, project.reason, project.component) == (outcome, reason, component)
    assert project.summary
    assert project.next_step or outcome == "environment"
    if outcome == "unverified":
        assert project.not_run or any(each.missing for each in project.evidence) or "proof" in project.summary
    if outcome == "no_fix" and component:
        assert component in f"{project.summary} {project.next_step}"


async def test_what_ended_well_is_told_beside_what_did_not() -> None:
    """One component is given up, and the other is verified all the same."""
    both = two_components()
    other = {path.replace("greeter/", "other/", 1): text for path, text in GOOD.items()}
    tests = {path.replace("greeter/", "other/", 1): text for path, text in {TESTS: GOOD_TESTS}.items()}
    company = Company([both], backend__greeter=[code("WRONG")], backend__other=[other], qa__other=[tests])

    project = await Site(company).build()

    assert (project.outcome, project.component) == ("no_fix", "greeter")
    assert {part.component: part.outcome for part in project.parts} == {"greeter": "no_fix", "other": "verified"}


async def test_a_build_that_goes_on_pays_nobody_twice() -> None:
    """What is recorded is taken from the record: answers, verdicts, starts and replays."""
    notes = Notes()
    first = await Site(Company(backend__greeter=[code("WRONG"), GOOD]), notes=notes).build()
    done = dict(notes.kinds)
    again = Site(Company(backend__greeter=[code("WRONG"), GOOD]), notes=notes)

    second = await again.build()

    assert notes.kinds == done
    assert (again.company.asked, again.company.commissions) == ([], [])
    assert not {"judge", "answers", "whole", "replay"} & set(again.ground.calls)
    assert second.model_copy(update={"seconds": 0}) == first.model_copy(update={"seconds": 0})


async def test_the_same_answer_twice_is_two_answers() -> None:
    """Whoever delivers the same again is asked again all the same, and the record tells the two apart."""
    site = Site(Company(backend__greeter=[code("WRONG"), code("WRONG"), good_code("third")]))

    project = await site.build()

    assert project.outcome == "verified"
    assert [each.number for each in site.company.told("backend:greeter")] == [1, 2, 3]


async def test_what_is_asked_side_by_side_is_not_thrown_away_where_one_fails() -> None:
    """The others' answers were paid for, and are there for whoever goes on."""
    notes = Notes()
    site = Site(Company(devops=[Refused("m", "it will not")]), notes=notes)

    project = await site.build()

    assert project.reason == "refused"
    assert notes.kinds == {"plan by planner": 1, "delivery of qa:greeter": 1, "delivery of qa": 1}
    assert project.usage.calls == 3


async def test_agents_who_deliver_at_once_do_not_disturb_each_other() -> None:
    """What is looked at of one component is as it was when somebody began to look."""
    both = two_components()
    other = {path.replace("greeter/", "other/", 1): text for path, text in GOOD.items()}
    tests = {path.replace("greeter/", "other/", 1): text for path, text in {TESTS: GOOD_TESTS}.items()}
    wrong = {path: f"{text}# WRONG\n" for path, text in other.items()}
    company = Company([both], backend__greeter=[code("SILENT"), GOOD], backend__other=[wrong, other], qa__other=[tests])

    project = await Site(company).build()

    assert project.outcome == "verified"
    assert [part.attempts for part in project.parts[:2]] == [3, 3]
