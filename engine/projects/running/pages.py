"""The pages of a project: built by the image's vite, and taken out of the box again."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Mapping

from agents.plans.plan import Component, Plan
from engine.checks.said import Garbled
from engine.domain import Finding, Value
from engine.inputs.text import encode_files
from engine.projects.running import said
from engine.projects.running.ending import of_box, output
from engine.projects.running.outcome import Started, finding
from engine.projects.running.programs import BUILD, VITE, programs
from engine.projects.running.surroundings import folder_of
from sandboxes import web
from sandboxes.base import Box, Command, Layer, Limits, Sandbox

BUILD_SECONDS = 90.0
MOST_FILES = 1_000
MOST_BYTES = 32 << 20
"""Of all files of one built page."""
_OUT = "dist"
_OWN = ("npm", "run", "build")
"""By which a page is shipped."""
_MANIFEST = "package.json"
_OFFLINE = {"npm_config_offline": "true", "npm_config_update_notifier": "false", "npm_config_fund": "false"}
"""What would wait for a registry ends at once."""


class BuiltPage(Value):
    """What became of one page."""

    files: Mapping[str, bytes] = {}
    """By path, from its ``dist``; empty where it was not built."""
    findings: tuple[Finding, ...] = ()


def built(plan: Plan) -> tuple[Component, ...]:
    """Pages that are files, and have to be built."""
    return tuple(each for each in plan.components if each.kind == "page" and not each.running.command)


async def build_page(page: Component, files: Mapping[str, str], box: Box, limits: Limits) -> BuiltPage:
    """Build *page* of the project *files* in *box*, which is emptied first; what its build left there is not to be used."""
    folder = folder_of(page)
    if f"{folder}/index.html" not in files:
        message = f"{page.name} has no {folder}/index.html, where a page begins"
        return BuiltPage(findings=(finding("build", message, path=f"{folder}/index.html"),))
    await box.lay(Layer(files=encode_files(files)), programs())
    nonce = secrets.token_hex(16)
    asked = {"nonce": nonce, "vite": VITE, "out": _OUT}
    env = {"NODE_ENV": "production"}
    command = Command(argv=BUILD, stdin=json.dumps(asked).encode(), seconds=BUILD_SECONDS, cwd=folder, env=env)
    outcome = await box.run(command)
    try:
        told = said.build(outcome, nonce)
    except Garbled as error:
        return BuiltPage(findings=(finding("build", f"{page.name} was not built: {error}", path=folder),))
    done = any(isinstance(line, said.Done) for line in told)
    wrong = of_box(outcome, limits, what=f"the build of {page.name}", seconds=BUILD_SECONDS, done=done)
    wrong += [_not_built(page, line, output(outcome)) for line in told if isinstance(line, said.NotBuilt)]
    names = next((line.files for line in told if isinstance(line, said.Built)), [])[:MOST_FILES]
    if wrong:
        return BuiltPage(findings=tuple(wrong))
    taken = await box.take(tuple(f"{folder}/{_OUT}/{name}" for name in names))
    dist = {path.removeprefix(f"{folder}/{_OUT}/"): content for path, content in taken.items()}
    if sum(map(len, dist.values())) > MOST_BYTES:
        message = f"{page.name} is built to more than {MOST_BYTES >> 20} MiB"
        return BuiltPage(findings=(finding("build", message, path=folder),))
    if "index.html" not in dist:
        message = f"the build of {page.name} left no {_OUT}/index.html"
        return BuiltPage(findings=(finding("build", message, path=folder, evidence=output(outcome)),))
    return BuiltPage(files=dist)


def _not_built(page: Component, line: said.NotBuilt, said_: str) -> Finding:
    path = f"{folder_of(page)}/{line.path}" if line.path else folder_of(page)
    message = f"vite could not build {page.name}: {line.message}"
    return finding("build", message, path=path, line=line.line, evidence=f"{line.text}\n\n{said_}".strip())


def script_of(manifest: str) -> str:
    """The command by which the ``package.json`` *manifest* says that its page is built; empty where it says none."""
    try:
        said_ = json.loads(manifest)
    except (ValueError, RecursionError):
        return ""
    scripts = said_.get("scripts") if isinstance(said_, dict) else None
    script = scripts.get("build") if isinstance(scripts, dict) else None
    return script.strip() if isinstance(script, str) else ""


async def _by_itself(page: Component, script: str, files: Mapping[str, str], box: Box) -> Finding | None:
    """What is wrong with the *script* that builds *page*: nothing where it leaves a page where that is shipped from."""
    folder = folder_of(page)
    await box.lay(Layer(files=encode_files(files)))
    outcome = await box.run(Command(argv=_OWN, seconds=BUILD_SECONDS, cwd=folder, env=_OFFLINE))
    if outcome.ended == "timeout":
        how = f"did not end within {BUILD_SECONDS:g} s"
    elif not outcome.ok:
        how = f"ended with {outcome.exit_code}" if outcome.exit_code is not None else "was ended"
    elif await box.take((f"{folder}/{_OUT}/index.html",)):
        return None
    else:
        how = f"ended and left no {_OUT}/index.html"
    message = f"the script `build` of {page.name}, `{script[:200]}`, {how}: it has to be vite's build into {_OUT}"
    return finding("build/script", message, path=f"{folder}/{_MANIFEST}", evidence=output(outcome))


async def builds(
    plan: Plan,
    component: str,
    files: Mapping[str, str],
    sandbox: Sandbox,
    *,
    environment: str,
    run_id: str,
    limits: Limits = web.LIMITS,
) -> Started:
    """Build the page *component* of *plan* by itself, as `answers` starts a component: by its own script, where it has one,
    and by vite where that does not do it, so that each gets its own blame.

    Raises:
        ValueError: The plan has no such page, or one that is served by a program of its own.
        SandboxError: The machinery failed.
    """
    began = time.monotonic()
    page = next((each for each in built(plan) if each.name == component), None)
    if page is None:
        raise ValueError(f"the plan has no page {component!r} that is built to files")
    limits = limits.model_copy(update={"environment": environment or limits.environment})
    own = {path: text for path, text in files.items() if path.startswith(f"{folder_of(page)}/")}
    script = script_of(own.get(f"{folder_of(page)}/{_MANIFEST}", ""))
    findings: tuple[Finding, ...] = ()
    shown = f"`npm run build` built {component}"
    async with sandbox.open(run_id=run_id, limits=limits) as box:
        wrong = await _by_itself(page, script, own, box) if script else None
        if wrong or not script:
            one = await build_page(page, own, box, limits)
            findings = one.findings or ((wrong,) if wrong else ())
            shown = f"vite built {component}: {len(one.files)} files, {sum(map(len, one.files.values()))} bytes"
    return Started(
        component=component,
        outcome="failed" if findings else "passed",
        findings=findings,
        shown=() if findings else (shown,),
        not_shown=(f"Whether {component} works in a browser: it was built, and not opened.",),
        seconds=time.monotonic() - began,
    )
