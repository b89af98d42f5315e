"""Grouping words that are made of the same letters."""


def groups(words):
    """Lists of words with the same letters, longest list first."""
    return words
