"""All templates, and the order of their likelihood is their price."""

from __future__ import annotations

from ..site import Template
from . import (
    between,
    calls,
    conditions,
    constants,
    containers,
    exceptions,
    growing,
    guards,
    imports,
    inserting,
    leaving,
    names,
    operators,
    reuse,
    scopes,
    slips,
    statements,
    subscripts,
    twice,
)

CATALOGUE: tuple[Template, ...] = (
    *imports.TEMPLATES,
    *names.TEMPLATES,
    *between.TEMPLATES,
    *operators.TEMPLATES,
    *exceptions.TEMPLATES,
    *slips.TEMPLATES,
    *constants.TEMPLATES,
    *calls.TEMPLATES,
    *subscripts.TEMPLATES,
    *conditions.TEMPLATES,
    *reuse.TEMPLATES,
    *scopes.TEMPLATES,
    *growing.TEMPLATES,
    *guards.TEMPLATES,
    *containers.TEMPLATES,
    *twice.TEMPLATES,
    *statements.TEMPLATES,
    *leaving.TEMPLATES,
    *inserting.TEMPLATES,
)
