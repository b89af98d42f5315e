"""Twins of the frozen tests: copies whose expectation is wrong on purpose, so that each of them has to be red.

A draft that makes its tests green by other means than being right makes its twins green as well.
"""

from engine.twins.making import ROUNDS, Round, Twins, make

__all__ = ["ROUNDS", "Round", "Twins", "make"]
