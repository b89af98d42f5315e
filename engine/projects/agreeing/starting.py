"""Whether what a component is started by is there: a module, its attribute, a file, a script."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.plans.plan import Plan
from engine.domain import Finding
from engine.projects.agreeing.javascript.modules import JsModules
from engine.projects.agreeing.parts import Part, parts_of, shown
from engine.projects.agreeing.python.modules import Modules
from engine.projects.agreeing.python.packages import Declared, is_of_python

_ANYTHING = "def __getattr__(name): return name\n"
"""A module that has every name."""
_UNREAD = "["
"""A manifest of which nothing is known."""
_SERVERS = frozenset("uvicorn gunicorn hypercorn daphne granian".split())
_TARGET = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)[\w.]*(?:\(.*\))?")
_BUILT = ("dist/", "build/", "out/", "lib/", ".output/", "node_modules/")
"""Folders that are made by a script of the package."""
_SCRIPT = re.compile(r"""<script\b[^<>]{0,500}?\bsrc\s*=\s*["']([^"'<>]{1,300})["']""", re.IGNORECASE)
_WITH_A_VALUE = frozenset("--import --loader --require -r -C --conditions --env-file --experimental-loader".split())


def command_faults(plan: Plan) -> tuple[str, ...]:
    """Components whose command names a module or a file that nobody is planned to write, a line each."""
    planned = {file.path: _ANYTHING if file.path.endswith(".py") else _UNREAD for file in plan.files}
    return tuple(
        finding.message
        for part in parts_of(plan, planned)
        for finding in unstartable(part, Modules(part.files, part.component.running.command), JsModules(part.files))
    )


def unstartable(part: Part, modules: Modules, js_modules: JsModules) -> Iterator[Finding]:
    if part.component.kind == "page" and "index.html" in part.files:
        yield from _scripts_of_page(part)
    command = [*part.component.running.command]
    if not command:
        return
    program = command[0].rpartition("/")[2]
    if re.fullmatch(r"python(?:3(?:\.\d+)?)?", program):
        yield from _python(part, modules, command[1:])
    elif program in _SERVERS:
        yield from _server(part, modules, command[1:])
    elif program == "node":
        yield from _node(part, js_modules, command[1:])
    elif program in {"npm", "pnpm", "yarn"}:
        yield from _script(part, js_modules, command[1:])


def _python(part: Part, modules: Modules, words: Sequence[str]) -> Iterator[Finding]:
    words = [word for word in words if word not in {"-u", "-I", "-B", "-O"}]
    if len(words) > 1 and words[0] == "-m":
        if words[1] in _SERVERS:
            yield from _server(part, modules, words[2:])
        else:
            yield from _module(part, modules, words[1])
    elif words and words[0].endswith(".py") and words[0].removeprefix("./") not in part.files:
        yield part.wrong("start/missing", words[0], None, _said(part, f"there is no {words[0]}"))


def _module(part: Part, modules: Modules, module: str) -> Iterator[Finding]:
    place = modules.find(module, "")
    if place is None:
        if not modules.is_own(module, "") and _may_be_had(part, module):
            return
        wanted = f"{module.replace('.', '/')}/__main__.py"
        yield part.wrong("start/missing", wanted, None, _said(part, f"this component has no module {module}"))
    elif modules.is_package(place) and modules.find(f"{module}.__main__", "") is None:
        yield part.wrong("start/missing", f"{place}/__main__.py", None, _said(part, f"{module} has no __main__.py"))


def _server(part: Part, modules: Modules, words: Sequence[str]) -> Iterator[Finding]:
    for word in words:
        if (target := _TARGET.fullmatch(word)) is None:
            continue
        module, name = target[1], target[2]
        place = modules.find(module, "")
        if place is None:
            if modules.is_own(module, "") or not _may_be_had(part, module):
                path = f"{module.replace('.', '/')}.py"
                yield part.wrong("start/missing", path, None, _said(part, f"this component has no module {module}"))
        elif not modules.has(place, name):
            path = next(
                path for path in (f"{place}.py", f"{place}/__init__.py", place) if path in part.files or path == place
            )
            told = f"{module} has no {name!r}; it has {shown(modules.names(place))}"
            yield part.wrong("start/missing", path, None, _said(part, told))
        return


def _may_be_had(part: Part, module: str) -> bool:
    """Whether *module* may be no module of the component."""
    return is_of_python(module) or Declared(part.files).may_bring(module)


def _node(part: Part, modules: JsModules, words: Sequence[str]) -> Iterator[Finding]:
    before = ""
    for word in words:
        if word in {"-e", "--eval", "-p", "--print", "--test", "--run"}:
            return
        if not word.startswith("-") and before not in _WITH_A_VALUE:
            path = word.removeprefix("./")
            # Node.js itself guesses an ending for what it is started by
            guessed = path, f"{path}.js", f"{path}.json", f"{path}/index.js", f"{path}/package.json"
            built = path.startswith(_BUILT) and (modules.manifest is None or "build" in _scripts(modules))
            if not built and not any(each in part.files for each in guessed) and not path.startswith(("/", "..")):
                yield part.wrong("start/missing", path, None, _said(part, f"there is no {path}"))
            return
        before = word


def _script(part: Part, modules: JsModules, words: Sequence[str]) -> Iterator[Finding]:
    words = [word for word in words if not word.startswith("-")]
    name = words[1] if words[:1] == ["run"] and len(words) > 1 else next(iter(words), "")
    if modules.manifest is None or (name != "start" and words[:1] != ["run"]) or name in _scripts(modules):
        return
    if name != "start" or "server.js" not in part.files:
        yield part.wrong("start/missing", "package.json", None, _said(part, f"package.json has no script {name!r}"))


def _scripts_of_page(part: Part) -> Iterator[Finding]:
    text = _without_comments(part.files["index.html"])
    for match in _SCRIPT.finditer(text):
        place = match[1].partition("?")[0].removeprefix("./").lstrip("/")
        is_elsewhere = ":" in match[1] or match[1].startswith("//") or "%" in match[1] or "{" in match[1]
        if place and not is_elsewhere and place not in part.files and f"public/{place}" not in part.files:
            line = text.count("\n", 0, match.start()) + 1
            yield part.wrong("start/missing", "index.html", line, f"the page loads {match[1]}, and there is no {place}")


def _without_comments(text: str) -> str:
    """*text* with its lines, and without what is between ``<!--`` and ``-->``."""
    kept, at = [], 0
    while (begin := text.find("<!--", at)) >= 0:
        end = text.find("-->", begin)
        kept += [text[at:begin], "\n" * text.count("\n", begin, end if end >= 0 else len(text))]
        if end < 0:
            return "".join(kept)
        at = end
    return "".join([*kept, text[at:]])


def _scripts(modules: JsModules) -> frozenset[str]:
    found = (modules.manifest or {}).get("scripts")
    return frozenset(found) if isinstance(found, dict) else frozenset()


def _said(part: Part, what: str) -> str:
    return f"{part.component.name} is started by `{' '.join(part.component.running.command)[:200]}`, and {what}"
