"""All that is wrong between the JavaScript and TypeScript files of one component."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath

from engine.domain import Finding
from engine.projects.agreeing.javascript.imports import Import
from engine.projects.agreeing.javascript.modules import JsModules, is_named, package_of
from engine.projects.agreeing.javascript.testing import asserts, calls_a_test, is_test_file
from engine.projects.agreeing.parts import Part, shown

_BUILTIN = frozenset(
    "assert async_hooks buffer child_process cluster console constants crypto dgram diagnostics_channel dns domain events fs"
    " http http2 https inspector module net os path perf_hooks process punycode querystring readline repl sea sqlite stream"
    " string_decoder sys test timers tls trace_events tty url util v8 vm wasi worker_threads zlib".split()
)
"""Of Node.js 22."""
_PACKAGE = re.compile(r"(?:@[a-z0-9~*-][a-z0-9._~*-]*/)?[a-z0-9~-][a-z0-9._~-]*", re.IGNORECASE)
_HOOKED = re.compile(
    r"--(?:import|loader|experimental-loader|require|experimental-specifier-resolution|conditions)\b|^-[rC]$"
)
_DECLARATIONS = re.compile(r"\.d\.[cm]?ts$")
_SCRIPTS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".cts")


def javascript_disagreements(part: Part, modules: JsModules, packages: frozenset[str]) -> Iterator[Finding]:
    if "package.json" in part.files and modules.manifest is None:
        yield part.wrong("javascript/manifest", "package.json", None, "this is no JSON object")
    plain = frozenset(_run_as_they_are(part, modules))
    for path, module in modules.modules.items():
        if _DECLARATIONS.search(path):
            continue
        for each in module.imports:
            told = _unfound(modules, path, each, packages) or (
                _unfound_by_node(modules, path, each) if path in plain else ""
            )
            if told:
                yield part.wrong("javascript/import", path, each.line, told)
            else:
                yield from _unnamed(part, modules, path, each)
    for path, read in modules.read.items():
        if not is_test_file(path):
            continue
        if not calls_a_test(read):
            yield part.wrong("tests/none", path, None, "no test is in this file: call test(...) or it(...)")
        elif not asserts(read):
            yield part.wrong("tests/nothing-asserted", path, None, "no test of this file expects anything")


def _unfound(modules: JsModules, path: str, each: Import, packages: frozenset[str]) -> str:
    module = each.module
    if module in modules.ambient or ":" in module.removeprefix("node:") or not module:
        return ""
    if module.startswith((".", "/")):
        return "" if _is_file(modules, path, module) else f"there is no file for {module!r} in this component"
    if module.startswith("node:") or package_of(module) in _BUILTIN:
        name = module.removeprefix("node:").partition("/")[0]
        return "" if name in _BUILTIN else f"Node.js has no module {module!r}"
    if module.startswith(("#", "@/", "~")):
        return _unfound_alias(modules, module)
    is_aliased, found = modules.aliased(module)
    return "" if is_aliased and found is not None else _unfound_package(modules, module, packages)


def _is_file(modules: JsModules, path: str, module: str) -> bool:
    if module.startswith("."):
        return modules.beside(path, module) is not None
    # below the page's own folder, or the one of things that are served as they are
    place = module.partition("?")[0].lstrip("/")
    return modules.at(place) is not None or f"public/{place}" in modules.files


def _unfound_alias(modules: JsModules, module: str) -> str:
    is_aliased, found = modules.aliased(module)
    prefix = module.partition("/")[0]
    if is_aliased:
        return "" if found is not None else f"there is no file for {module!r} where the tsconfig says that it is"
    if modules.is_told_of(prefix):
        return ""
    return f"{module!r} leads nowhere: nothing says what {prefix!r} stands for; use a relative path"


def _unfound_package(modules: JsModules, module: str, packages: frozenset[str]) -> str:
    package = package_of(module)
    if _PACKAGE.fullmatch(package) is None or (modules.is_told_of(package) and package not in modules.declared):
        # an alias of some configuration
        return "" if modules.is_told_of(package) else f"{module!r} is no name of a package"
    if modules.manifest is None or package == modules.manifest.get("name"):
        return ""
    if not is_named(modules.declared, package):
        return f"{package} is not in package.json: name it there, or do without ({shown(modules.declared)} are)"
    if not is_named(packages, package):
        return f"the package {package} cannot be had here: do without it (there are {shown(packages, 40)})"
    return ""


def _unnamed(part: Part, modules: JsModules, path: str, each: Import) -> Iterator[Finding]:
    if each.module.startswith("."):
        target = modules.beside(path, each.module)
    else:
        _, target = modules.aliased(each.module)
    names = None if target is None or each.required else modules.names(target)
    if target is None or names is None:
        return
    for name in each.names:
        if name not in names:
            what = "no default export" if name == "default" else f"no export {name!r}"
            told = f"{target} has {what}; it has {modules.shown(target)}"
            yield part.between("javascript/name", path, each.line, target, told)


def _run_as_they_are(part: Part, modules: JsModules) -> Iterator[str]:
    """Files that Node.js itself loads, which guesses no endings in modules."""
    command = part.component.running.command
    if not command or command[0] != "node" or any(_HOOKED.search(word) for word in command):
        return
    entry = next((word.removeprefix("./") for word in command[1:] if not word.startswith("-")), "")
    if entry in modules.modules and entry.endswith(_SCRIPTS):
        yield from (path for path in modules.reached(entry) if path.endswith(_SCRIPTS))


def _unfound_by_node(modules: JsModules, path: str, each: Import) -> str:
    if not each.module.startswith(".") or each.types or each.required or path.endswith((".cjs", ".cts")):
        return ""
    found = modules.beside(path, each.module)
    place = f"{path.rpartition('/')[0]}/{each.module}".lstrip("/")
    if found is None or found == normpath(place):
        return ""
    return f"Node.js runs this file as it is, and finds no {each.module!r}: it needs the whole name of {found}"
