"""What an environment of Node.js is made of, and what its layers are called: known without asking an engine or npm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NamedTuple

from sandboxes.environments.identity import REPOSITORY
from sandboxes.environments.libraries import PACKAGE
from sandboxes.environments.npm import reduced
from sandboxes.environments.program import VERSION
from sandboxes.recipe import digest_of

DOCKERFILE = b"""ARG BASE
FROM ${BASE}
ARG BUILD=by-hand
LABEL mendbox="environment" mendbox.build="${BUILD}"
COPY tree /
"""


class NodeLayer(NamedTuple):
    """One image of an environment."""

    key: str
    name: str
    stands_on: str
    """Name of the image below."""
    node: Mapping[str, str]
    """The manifest and its lock by name; empty for Node.js itself."""


def layers(node: Mapping[str, str], stands_on: str) -> tuple[NodeLayer, ...]:
    """What is laid over the image *stands_on* for a manifest and its lock; the last one is the environment.

    Raises:
        Unresolved: The manifest cannot be used.
    """
    manifest = reduced(node)
    program = _layer({}, {"node": f"{VERSION} {PACKAGE}"}, stands_on)
    if not any(manifest.get(part) for part in ("dependencies", "devDependencies", "optionalDependencies")):
        return (program,)
    held = {**node, "package.json": json.dumps(manifest, sort_keys=True)}
    return (program, _layer(node, held, program.name))


def _layer(node: Mapping[str, str], held: Mapping[str, str], stands_on: str) -> NodeLayer:
    parts = {name: text.encode() for name, text in held.items()}
    key = digest_of({**parts, "dockerfile": DOCKERFILE, "stands_on": stands_on.encode()})
    return NodeLayer(key=key, name=f"{REPOSITORY}:{key}", stands_on=stands_on, node=node)
