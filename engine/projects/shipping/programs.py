"""Whether what a command starts is there: among a component's files, or among the packages that it declares."""

from __future__ import annotations

import ast
import posixpath
import re
import sys
from collections.abc import Iterator, Mapping, Sequence

from packaging.utils import canonicalize_name

from agents.plans.plan import Runtime
from engine.dependencies.known import may_bring
from engine.domain import Value
from engine.projects.shipping.packages import Declared
from engine.projects.shipping.pip import PYTHON
from engine.projects.shipping.wrong import listed

SERVERS = frozenset({"uvicorn", "gunicorn", "hypercorn", "daphne", "granian", "waitress-serve"})
"""Their argument is ``module:object``."""
_BRINGS = {
    "celery": "celery", "django-admin": "django", "fastapi": "fastapi", "flask": "flask", "alembic": "alembic",
    "pytest": "pytest", "ruff": "ruff", "mypy": "mypy", "arq": "arq", "rq": "rq", "dramatiq": "dramatiq",
    "waitress-serve": "waitress",
}  # fmt: skip
"""Distribution by program, where it is not called like one."""
_NODE_BRINGS = {
    "tsc": "typescript",
    "react-scripts": "react-scripts",
    "ng": "@angular/cli",
    "vue-cli-service": "@vue/cli-service",
    "playwright": "playwright",
}
_SHELL = frozenset(
    """sh bash ash cat echo cp mv rm ln ls mkdir chmod chown touch true false test [ cd set export printf env exec sleep
    tar gzip find sed grep awk head tail sort id install wc tr cut date useradd groupadd adduser addgroup apt-get apk
    pip pip3 npm npx node nginx curl wget tini dumb-init corepack yarn pnpm git docker make if then else fi for do done
    kubectl kustomize helm source . exit umask""".split()
)
"""Of an image, a shell or a runner."""


class Surroundings(Value):
    """Where a command is started."""

    runtime: Runtime
    cwd: str
    """An absolute path in the image, or the folder in a repository."""
    files: Mapping[str, str]
    """Text by path, as *cwd* has them."""
    declared: Declared
    built: bool = False
    """Whether something has run before that may have made more files."""
    installed: Mapping[str, str] = {}
    """Text by path in its folder of what was installed as a package, so that its modules are found from anywhere."""
    development: bool = False
    """Whether the packages for development are there too."""


def faults_of_command(words: Sequence[str], where: Surroundings) -> Iterator[str]:
    """What is wrong with *words*, each in a sentence."""
    words = _without_env(words)
    if not words:
        return
    program, arguments = words[0], list(words[1:])
    name = posixpath.basename(program)
    packages = where.declared.all if where.development else where.declared.packages
    if PYTHON.fullmatch(name):
        yield from _python(arguments, where, packages)
    elif name in {"node", "nodejs"}:
        yield from _node(arguments, where)
    elif name in {"npm", "yarn", "pnpm", "npx"}:
        yield from _npm(name, arguments, where, packages)
    elif name in SERVERS:
        yield from _declared(name, where, packages)
        yield from _application(arguments, where)
    elif "/" in program:
        yield from _placed(program, where)
    elif name in {"sh", "bash"} and arguments and not arguments[0].startswith("-"):
        yield from _file(arguments[0], where)
    elif name not in _SHELL:
        yield from _declared(name, where, packages)


def _placed(program: str, where: Surroundings) -> Iterator[str]:
    if not program.startswith("/"):
        yield from _file(program, where)
    elif not (program in where.files or program.startswith(("/bin/", "/usr/", "/sbin/", "/opt/")) or where.built):
        yield f"{program} is in no file that was copied there"


def _without_env(words: Sequence[str]) -> Sequence[str]:
    """Without what only sets variables, or starts what follows."""
    while words and (
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*=.*", words[0], re.DOTALL) or words[0] in {"exec", "env", "time"}
    ):
        words = words[1:]
    if words and words[0] in {"tini", "/usr/bin/tini", "/sbin/tini", "dumb-init"}:
        return [word for word in words[1:] if word != "--"]
    return words


def _python(arguments: list[str], where: Surroundings, packages: frozenset[str]) -> Iterator[str]:
    while arguments and arguments[0].startswith("-") and arguments[0] not in {"-m", "-c"}:
        arguments = arguments[2:] if arguments[0] in {"-W", "-X"} else arguments[1:]
    if not arguments or arguments[0] == "-c":
        return
    if arguments[0] != "-m":
        yield from _file(arguments[0], where)
        return
    module = arguments[1] if len(arguments) > 1 else ""
    top = module.partition(".")[0]
    if not module:
        yield "python -m names no module"
    elif top in SERVERS:
        yield from _declared(top, where, packages)
        yield from _application(arguments[2:], where)
    elif (
        module_text(module, where, runs=True) is None
        and top not in sys.stdlib_module_names
        and top not in {"pip", "pytest"}
    ):
        if any(may_bring(package, module) for package in packages):
            return
        if top in _tops(where):
            yield f"python -m {module}: there is no {module.replace('.', '/')}.py and no {module.replace('.', '/')}/__main__.py"
        else:
            yield f"python -m {module}: no file and no declared package brings the module {module}"


def _node(arguments: list[str], where: Surroundings) -> Iterator[str]:
    while arguments and arguments[0].startswith("-"):
        if arguments[0] in {"-e", "-p", "--eval", "--print", "--test"}:
            return
        arguments = arguments[2:] if arguments[0] in {"-r", "--require", "--import", "--loader"} else arguments[1:]
    if arguments:
        yield from _file(arguments[0], where)


def _npm(name: str, arguments: list[str], where: Surroundings, packages: frozenset[str]) -> Iterator[str]:
    if name == "npx":
        tool = next((word for word in arguments if not word.startswith("-")), "")
        if tool and not _node_brings(tool, packages):
            yield f"npx {tool} would be fetched when it runs: no package of package.json brings it"
        return
    if "--if-present" in arguments:
        return
    arguments = [word for word in arguments if not word.startswith("-")]
    if not arguments or arguments[0] in {"ci", "install", "i", "cache", "prune", "config", "exec", "audit"}:
        return
    script = arguments[1] if arguments[0] in {"run", "run-script"} and len(arguments) > 1 else arguments[0]
    if script in {"run", "run-script"}:
        return
    if f"{where.cwd}/package.json".replace("//", "/") not in where.files:
        yield f"npm {' '.join(arguments)}: there is no package.json in {where.cwd}"
    elif script not in where.declared.scripts:
        yield f"npm {' '.join(arguments)}: package.json has no script {script}; it has {listed(where.declared.scripts)}"


def _file(path: str, where: Surroundings) -> Iterator[str]:
    place = posixpath.normpath(posixpath.join(where.cwd, path))
    if place in where.files or _stem(place, where):
        return
    # what a build has made stands in a folder that no source stands in
    folder = posixpath.dirname(place)
    if where.built and not any(posixpath.dirname(each) == folder for each in where.files):
        return
    yield f"there is no file {place}: {path} is looked for in {where.cwd}"


def _stem(place: str, where: Surroundings) -> bool:
    return any(f"{place}{ending}" in where.files for ending in (".js", "/index.js"))


def _application(arguments: Sequence[str], where: Surroundings) -> Iterator[str]:
    """Of the word ``module:object`` that a server starts."""
    found = next((word for word in arguments if re.fullmatch(r"[A-Za-z_][\w.]*:[A-Za-z_][\w.]*(\(\))?", word)), None)
    if found is None:
        yield "it names no application as module:object, such as api.main:app"
        return
    module, _, name = found.partition(":")
    text = module_text(module, where)
    if text is None:
        yield f"{found}: there is no module {module} in {where.cwd}, and none is installed with the project"
        return
    name = name.removesuffix("()").partition(".")[0]
    try:
        names = names_in(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError):
        return  # what is wrong with it is told by those who run it
    if name not in names and "*" not in names:
        yield f"{found}: {module} defines no {name}"


def module_text(module: str, where: Surroundings, *, runs: bool = False) -> str | None:
    """The text of *module* as it would be found; with *runs*, of what ``python -m`` runs of it."""
    inner = module.replace(".", "/")
    names = [f"{inner}/__main__.py", f"{inner}.py"] if runs else [f"{inner}.py", f"{inner}/__init__.py"]
    for name in names:
        beside = where.files.get(posixpath.normpath(posixpath.join(where.cwd, name)))
        if beside is not None:
            return beside
        for root in ("", "src/"):
            if root + name in where.installed:
                return where.installed[root + name]
    return None


def _tops(where: Surroundings) -> set[str]:
    installed = {path.removeprefix("src/").partition("/")[0] for path in where.installed}
    return installed | {posixpath.relpath(path, where.cwd).partition("/")[0] for path in where.files}


def names_in(tree: ast.Module) -> set[str]:
    """Names that a module has at its top, also those under a condition; ``*`` where it takes all of another."""
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Name(ctx=ast.Store()):
                names.add(node.id)
            case ast.Import() | ast.ImportFrom():
                names |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return names


def _declared(program: str, where: Surroundings, packages: frozenset[str]) -> Iterator[str]:
    if program in where.declared.scripts and where.runtime == "python":
        return
    if where.runtime == "python":
        wanted = canonicalize_name(_BRINGS.get(program, program))
        if wanted not in packages:
            yield f"no declared package brings the program {program}: name {wanted} among the dependencies, or start something else"
    elif not _node_brings(program, packages):
        yield f"no package of package.json brings the program {program}"


def _node_brings(program: str, packages: frozenset[str]) -> bool:
    wanted = _NODE_BRINGS.get(program, program)
    return wanted in packages or any(package.rpartition("/")[2] == wanted for package in packages)
