"""The most used words of a text."""

import re

WORD = re.compile(r"[a-z']+")


def words(text):
    return WORD.findall(text.lower())


def most_used(text, most=3):
    """The *most* used words with their counts; where counts are equal, in alphabetical order."""
    counts = Counter(words(text))
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def variety(text):
    """Different words per word, between 0 and 1; 0 for an empty text."""
    found = words(text)
    return len(set(found)) / len(found) if found else 0
