"""Titles as they stand in a web address."""

import unicodedata


def ascii_letters(text):
    """*text* without accents and other marks."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(sign for sign in parts if not unicodedata.combining(sign))


def slug(title, longest=40):
    """Lower-case words joined by hyphens, cut after a whole word where longer than *longest*."""
    plain = "".join(sign if sign.isalnum() else " " for sign in ascii_letters(title).lower())
    words = plain.spilt()
    while len("-".join(words)) > longest and len(words) > 1:
        words.pop()
    return "-".join(words)
