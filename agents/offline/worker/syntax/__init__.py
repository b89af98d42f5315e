"""Files that do not parse: small edits around the place where Python stopped, until they compile."""

from .errors import Broken, parse_error
from .mended import Mended, mend
from .order import cheapest

__all__ = ["Broken", "Mended", "cheapest", "mend", "parse_error"]
