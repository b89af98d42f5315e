"""Starts what a replayed Dockerfile starts, and asks it for its health."""

from __future__ import annotations

import posixpath
import re
import secrets
import shlex
from collections.abc import Mapping, Sequence

from agents.plans.plan import Component, Kind, Plan
from engine.checks.said import Garbled
from engine.projects.contract import web_template_of
from engine.projects.deploying.disks import FOLDER, address, files_of
from engine.projects.deploying.dockerfile import WEB_TEMPLATE
from engine.projects.deploying.engines import variable
from engine.projects.deploying.web import web_templates
from engine.projects.running import background, said, stores
from engine.projects.running.asked import Asked, Startable, Store
from engine.projects.running.background import needed_by, runs_alone
from engine.projects.running.programs import SUPERVISE
from engine.projects.running.surroundings import startable
from engine.projects.shipping.bases import STARTS, reference
from engine.projects.shipping.pip import PYTHON
from engine.projects.shipping.rooted import moved, place_of
from engine.projects.shipping.starting import started
from engine.projects.shipping.steps import Replay
from sandboxes.base import WORK, Command

_HTML = "/usr/share/nginx/html"
_FIND = """
import importlib.util, sys
found = importlib.util.find_spec(sys.argv[1])
if found is not None and found.submodule_search_locations is not None:
    found = importlib.util.find_spec(f"{sys.argv[1]}.__main__")
sys.exit(found is None)
"""
"""As ``python -m`` looks for what it runs."""


async def start(done: Replay, plan: Plan, files: Mapping[str, str]) -> None:
    """Start the last stage of *done*, and add to it what was seen."""
    stage = done.given.stages[-1]
    component = done.given.component
    root = reference(stage.root)
    instruction, words = started(stage)
    line = instruction.line if instruction else stage.stage.line
    made = done.made[-1]
    if not made.given_away:
        # the files are root's there, and who runs it is somebody else
        await done.run("chmod", "-R", "a-w", place_of(stage.stage.number, "/"))
    await done.run("chmod", "-R", "u+w" if made.disk_given else "a-w", place_of(stage.stage.number, FOLDER))
    if root is not None and root.name in STARTS and (not words or posixpath.basename(words[0]) == "nginx"):
        await _serve(done, line, told=dict(web_templates(plan)).get(web_template_of(component.name)), files=files)
    elif component.running.port is None and not (words and runs_alone(plan, component)):
        await _look_for(done, words, line, needed_by(plan, component))
    elif words:
        number = stage.stage.number
        there = frozenset(stage.files)
        argv = tuple(moved(word, number, there) for word in words)
        env = done.environment(number)
        as_planned = startable(plan, component, files, seconds=done.given.start_seconds)
        given = {name: value for name, value in as_planned.env.items() if name not in {"PYTHONPATH", "PATH"}}
        folder = f"{WORK}/{place_of(number, stage.cwd)}"
        asked = as_planned.model_copy(
            update={
                "folder": folder,
                "argv": argv,
                "before": (),
                "env": {**given, **_files(done, plan), **env, **_told_port(component)},
                "port": component.running.port or 0,
                "gets": (),
                "keeps": False,
            }
        )
        what, beside = f"CMD {shlex.join(words)[:200]}", stores.asked(plan, (component,))
        if component.running.port is None:
            await _run(done, plan, _asked(asked, component.kind, beside), line, what)
        else:
            await _ask(done, _asked(asked, component.kind, beside), line, what)
    else:
        done.fail(line, "the last stage has no CMD", rule="start")


def _told_port(component: Component) -> Mapping[str, str]:
    port = component.running.port
    return {} if port is None else {"PORT": str(port)}


def _files(done: Replay, plan: Plan) -> Mapping[str, str]:
    """Where stores are that are files: in the folder that the image has for their disk, or has not."""
    place = f"{WORK}/{place_of(done.given.stages[-1].stage.number, FOLDER)}"
    stores = files_of(done.given.component, plan)
    return {variable(store.name, "URL"): address(store).replace(FOLDER, place, 1) for store in stores}


async def _serve(done: Replay, line: int, *, told: str | None, files: Mapping[str, str]) -> None:
    """The files of a page, by a plain server in place of the image's own, whose configuration is only known where it is
    *told* by the plan.
    """
    component, stage = done.given.component, done.given.stages[-1]
    folder = f"{WORK}/{place_of(stage.stage.number, _HTML)}"
    port = component.running.port or 8_080
    argv = ("python3", "-I", "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", folder)
    asked = Startable(
        name=component.name,
        folder=WORK,
        argv=argv,
        env={"PYTHONUNBUFFERED": "1"},
        folders=(),
        port=port,
        health=component.running.health or "/",
        seconds=done.given.start_seconds,
    )
    index = await done.run("test", "-s", f"{folder}/index.html")
    if not index.ok:
        done.fail(line, f"there is no index.html in {_HTML}, which the web server serves", rule="start")
        return
    done.not_shown.append(
        f"{stage.root} itself was not started: a plain server stood in for it, and its configuration was not read."
    )
    configured = [
        step.instruction.text for step in stage.steps if re.search(r"/etc/nginx/|\.conf\b", step.instruction.text)
    ]
    made = told is not None and files.get(web_template_of(component.name)) == told
    if configured and not (made and all(WEB_TEMPLATE in text for text in configured)):
        health = component.running.health
        done.not_shown.append(f"whether the web server's own configuration answers {health} was not seen.")
        done.shown.append(f"{component.name}: index.html is served")
        done.leave_out("the image brings a configuration of its web server, which was not there to read it")
        return
    await _ask(done, _asked(asked, "page"), line, f"the files in {_HTML}")


async def _look_for(done: Replay, words: tuple[str, ...], line: int, needed: tuple[str, ...]) -> None:
    """What nobody calls is not started without what it works with; its module has to be there."""
    number = len(done.made) - 1
    stage = done.given.stages[-1]
    with_ = f", without {', '.join(needed)}" if needed else ""
    done.not_shown.append(
        f"{done.given.component.name} was not started from its image{with_}: only the whole has run it."
    )
    if len(words) > 2 and PYTHON.fullmatch(posixpath.basename(words[0])) and words[1] == "-m":
        found = await done.run(
            "python3", "-c", _FIND, words[2], cwd=place_of(number, stage.cwd), env=done.environment(number)
        )
        if found.ok:
            done.shown.append(f"the module {words[2]} is found in the image's folders")
        else:
            done.fail(line, f"python -m {words[2]}: no such module is found", found.stderr.text, rule="start")


def _asked(startable_: Startable, kind: Kind, beside: tuple[Store, ...] = ()) -> Asked:
    """*startable_* alone, as a component of that *kind* is started, and stores *beside* it."""
    return Asked(
        nonce=secrets.token_hex(16),
        components=(startable_,) if kind in {"page", "api"} else (),
        workers=(startable_,) if kind == "worker" else (),
        jobs=(startable_,) if kind == "job" else (),
        stores=beside,
    )


async def _run(done: Replay, plan: Plan, asked: Asked, line: int, what: str) -> None:
    """A job twice; a worker, until it is asked to end."""
    component = done.given.component
    told, _ = await _supervised(done, asked, line, what)
    for found in background.findings_of(plan, component, told):
        done.fail(line, f"{what}: {found.message}", found.evidence, rule="start")
    seen = background.shown_of(component, told)
    if seen:
        done.shown.append(f"{what}: {seen}")


async def _ask(done: Replay, asked: Asked, line: int, what: str) -> None:
    (startable_,) = asked.components
    told, output = await _supervised(done, asked, line, what)
    for each in told:
        if isinstance(each, said.NotUp):
            done.fail(line, f"{what}: {_why(each, startable_)}", output, rule="start")
        elif isinstance(each, said.Stayed) and each.code is not None:
            done.fail(line, f"{what} ended with {each.code} after it had answered", output, rule="start")
        elif isinstance(each, said.Up):
            done.shown.append(
                f"{what}: GET {startable_.health} answered 200 on port {startable_.port} after {each.seconds:.1f} s"
            )


async def _supervised(done: Replay, asked: Asked, line: int, what: str) -> tuple[Sequence[said.Told], str]:
    """What was said of *asked*, and what its program wrote; nothing where that says nothing, which is told as a failure."""
    seconds = 30 + sum(each.seconds for each in (*asked.components, *asked.workers, *asked.jobs, *asked.jobs))
    outcome = await done.box.run(Command(argv=SUPERVISE, stdin=asked.model_dump_json().encode(), seconds=seconds))
    try:
        told = said.run(outcome, asked.nonce)
    except Garbled as error:
        name = done.given.component.name
        done.fail(line, f"what the supervisor of {name} said cannot be read: {error}", rule="tampered")
        return (), ""
    stores.require_started(told)
    output = next((each.text for each in told if isinstance(each, said.Wrote)), "") + outcome.stderr.text[-2_000:]
    if outcome.tampered or not any(isinstance(each, said.Done) for each in told):
        done.fail(line, f"{what}: the supervisor did not come to its end ({outcome.ended})", output, rule="tampered")
        return (), ""
    return told, output


def _why(not_up: said.NotUp, asked: Startable) -> str:
    match not_up.why:
        case "missing":
            return f"there is no program {not_up.step}"
        case "ended":
            return f"it ended with {not_up.code} before it answered"
        case "unhealthy":
            return f"GET {asked.health} answered {not_up.status}, not 200"
        case "silent":
            return f"nothing answers on port {asked.port}"
    return f"it could not be started: {not_up.why}"
