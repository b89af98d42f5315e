"""Degrees Celsius and Fahrenheit."""


def to_fahrenheit(celsius):
    return celsius * 9 / 5 + 32


def to_celsius(fahrenheit):
    return fahrenheit - 32 * 5 / 9


def rounded(degrees):
    """To a whole degree, halves away from zero."""
    return int(degrees + 0.5) if degrees >= 0 else -int(-degrees + 0.5)
