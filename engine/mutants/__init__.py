"""Mutants of Python sources: copies with one small change each, by which it is seen whether a test tests anything.

The operators are the usual ones of mutation testing, after DeMillo, Lipton and Sayward, "Hints on Test Data Selection"
(1978), and Offutt et al., "An Experimental Determination of Sufficient Mutant Operators" (1996).
"""

from engine.mutants.making import MOST, Mutant, make
from engine.mutants.same import written_otherwise

__all__ = ["MOST", "Mutant", "make", "written_otherwise"]
