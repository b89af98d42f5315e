"""The search, as sent into a box: standard library only, plus pytest and ruff where they are named."""
