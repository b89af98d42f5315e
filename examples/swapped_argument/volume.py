"""A volume knob between silence and its loudest."""

QUIETEST, LOUDEST = 0, 11


def clamp(value, low, high):
    """*value*, or the bound that it lies beyond."""
    return max(low, min(value, high))


class Knob:
    def __init__(self, level=5):
        self.level = clamp(level, LOUDEST, QUIETEST)

    def turn(self, steps):
        """Turn by *steps*, to the left where negative, no further than the knob goes."""
        self.level = clamp(self.level + steps, QUIETEST, LOUDEST)
        return self.level

    def mute(self):
        self.level = QUIETEST
