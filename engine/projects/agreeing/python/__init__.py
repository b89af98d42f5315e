"""Python as it is read on the host: what a module names, and what others take from it."""
