"""Poetry's own tables and its way to write ranges of versions, put into PEP 508's; Pipfile shares much of it."""

from __future__ import annotations

import re

from packaging.version import InvalidVersion, Version

from engine.dependencies.manifest import Writing, shown
from engine.dependencies.tables import Table, below, items, table, text

ELSEWHERE = ("git", "hg", "svn", "path", "file", "url")
"""Keys of a requirement that is not taken from an index."""


def read_poetry(poetry: Table, writing: Writing) -> None:
    """Everything below ``[tool.poetry]``."""
    optional = {name: extra for extra, names in below(poetry, "extras").items() for name in map(text, items(names))}
    for name, wish in below(poetry, "dependencies").items():
        if name.lower() == "python":
            writing.needs_python(_range(wish))
        elif table(wish).get("optional") is True:
            state(name, wish, writing, group=optional.get(name, "optional"))
        else:
            state(name, wish, writing)
    for name, wish in below(poetry, "dev-dependencies").items():
        state(name, wish, writing, group="dev")
    for group, content in below(poetry, "group").items():
        for name, wish in below(content, "dependencies").items():
            state(name, wish, writing, group=group)


def state(name: str, wish: object, writing: Writing, *, group: str = "") -> None:
    """One ``name = wish``; a list has one wish for each of several surroundings."""
    for each in wish if isinstance(wish, list) else [wish]:
        options = table(each)
        where = next((key for key in ELSEWHERE if options.get(key)), "")
        if where == "path":
            continue  # another package of the same project, whose sources are there
        if where:
            what = f"left out {shown(name)}: it is taken from a {where} address"
            writing.note(f"{writing.path}: {what}, and only an index's packages are installed")
            continue
        extras = ",".join(sorted(text(extra) for extra in items(options.get("extras"))))
        markers = " and ".join(f"({marker})" for marker in _markers(options))
        line = f"{name}{f'[{extras}]' if extras else ''}{_range(options.get('version') if options else each)}"
        writing.state(f"{line}{f' ; {markers}' if markers else ''}", group=group)


def _markers(options: Table) -> list[str]:
    given = [text(options.get("markers"))]
    python = _range(options.get("python"))
    given += [f"python_full_version {clause}" for clause in _clauses(python)]
    platform = text(options.get("platform"))
    given += [f"sys_platform == '{platform}'"] if re.fullmatch(r"\w+", platform) else []
    # a Pipfile writes the rest of a marker behind its name
    given += [f"{key} {value}" for key, value in options.items() if key in PIPFILE_MARKERS and isinstance(value, str)]
    return [marker for marker in given if marker]


PIPFILE_MARKERS = frozenset("sys_platform os_name python_version python_full_version platform_machine".split())


def _clauses(specifier: str) -> list[str]:
    found = re.findall(r"(===?|!=|~=|<=|>=|<|>)\s*([^,\s]+)", specifier)
    return [f"{sign} '{version}'" for sign, version in found]


def _range(wish: object) -> str:
    """A range of versions as PEP 440 writes it; empty for any version."""
    given = text(wish).strip()
    if given in {"", "*", "latest"}:
        return ""
    alternatives = [_conjunction(each) for each in re.split(r"\|\|?", given)]
    if len(alternatives) == 1:
        return ",".join(alternatives[0])
    # PEP 440 has no "or": all that lies between the lowest and the highest
    lowest = next((clause for clause in alternatives[0] if clause.startswith((">", "=", "~"))), "")
    highest = next((clause for clause in alternatives[-1] if clause.startswith("<")), "")
    return ",".join(clause for clause in (lowest.replace("==", ">=").replace(".*", ""), highest) if clause)


def _conjunction(given: str) -> list[str]:
    parts = re.findall(r"(\^|~=|~|===?|!=|<=|>=|<|>)?\s*([\w.*+!-]+)", given)
    return [clause for sign, version in parts for clause in _one(sign, version)]


def _one(sign: str, version: str) -> list[str]:
    match sign:
        case "^" | "~":
            return [f">={version}", f"<{_next(version, caret=sign == '^')}"] if _is_version(version) else []
        case "":
            return [] if version == "*" else [f"=={version}"]
    return [f"{sign}{version}"]


def _is_version(version: str) -> bool:
    try:
        Version(version)
    except InvalidVersion:
        return False
    return True


def _next(version: str, *, caret: bool) -> str:
    """The first version that ``^version`` or ``~version`` leaves out."""
    release = list(Version(version).release)
    if caret:
        at = next((place for place, number in enumerate(release) if number), len(release) - 1)
    else:
        at = min(1, len(release) - 1)
    return ".".join(map(str, [*release[:at], release[at] + 1]))
