"""Impossible tasks: tests that contradict each other, the goal, Python itself, or ask for what nobody defines."""
