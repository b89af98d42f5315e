"""Whether files that several have written agree with the plan and with one another, read on the host: nothing is run.

What is said here is sure: whatever cannot be told from the text alone is left to the box, so that a project that works
is never refused.
"""

from __future__ import annotations

from engine.projects.agreeing.disagreeing import disagreements
from engine.projects.agreeing.proving import tests_of_requirements
from engine.projects.agreeing.scenarios import scenario_faults
from engine.projects.agreeing.starting import command_faults

__all__ = ["command_faults", "disagreements", "scenario_faults", "tests_of_requirements"]
