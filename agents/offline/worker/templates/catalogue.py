"""All templates, and the order of their likelihood is their price."""

from __future__ import annotations

from ..site import Template
from . import (
    calls,
    conditions,
    constants,
    exceptions,
    imports,
    names,
    operators,
    reuse,
    scopes,
    slips,
    statements,
    subscripts,
)

CATALOGUE: tuple[Template, ...] = (
    *imports.TEMPLATES,
    *names.TEMPLATES,
    *operators.TEMPLATES,
    *exceptions.TEMPLATES,
    *slips.TEMPLATES,
    *constants.TEMPLATES,
    *calls.TEMPLATES,
    *subscripts.TEMPLATES,
    *conditions.TEMPLATES,
    *reuse.TEMPLATES,
    *scopes.TEMPLATES,
    *statements.TEMPLATES,
)
