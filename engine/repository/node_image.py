"""Whether the image with Node.js has what a manifest asks for, so that no environment has to be made."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from sandboxes.errors import ImageMissing
from sandboxes.recipe import read_node_recipe

_RANGE = re.compile(r"(\^|~|>=|=)?\s*v?(\d+)(?:\.(?:\d+|x|\*))*(?:-[\w.]+)?")


def image_has(manifest: Mapping[str, object]) -> bool:
    """Whether every package that *manifest* names is in the image, in a major version that it asks for."""
    try:
        there = json.loads(read_node_recipe()["package.json"])["dependencies"]
    except (ImageMissing, KeyError):
        return False
    asked = [part for key in ("dependencies", "devDependencies") if isinstance(part := manifest.get(key), dict)]
    return all(_fits(str(version), there.get(name, "")) for part in asked for name, version in part.items())


def _fits(wanted: str, there: str) -> bool:
    if not there:
        return False
    if wanted in {"*", "latest", "x", ""}:
        return True
    found = _RANGE.fullmatch(wanted.strip())
    if found is None:
        return False
    major = int(there.partition(".")[0])
    return major >= int(found[2]) if found[1] == ">=" else major == int(found[2])
