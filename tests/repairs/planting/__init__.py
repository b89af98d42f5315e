"""Bugs to plant in right programs: text edits of kinds that do not simply mirror the kinds of repairs."""

from collections.abc import Callable, Iterator, Mapping

from . import branches, calls, expressions, statements, values
from .source import Code, Edit

Kind = Callable[[Code], Iterator[Edit]]
"""Every edit that plants one bug of this kind."""

KINDS: Mapping[str, Kind] = {
    **statements.KINDS,
    **branches.KINDS,
    **expressions.KINDS,
    **calls.KINDS,
    **values.KINDS,
}
