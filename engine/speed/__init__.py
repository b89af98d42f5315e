"""How fast a verdict is, beside the bare host and other ways of running the same work. Only `mendbox bench --speed` uses it."""
