"""The architect's plan: what it is made of, what it is asked by, and the arithmetic in it."""
