"""What packages a box has; asked before anything that was submitted stands in it."""

from __future__ import annotations

import json

from packaging.utils import canonicalize_name

from engine.domain import Value
from sandboxes.base import Box, Command
from sandboxes.errors import SandboxUnavailable

_PROGRAM = """
import importlib.metadata, json, os
python = sorted({found.metadata["Name"] or "" for found in importlib.metadata.distributions()})
node = []
for name in sorted(os.listdir("/node_modules")) if os.path.isdir("/node_modules") else ():
    if name.startswith("@"):
        node += [f"{name}/{inner}" for inner in sorted(os.listdir(f"/node_modules/{name}"))]
    elif not name.startswith("."):
        node.append(name)
print(json.dumps({"python": python, "node": node}))
"""


class Had(Value):
    """Names of packages."""

    python: frozenset[str]
    """Normalised."""
    node: frozenset[str]


async def packages_in(box: Box) -> Had:
    """What *box*, in which nobody has done anything yet, has.

    Raises:
        SandboxUnavailable: It does not say.
    """
    outcome = await box.run(Command(argv=("python3", "-I", "-c", _PROGRAM), seconds=30))
    try:
        told = json.loads(outcome.stdout.text)
        python, node = told["python"], told["node"]
    except (ValueError, KeyError, TypeError) as error:
        why = f"it does not say what packages it has: {outcome.stderr.text[-300:]}"
        raise SandboxUnavailable("box", why, hint="run again; see mendbox doctor") from error
    return Had(python=frozenset(map(canonicalize_name, python)), node=frozenset(node))
