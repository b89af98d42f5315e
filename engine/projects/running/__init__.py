"""A project that was built, running: each component by itself, the whole in one box, its pages in a browser."""

from engine.projects.running.alone import ALONE, answers
from engine.projects.running.delivering import delivered
from engine.projects.running.outcome import Answer, Ran, Seen, Started
from engine.projects.running.pages import builds
from engine.projects.running.together import WHOLE, Pace, stand_in, whole

__all__ = [
    "ALONE",
    "WHOLE",
    "Answer",
    "Pace",
    "Ran",
    "Seen",
    "Started",
    "answers",
    "builds",
    "delivered",
    "stand_in",
    "whole",
]
