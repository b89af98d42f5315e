"""The engine: words, loop, judge, journal. Importing it does nothing."""
