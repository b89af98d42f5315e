"""A whole project in one box: what passes, and what each thing that is wrong with it comes to."""

from __future__ import annotations

import json

import pytest

from engine.projects.running import WHOLE, Pace, Ran, builds, stand_in, whole
from engine.projects.running.pictures import is_png
from sandboxes.docker import DockerSandbox
from sandboxes.errors import SandboxUnavailable
from tests.projects.running import notes

pytestmark = [pytest.mark.docker, pytest.mark.slow]
QUICK = Pace(start=10, step=1.5, open=4, settle=0.5, drive=60)


def rules(ran: Ran) -> set[str]:
    return {finding.rule for finding in ran.findings}


PRYING = """\
import glob
import os

opened, tried = [], 0
for folder in glob.glob("/proc/[0-9]*"):
    if int(folder[6:]) in (os.getpid(), os.getppid()):
        continue
    for path in (f"{folder}/mem", *glob.glob(f"{folder}/fd/*"), f"{folder}/fd/3", f"{folder}/environ"):
        tried += 1
        try:
            os.close(os.open(path, os.O_RDWR))
            opened.append(path)
        except OSError:
            pass
print("tried", tried, "opened", opened, flush=True)
"""


async def test_a_right_project_is_opened_and_every_scenario_shows_something(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """Components answer, the page opens without an error, each scenario is red on nothing and green on the project, and the
    picture shows it. A server of the same user opens nothing of the browser, the driver or the supervisor."""
    scenarios = (notes.added("Milk"), notes.posted("Bread"))
    files = notes.files("web", server=PRYING + notes.SERVER)

    plan = notes.calling(notes.plan("web"))
    ran = await whole(plan, files, scenarios, sandbox, environment=web_image, run_id="test", limits=WHOLE)

    assert ran.findings == ()
    assert ran.outcome == "passed"
    assert [(seen.passed, seen.proves) for seen in ran.scenarios] == [(True, True), (True, True)]
    assert list(ran.pictures) == ["pictures/web.png"]
    assert is_png(ran.pictures["pictures/web.png"])
    assert [(answer.path, answer.status) for answer in ran.answers["notes-api"]][:2] == [
        ("/health", 200),
        ("/api/notes", 200),
    ]
    assert "web opened in Chromium: Notes" in ran.shown
    assert not any("database was" in line for line in ran.not_shown)
    assert any("was measured" in line for line in ran.not_shown), "nobody can look into the browser or the driver"
    assert "opened []" in ran.outputs["notes-api"]
    assert "tried 0" not in ran.outputs["notes-api"]


REMEMBERING = """\
const list = document.querySelector('#notes');
document.querySelector('#add').addEventListener('click', () => {
  list.append(Object.assign(document.createElement('li'), { textContent: document.querySelector('#text').value }));
});
"""


async def test_a_page_that_keeps_to_itself_what_its_interface_is_for_is_told(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """Its scenario is met, and nothing of what it shows was ever sent to anybody."""
    files = notes.files("web", script=REMEMBERING)
    plan = notes.calling(notes.plan("web"))

    ran = await whole(plan, files, (notes.added("Milk"),), sandbox, environment=web_image, run_id="test", pace=QUICK)

    assert [seen.passed for seen in ran.scenarios] == [True]
    assert (ran.outcome, rules(ran)) == ("failed", {"page/alone"})


async def test_scenarios_that_show_nothing_and_those_that_are_not_met_are_told_apart(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """What is met by an empty stand-in, or was on the page before anything was done, is named; of what is not met, the step
    and what was seen instead."""
    expects = {"interface": "notes-http", "method": "GET", "path": "/health", "status": 200}
    scenarios = (
        notes.scenario("Fine", {"do": "call", **expects, "expects": [{"pointer": "", "value": {}}]}, requirement="R1"),
        notes.scenario(
            "There anyway",
            notes.VISIT,
            {"do": "click", "role": "button", "name": "Add note"},
            {"do": "see", "text": "Notes"},
        ),
        notes.scenario("Missing", notes.VISIT, {"do": "see", "text": "Notes"}, {"do": "see", "text": "Cheese"}),
        notes.scenario("Round", {"do": "visit", "path": "/api/round"}, {"do": "see", "text": "Notes"}),
        notes.scenario(
            "No button", notes.VISIT, {"do": "click", "role": "button", "name": "Pay"}, {"do": "see", "text": "Paid"}
        ),
    )
    server = notes.SERVER.replace('{"status": "ok"}', "{}")

    ran = await whole(
        notes.plan("web"),
        notes.files("web", server=server),
        scenarios,
        sandbox,
        environment=web_image,
        run_id="test",
        pace=QUICK,
    )

    fine, anyway, missing, round_, button = ran.scenarios
    assert (fine.passed, fine.proves) == (True, False)
    assert "empty page" in fine.why_not
    assert (anyway.passed, anyway.proves) == (True, False)
    assert "before it had done anything" in anyway.why_not
    assert (missing.passed, missing.step, missing.what) == (False, 3, '"Cheese" is not to be seen')
    assert is_png(ran.pictures[missing.picture])
    assert "ERR_TOO_MANY_REDIRECTS" in round_.what
    assert 'there is no button "Pay"' in button.what
    assert rules(ran) == {"scenario", "scenario/vacuous", "scenario/unmoved"}
    assert ran.outcome == "failed"


async def test_scenarios_can_be_held_to_the_stand_in_before_anything_is_built(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """Who writes them is told at once which of them an empty page meets."""
    get = {"do": "call", "interface": "notes-http", "method": "GET", "path": "/api/notes", "status": 200}
    empty = notes.scenario("There is nothing", {**get, "expects": [{"pointer": "", "value": []}]})

    ran = await stand_in(
        notes.plan("web"), (notes.added("Milk"), empty), sandbox, environment=web_image, run_id="test", pace=QUICK
    )

    assert [seen.proves for seen in ran.scenarios] == [True, False]
    assert [finding.rule for finding in ran.findings] == ["scenario/vacuous"]


async def test_a_box_without_a_browser_says_nothing_about_the_project(sandbox: DockerSandbox) -> None:
    """That is the machinery's, and no finding."""
    with pytest.raises(SandboxUnavailable, match="no browser could be started") as told:
        await stand_in(notes.plan("web"), (notes.added("Milk"),), sandbox, environment="", run_id="test")

    assert "image for Node.js" in str(told.value.hint)


HOSTILE = {
    "asking": "const answer = await fetch('/api/notes/none'); console.error('no such note', answer.status);",
    "throwing": "document.body.append('on its way'); setTimeout(() => { null.text; });",
    "looping": "for (;;) document.title += 'x';",
    "alerting": "for (;;) alert('again');",
    "turning": "location.replace(`/?${Math.random()}`);",
    "huge": "for (let n = 0; n < 2_000; n += 1) document.body.append(Object.assign(document.createElement('p'), { textContent: 'word '.repeat(50) }));",
    "blank": "document.body.replaceChildren();",
}


async def test_each_thing_that_a_page_does_wrong_is_a_finding_of_that_page_and_nothing_hangs(
    sandbox: DockerSandbox, web_image: str
) -> None:
    """Console errors, uncaught errors, failed requests, endless loops and dialogs, pages that turn for ever or show nothing: one
    after the other in one box, each named, and the driver comes to its end."""
    pages = tuple(HOSTILE)
    files = notes.files()
    for name, script in HOSTILE.items():
        files |= {f"services/{name}/index.html": notes.PAGE, f"services/{name}/src/main.js": script}

    ran = await whole(notes.plan(*pages), files, (), sandbox, environment=web_image, run_id="test", pace=QUICK)

    found = {(finding.path, finding.rule) for finding in ran.findings}
    assert {("services/asking", "page/console"), ("services/asking", "page/request")} <= found
    assert ("services/throwing", "page/error") in found
    assert ("services/looping", "page/hung") in found
    assert ("services/alerting", "page/dialog") in found
    assert ("services/blank", "page/blank") in found
    assert not any(path == "services/huge" for path, _ in found)
    assert "tampered" not in rules(ran)
    assert is_png(ran.pictures["pictures/huge.png"])


async def test_a_page_is_built_by_itself_too(sandbox: DockerSandbox, web_image: str) -> None:
    """Right or not; a syntax error has its line, and a page without its first file is told so."""
    plan, right = notes.plan("web"), notes.files("web")
    wrong = notes.files("web", script="const one = 1;\nconst two = ;\n")
    nothing = {path: text for path, text in right.items() if not path.endswith("index.html")}

    passed = await builds(plan, "web", right, sandbox, environment=web_image, run_id="test")
    failed = await builds(plan, "web", wrong, sandbox, environment=web_image, run_id="test")
    missing = await builds(plan, "web", nothing, sandbox, environment=web_image, run_id="test")

    assert (passed.outcome, passed.findings) == ("passed", ())
    assert "vite built web" in passed.shown[0]
    assert [(each.rule, each.path, each.line) for each in failed.findings] == [("build", "services/web/src/main.js", 2)]
    assert [each.path for each in missing.findings] == ["services/web/index.html"]
    with pytest.raises(ValueError, match="no page 'notes-api'"):
        await builds(plan, "notes-api", right, sandbox, environment=web_image, run_id="test")


@pytest.mark.parametrize(
    ("script", "how"),
    [
        ("vite build", ""),
        ("true", "ended and left no dist/index.html"),
        ("tsc --noEmit --nothing", "ended with"),
    ],
)
async def test_a_script_that_builds_nothing_is_told_of_the_package_that_has_it(
    script: str, how: str, sandbox: DockerSandbox, web_image: str
) -> None:
    """And not of the Dockerfile that runs it: the page is right, as vite by itself shows."""
    manifest = json.dumps({"name": "web", "private": True, "type": "module", "scripts": {"build": script}})
    files = {**notes.files("web"), "services/web/package.json": manifest}

    built = await builds(notes.plan("web"), "web", files, sandbox, environment=web_image, run_id="test")

    told = [(each.rule, each.path, how in each.message) for each in built.findings]
    assert told == ([("build/script", "services/web/package.json", True)] if how else [])
    assert bool(built.shown) is not bool(how)


async def test_a_page_that_cannot_be_built_is_told_with_its_place(sandbox: DockerSandbox, web_image: str) -> None:
    """The build's error has the file and the line, and nothing is started."""
    script = "const one = 1;\nimport { none } from './missing.js';\nconsole.log(one, none);\n"

    ran = await whole(
        notes.plan("web"),
        notes.files("web", script=script),
        (notes.added("Milk"),),
        sandbox,
        environment=web_image,
        run_id="test",
    )

    assert rules(ran) == {"build"}
    assert "missing.js" in ran.findings[0].message
    assert ran.findings[0].path == "services/web/src/main.js"
    assert ran.scenarios[0].passed is False


KILLING = """
    import signal, threading, time
    def end():
        time.sleep(1)
        os.kill(-1, signal.SIGKILL)
    threading.Thread(target=end).start()
"""
BLINDING = """
    import glob, threading
    def end():
        while True:
            for path in glob.glob("/proc/[0-9]*/comm"):
                try:
                    with open(path) as file:
                        if file.read().startswith("chrom"):
                            os.kill(int(path.split("/")[2]), 9)
                except OSError:
                    pass
    threading.Thread(target=end, daemon=True).start()
"""
REWRITING = """
    import pathlib
    for path in pathlib.Path("/box/tools").rglob("*"):
        path.chmod(0o755)
    for path in pathlib.Path("/box/tools").rglob("*.mjs"):
        path.write_text("process.exit(0)")
"""


@pytest.mark.parametrize("attack", [KILLING, BLINDING, REWRITING], ids=["ends it", "ends the browser", "rewrites it"])
async def test_a_server_that_reaches_for_what_judges_it_gets_no_pass(
    sandbox: DockerSandbox, web_image: str, attack: str
) -> None:
    """It runs as the same user and may try; that is told as what it is, and no scenario shows anything."""
    main = 'if __name__ == "__main__":'
    server = notes.SERVER.replace(main, f"{main}{attack}")

    ran = await whole(
        notes.plan("web"),
        notes.files("web", server=server),
        (notes.added("Milk"),),
        sandbox,
        environment=web_image,
        run_id="test",
        pace=QUICK,
    )

    assert "tampered" in rules(ran)
    assert ran.outcome == "failed"
    assert not ran.scenarios[0].proves


async def test_a_server_that_uses_up_the_memory_is_told_as_that(sandbox: DockerSandbox, web_image: str) -> None:
    """It is ended before the browser is, and nothing else is blamed."""
    hog = notes.SERVER.replace(
        'if self.path == "/health":',
        'if self.path == "/api/notes":\n            hog = bytearray(4 << 30)\n        if self.path == "/health":',
    )

    ran = await whole(
        notes.plan("web"),
        notes.files("web", server=hog),
        (notes.added("Milk"),),
        sandbox,
        environment=web_image,
        run_id="test",
        pace=QUICK,
    )

    assert ran.outcome == "failed"
    assert "memory" in rules(ran)
    assert "tampered" not in rules(ran)
