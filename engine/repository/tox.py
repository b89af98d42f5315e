"""What tox would run, and with which variables, as far as its settings write it out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.domain import Value
from engine.repository.configuration import split

_REFERENCE = re.compile(r"\{\[([^\]]+)\]([^}]+)\}")
_FACTOR = re.compile(r"^[\w!.{},-]+:\s+")
_DEPTH = 5


class Ran(Value):
    """Commands, word by word, and the variables they get."""

    commands: tuple[tuple[str, ...], ...] = ()
    environment: Mapping[str, str] = {}


def of_ini(settings: Mapping[str, Mapping[str, str]]) -> Ran:
    """What the sections ``testenv`` say, those of certain environments last; see tox's own documentation of its INI form."""
    order = [name for name in settings if name == "testenv"]
    order += [name for name in settings if name.startswith("testenv:") and re.search(r"test|py|unit", name[8:])]
    commands: list[tuple[str, ...]] = []
    environment: dict[str, str] = {}
    for name in order:
        section = settings[name]
        lines = _resolved(section.get("commands", ""), settings).replace("\\\n", " ").splitlines()
        for line in lines:
            command = _unconditional(line).lstrip("-! ")
            words = tuple(word for word in split(_plain(command)) if word)
            if words:
                commands.append(words)
        if name == "testenv":
            variables = section.get("setenv", section.get("set_env", ""))
            environment = _variables(_resolved(variables, settings))
    return Ran(commands=tuple(commands), environment=environment)


def of_toml(settings: Mapping[str, object]) -> Ran:
    """The same of tox's TOML form."""
    commands: list[tuple[str, ...]] = []
    environment: dict[str, str] = {}
    inner = settings.get("env")
    named = [value for value in inner.values() if isinstance(value, Mapping)] if isinstance(inner, Mapping) else []
    for base in (settings.get("env_run_base"), *named):
        if not isinstance(base, Mapping):
            continue
        lines = base.get("commands")
        found = [line for line in lines if isinstance(line, list)] if isinstance(lines, list) else []
        commands += [tuple(word for item in line for word in _word(item)) for line in found]
        variables = base.get("set_env")
        if isinstance(variables, Mapping) and base is settings.get("env_run_base"):
            environment = {
                str(name): _plain(value)
                for name, value in variables.items()
                if isinstance(value, str) and "{env:" not in value
            }
    return Ran(commands=tuple(commands), environment=environment)


def _word(item: object) -> list[str]:
    if isinstance(item, str):
        return [word for word in [_plain(item)] if word]
    if isinstance(item, Mapping) and item.get("replace") == "posargs":
        default = item.get("default")
        return [str(word) for word in default] if isinstance(default, list) else []
    return []


def _resolved(text: str, settings: Mapping[str, Mapping[str, str]]) -> str:
    """*text* with what it takes from other sections."""
    for _ in range(_DEPTH):
        text, count = _REFERENCE.subn(lambda match: settings.get(match[1], {}).get(match[2], ""), text)
        if not count:
            break
    return text


def _plain(text: str) -> str:
    """*text* with tox's own words replaced; what is only known when it runs falls away."""
    text = re.sub(r"\{(?:toxinidir|tox_root|/)\}/?", lambda match: "/" if match[0] == "{/}" else "./", text)
    text = re.sub(r"\{envpython\}", "python", text)
    for _ in range(_DEPTH):
        text, count = re.subn(r"\{(?:posargs|env:\w+)(?::([^{}]*))?\}", lambda match: match[1] or "", text)
        if not count:
            break
    return re.sub(r"\S*\{[^{}]*\}\S*", "", text)


def _unconditional(line: str) -> str:
    """A line as it counts for a usual environment: empty where it is for others only."""
    line = line.strip()
    factor = _FACTOR.match(line)
    if factor is None:
        return line
    return line[factor.end() :].strip() if re.search(r"(?<!!)\b(?:py\d*|cpython|test|linux)\b", factor[0]) else ""


def _variables(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, sign, value = _unconditional(line).partition("=")
        name, value = name.strip(), value.strip()
        if sign and name.isidentifier() and not re.search(r"\{env:\w+\}", value):
            found[name] = _plain(value)
    return found
