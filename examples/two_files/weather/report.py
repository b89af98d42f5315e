"""One line about the weather."""

from weather.degrees import rounded, to_celsius, to_fahrenheit


def line(place, degrees, unit="C"):
    """``Oslo: -3 C / 27 F``, from degrees in either *unit*."""
    if unit not in ("C", "F"):
        raise ValueError(f"degrees are C or F, not {unit}")
    celsius = degrees if unit == "C" else to_celsius(degrees)
    fahrenheit = degrees if unit == "F" else to_fahrenheit(degrees)
    return f"{place}: {rounded(celsius)} C / {rounded(fahrenheit)} F"


def warmest(readings):
    """Place with the highest of its readings (place, degrees, unit)."""
    return max(readings, key=lambda reading: reading[1] if reading[2] == "C" else to_celsius(reading[1]))[0]
