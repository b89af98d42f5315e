"""All templates, and the order of their likelihood is their price."""

from __future__ import annotations

from ..site import Template
from . import calls, conditions, constants, imports, names, operators, reuse, scopes, statements, subscripts

CATALOGUE: tuple[Template, ...] = (
    *imports.TEMPLATES,
    *names.TEMPLATES,
    *operators.TEMPLATES,
    *constants.TEMPLATES,
    *calls.TEMPLATES,
    *subscripts.TEMPLATES,
    *conditions.TEMPLATES,
    *reuse.TEMPLATES,
    *scopes.TEMPLATES,
    *statements.TEMPLATES,
)
