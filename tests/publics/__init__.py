"""Real public projects: their own suites in a box and outside it, and bugs planted in them that are to be localised."""
