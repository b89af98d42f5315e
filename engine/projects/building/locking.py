"""The lock of a component's packages: that part of the node image's own lock which its ``package.json`` asks for.

So what is installed where a project is shipped is what it was tested with. Format: lockfileVersion 3 of npm, in which a
package stands by its path, and finds another one beside it or in a folder above.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import cast

from pydantic import JsonValue

Entry = dict[str, JsonValue]
_ROOT_FIELDS = ("name", "version", "license", "dependencies", "devDependencies", "optionalDependencies", "engines")


def lock_of(package: str, image_lock: str) -> str | None:
    """The lock for the ``package.json`` *package* out of *image_lock*; None where it is no such file, or asks for what the
    image does not have.
    """
    try:
        wanted = json.loads(package)
    except (ValueError, RecursionError):
        return None
    if not isinstance(wanted, dict):
        return None
    entries = cast("dict[str, Entry]", json.loads(image_lock)["packages"])
    shipped = _reached(entries, _names(wanted, "dependencies", "optionalDependencies"))
    for_work = _reached(entries, _names(wanted, "devDependencies"))
    if shipped is None or for_work is None:
        return None
    packages: dict[str, Entry] = {"": {name: wanted[name] for name in _ROOT_FIELDS if name in wanted}}
    for path in sorted(shipped | for_work):
        entry = {name: value for name, value in entries[path].items() if name not in {"dev", "devOptional"}}
        packages[path] = entry if path in shipped else {**entry, "dev": True}
    head = {name: wanted[name] for name in ("name", "version") if name in wanted}
    lock = {**head, "lockfileVersion": 3, "requires": True, "packages": packages}
    return json.dumps(lock, indent=2, ensure_ascii=False) + "\n"


def _reached(entries: Mapping[str, Entry], names: list[str]) -> set[str] | None:
    """Paths of all that *names* and what they need come to; None where one of *names* is not there."""
    found: set[str] = set()
    left: list[str] = []
    for name in names:
        path = f"node_modules/{name}"
        if path not in entries:
            return None
        left.append(path)
    while left:
        path = left.pop()
        if path not in found:
            found.add(path)
            left += _needed(entries, path)
    return found


def _needed(entries: Mapping[str, Entry], path: str) -> Iterator[str]:
    entry = entries[path]
    for name in _names(entry, "dependencies", "optionalDependencies", "peerDependencies"):
        folder = path
        while True:
            place = f"{folder}/node_modules/{name}" if folder else f"node_modules/{name}"
            if place in entries:
                yield place
                break
            if not folder:
                break  # optional, and not installed
            folder = folder.rpartition("/node_modules/")[0] if "/node_modules/" in folder else ""


def _names(entry: Mapping[str, JsonValue], *fields: str) -> list[str]:
    found = [entry.get(field) for field in fields]
    return [name for each in found if isinstance(each, dict) for name in each]
