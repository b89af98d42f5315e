"""Other sandboxes, each driven by a small program that runs in an environment of its own (`make bench-peers`)."""
