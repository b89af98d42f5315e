"""Whether the files by which a project is shipped would do: read on this machine, and a Dockerfile replayed in a box."""

from engine.projects.shipping.checking import faults
from engine.projects.shipping.replayed import Replayed
from engine.projects.shipping.replaying import replay

__all__ = ["Replayed", "faults", "replay"]
