"""Whether what a ``package.json`` asks for is what the node image has: only then `npm ci` takes the lock that is made of it."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import cast

from engine.domain import Finding

_COMPARED = re.compile(r"(\^|~|>=|<=|>|<|=)?v?(\*|x|\d{1,9})(?:\.(\*|x|\d{1,9}))?(?:\.(\*|x|\d{1,9}))?")
_APART = re.compile(r"([<>=^~])\s+")
_SIGNS: Mapping[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = MappingProxyType(
    {"=": operator.eq, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
)
_ASKING = ("dependencies", "devDependencies", "optionalDependencies")


def not_had(files: Mapping[str, str], image_lock: str) -> Iterator[Finding]:
    """Each package that a ``package.json`` of *files* asks for in another version than the image, by *image_lock*, has."""
    had = cast("dict[str, dict[str, str]]", json.loads(image_lock)["packages"])
    for path, text in files.items():
        for name, asked in _asked(text) if path.endswith("/package.json") else ():
            version = had.get(f"node_modules/{name}", {}).get("version", "")
            if version and not fits(version, asked):
                message = f"{name} is asked for as {asked[:80]!r}, and there is {version}: ask for ^{version}"
                yield Finding(check="contract", rule="packages/version", path=path, message=message[:900])


def fits(version: str, asked: str) -> bool:
    """Whether *version* is in the range *asked*. What is no plain range, such as an address, has no version in it."""
    if asked.lstrip("^~=") == version:
        return True
    numbers = tuple(int(part) for part in version.partition("-")[0].split("."))
    return "-" not in version and any(
        all(_holds(numbers, word) for word in _APART.sub(r"\1", part).split() or ["*"]) for part in asked.split("||")
    )


def _holds(version: tuple[int, ...], word: str) -> bool:
    match = _COMPARED.fullmatch(word)
    if match is None:
        return False
    given: tuple[int, ...] = ()
    for part in match.groups()[1:]:
        if part is None or not part.isdecimal():
            break
        given = (*given, int(part))
    begins = version[: len(given)]
    sign = match[1] or "="
    if not given or sign not in {"^", "~"}:
        return not given or _SIGNS[sign](begins, given)
    fixed = _first_that_counts(given) if sign == "^" else min(1, len(given) - 1)
    return begins >= given and begins[: fixed + 1] == given[: fixed + 1]


def _first_that_counts(given: tuple[int, ...]) -> int:
    return next((place for place, number in enumerate(given) if number), len(given) - 1)


def _asked(text: str) -> Iterator[tuple[str, str]]:
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return
    for field in _ASKING if isinstance(told, dict) else ():
        named = told.get(field)
        if isinstance(named, dict):
            yield from ((name, asked) for name, asked in named.items() if isinstance(asked, str))
