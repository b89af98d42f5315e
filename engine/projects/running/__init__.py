"""A project that was built, running: each component by itself, the whole in one box, its pages in a browser."""

from engine.projects.running.alone import ALONE, answers
from engine.projects.running.outcome import Answer, Ran, Seen, Started

__all__ = ["ALONE", "Answer", "Ran", "Seen", "Started", "answers"]
