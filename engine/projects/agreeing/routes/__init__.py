"""Which paths are answered, and which were planned."""
