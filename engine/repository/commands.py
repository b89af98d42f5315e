"""The command by which a project's own tools run its tests: read out of their files, never run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.domain import Value
from engine.repository.configuration import sections, split, table
from engine.repository.nox import sessions
from engine.repository.tox import Ran, of_ini, of_toml

_RUNNERS = frozenset({"pytest", "py.test"})


class Told(Value):
    """What such a file says."""

    source: str = ""
    words: tuple[str, ...] = ()
    """Arguments of pytest."""
    environment: Mapping[str, str] = {}
    start: str = ""
    """The folder in which unittest is to begin."""
    pattern: str = ""
    """Which files unittest is to look into."""
    notes: tuple[str, ...] = ()


def told_commands(texts: Mapping[str, str]) -> Told:
    """The first command of a test runner in the files of *texts*, in the order in which people rely on them."""
    for source, ran in _candidates(texts):
        for words in ran.commands:
            told = _told(words, ran, source)
            if told is not None:
                return told
    return Told()


def _candidates(texts: Mapping[str, str]) -> Iterator[tuple[str, Ran]]:
    pyproject = texts.get("pyproject.toml", "")
    if "tox.ini" in texts:
        yield "tox.ini", of_ini(sections(texts["tox.ini"]))
    if "tox.toml" in texts:
        yield "tox.toml", of_toml(table(texts["tox.toml"]))
    if "setup.cfg" in texts:
        found = sections(texts["setup.cfg"])
        yield "setup.cfg", of_ini({name.removeprefix("tox:"): items for name, items in found.items()})
    tox = table(pyproject, "tool", "tox")
    legacy = tox.get("legacy_tox_ini")
    yield "pyproject.toml", of_ini(sections(legacy)) if isinstance(legacy, str) else of_toml(tox)
    if "noxfile.py" in texts:
        yield from (("noxfile.py", ran) for ran in sessions(texts["noxfile.py"]))
    for path in (("hatch", "envs", "hatch-test"), ("hatch", "envs", "test"), ("hatch", "envs", "default")):
        environment = table(pyproject, "tool", *path)
        variables = table(pyproject, "tool", *path, "env-vars")
        yield "pyproject.toml", _scripts(table(pyproject, "tool", *path, "scripts"), variables)
        extra = environment.get("extra-args")
        if isinstance(extra, list):
            yield "pyproject.toml", Ran(commands=(("pytest", *map(str, extra)),), environment=_strings(variables))
    yield "pyproject.toml", _scripts(table(pyproject, "tool", "pdm", "scripts"), {})
    yield "pyproject.toml", _scripts(table(pyproject, "tool", "poe", "tasks"), {})
    if "Makefile" in texts:
        yield "Makefile", _recipes(texts["Makefile"])


def _told(words: Sequence[str], ran: Ran, source: str) -> Told | None:
    """What *words* run, where that is a test runner."""
    rest = list(words)
    variables = dict(ran.environment)
    while rest and rest[0] in {"env", "time", "xvfb-run", "poetry", "uv", "pdm", "hatch", "run", "pipenv", "@"}:
        rest.pop(0)
    while rest and rest[0].partition("=")[0].isidentifier() and "=" in rest[0]:
        name, _, value = rest.pop(0).partition("=")
        variables[name] = value
    rest = _program(rest)
    if not rest:
        return None
    told = Told(source=source, environment=variables, notes=(f"the test command was read from {source!r}",))
    match rest:
        case [program, *arguments] if program in _RUNNERS:
            return told.model_copy(update={"words": tuple(arguments)})
        case ["unittest", *arguments]:
            start, pattern = _discovery(arguments)
            return told.model_copy(update={"start": start, "pattern": pattern or "test*.py"})
    return None


def _program(words: list[str]) -> list[str]:
    """*words* from the name of the test runner on: behind ``python -m`` and ``coverage run -m``."""
    if not words:
        return []
    name = words[0].rpartition("/")[2]
    if name in _RUNNERS:
        return [name, *words[1:]]
    if name.startswith(("python", "coverage", "{envpython}")) or name == "py":
        if "-m" in words:
            inner = words[words.index("-m") + 1 :]
            return _program(inner) if inner and inner[0] != "unittest" else inner
        if name == "coverage" and len(words) > 1 and words[1] == "run":
            after = next((place for place, word in enumerate(words) if word.endswith(("pytest", "py.test"))), None)
            return _program(words[after:]) if after is not None else []
    return []


def _discovery(arguments: Sequence[str]) -> tuple[str, str]:
    """Where, and in which files, unittest looks."""
    start = pattern = ""
    words = [word for word in arguments if word != "discover"]
    plain = []
    while words:
        word = words.pop(0)
        option, sign, value = word.partition("=")
        if option in {"-s", "--start-directory", "-p", "--pattern", "-t", "--top-level-directory", "-k"}:
            value = value if sign else (words.pop(0) if words else "")
            start = value if option in {"-s", "--start-directory"} else start
            pattern = value if option in {"-p", "--pattern"} else pattern
        elif not word.startswith("-"):
            plain.append(word)
    if "discover" in arguments and plain:
        start = start or plain[0]
    elif plain:
        start = start or plain[0].replace(".", "/")
    return start.strip("./") or "", pattern


def _scripts(scripts: Mapping[str, object], variables: Mapping[str, object]) -> Ran:
    """Scripts of a table, those first whose name speaks of tests."""
    commands = []
    for name in sorted(scripts, key=lambda name: (name not in {"test", "tests"}, "test" not in name)):
        script = scripts[name]
        if isinstance(script, Mapping):
            script = script.get("cmd", script.get("shell", ""))
        lines = script if isinstance(script, list) else [script]
        commands += [split(_without_braces(str(line))) for line in lines]
    return Ran(commands=tuple(commands), environment=_strings(variables))


def _without_braces(line: str) -> str:
    """A line of hatch: ``{args:tests}`` stands for what was given, else for what is behind the colon."""
    while (begin := line.find("{")) >= 0 and (end := line.find("}", begin)) > 0:
        line = line[:begin] + line[begin + 1 : end].partition(":")[2] + line[end + 1 :]
    return line


def _strings(variables: Mapping[str, object]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if isinstance(value, str)}


def _recipes(text: str) -> Ran:
    """Commands of the targets of a Makefile that are named after tests; none with a variable of make's."""
    commands = []
    wanted = False
    for line in text.splitlines():
        if line.startswith("\t"):
            command = line.strip().lstrip("@-")
            if wanted and "$" not in command and not set(command) & set("|;&<>`"):
                commands.append(split(command))
        elif ":" in line and not line.startswith((" ", "#", ".")):
            wanted = line.partition(":")[0].strip() in {"test", "tests", "check", "unittest", "pytest"}
    return Ran(commands=tuple(commands))
