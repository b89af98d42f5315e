"""Names that a changed manifest brings in: nobody but the user says that a new one may be installed."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping

from packaging.utils import canonicalize_name

from engine.dependencies.missing import NAME
from engine.dependencies.reading import Dependencies
from engine.domain import Declared, Finding


def refused(
    before: Dependencies, now: Dependencies, declared: Declared, texts: Mapping[str, str]
) -> tuple[Finding, ...]:
    """A finding for each package that *now* names and that neither *before*, a lock nor the user has named.

    A name is looked at in whatever group it stands: what is not installed today may be tomorrow.
    """
    if declared.allow_new:
        return ()
    named = {*before.known, *declared.known}
    had = {each.line for each in before.stated}
    elsewhere = [each.name for each in now.stated if " @ " in each.line and each.line not in had]
    return (
        *(_finding(name, named, now, texts) for name in now.known if name not in named),
        *(_from_elsewhere(name, now, texts) for name in dict.fromkeys(elsewhere)),
    )


def _finding(name: str, named: set[str], now: Dependencies, texts: Mapping[str, str]) -> Finding:
    path, line = place_of(name, now, texts)
    alike = difflib.get_close_matches(name, named, n=1, cutoff=0.8)
    meant = f"; did you mean {alike[0]}, which is named already?" if alike else ""
    message = f"{name} is new: no manifest, no lock and no user has named it before{meant}"
    hint = f"; to allow it: --with {name}, or --allow-new-deps"
    return Finding(check=NAME, rule="not allowed", path=path, line=line, message=f"{message}{hint}")


def _from_elsewhere(name: str, now: Dependencies, texts: Mapping[str, str]) -> Finding:
    path, line = place_of(name, now, texts)
    message = f"{name} would be taken from a new address: name a version of the index's package instead"
    return Finding(check=NAME, rule="not allowed", path=path, line=line, message=message)


def place_of(name: str, now: Dependencies, texts: Mapping[str, str]) -> tuple[str | None, int | None]:
    """Path and line at which a manifest names the package *name*, as far as that can be told."""
    for path in now.manifests:
        for number, line in enumerate(texts.get(path, "").splitlines(), start=1):
            if any(canonicalize_name(word) == name for word in re.findall(r"[A-Za-z0-9][A-Za-z0-9._-]*", line)):
                return path, number
    return None, None
