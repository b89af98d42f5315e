"""Generated tests prove themselves before they count: red before green, or they kill a mutant; the others are dropped.

A test that is green on the code says nothing until it has been seen to be red on code that is wrong.
"""

from engine.admission.admitting import admit
from engine.admission.result import Admission, Dropped, Kept

__all__ = ["Admission", "Dropped", "Kept", "admit"]
