"""Names of files that every system can keep."""

from slugify import slugify


def file_name(title: str, suffix: str = "txt") -> str:
    return f"{slugify(title)}.{suffix}"


def is_plain(name: str) -> bool:
    return name == slugify(name)
