"""Text that is read as a program or as any object at all: read it as plain data."""

from __future__ import annotations

import ast

from ....worker.edits import Edit
from ..program import Program
from .rewrite import Safer, call, dotted


def _yaml(program: Program, node: ast.AST) -> Safer:
    for above in (node, *program.up(node)):
        if isinstance(above, ast.Call) and dotted(above.func).endswith("yaml.load") and above.args:
            return Safer(
                (
                    program.replaced(
                        above, f"{dotted(above.func).removesuffix('load')}safe_load({program.get(above.args[0])})"
                    ),
                ),
                "load plain data only",
                "refuses YAML that asks for Python objects",
            )
    raise LookupError("no call of yaml.load")


def _eval(program: Program, node: ast.AST) -> Safer:
    made = call(node)
    if dotted(made.func) != "eval" or len(made.args) != 1 or made.keywords:
        raise LookupError("it is given names to use")
    module, edits = program.imports("ast")
    return Safer(
        (*edits, program.replaced(made.func, f"{module}.literal_eval")),
        "read literals only, and run nothing",
        "raises ValueError for anything but a literal, where it was computed before",
    )


def _random(program: Program, node: ast.AST) -> Safer:
    made = call(node)
    method = dotted(made.func).removeprefix("random.")
    if method not in {"choice", "choices", "randint", "randrange", "random", "uniform", "getrandbits", "sample"}:
        raise LookupError("not a call that the system's own source has as well")
    function = program.function(node)
    words = {*(function.name.lower().split("_") if function else ()), *_targets(program, node)}
    if not words & SECRET:
        raise LookupError("nothing says that it has to be secret")
    module, edits = _import_secrets(program)
    better = f"{module}.choice" if method == "choice" else f"{module}.SystemRandom().{method}"
    return Safer(
        (*edits, program.replaced(made.func, better)),
        "take what nobody can foresee",
        "gives other values than before after `random.seed`",
    )


def _import_secrets(program: Program) -> tuple[str, tuple[Edit, ...]]:
    """In place of `random`, where nothing else here uses that: an import that nobody uses would be a new finding."""
    lone = [node for node in program.tree.body if isinstance(node, ast.Import) and program.get(node) == "import random"]
    if lone and len(program.uses(program.tree, "random")) == 1 and "secrets" not in program.global_names:
        return "secrets", (program.replaced(lone[0], "import secrets"),)
    return program.imports("secrets")


def _targets(program: Program, node: ast.AST) -> set[str]:
    statement = program.statement(node)
    names = [one.id for one in ast.walk(statement) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
    return {word for name in names for word in name.lower().split("_")}


SECRET = frozenset({"token", "tokens", "password", "passwords", "passphrase", "secret", "key", "otp", "salt", "nonce", "session", "pin", "code", "csrf", "apikey"})  # fmt: skip
LOADING = {"S506": _yaml, "S307": _eval, "S311": _random}
