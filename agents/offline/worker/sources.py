"""The files under repair, each parsed when it is first asked for: of a large project most never are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .source import Source

FEW = 30
"""Files up to which all of them are looked at, whatever the tests ran."""


class Sources(Mapping[str, Source]):
    """Those that are Python and parse, by path."""

    def __init__(self, files: Mapping[str, str]) -> None:
        """Keep the *files* by path, other ones among them."""
        self.texts = {path: text for path, text in files.items() if path.endswith(".py")}
        self._parsed: dict[str, Source | None] = {}

    def __getitem__(self, path: str) -> Source:
        """Raises KeyError for one that is not there, or does not parse."""
        if path not in self._parsed:
            try:
                self._parsed[path] = Source(path, self.texts[path])
            except (SyntaxError, ValueError, RecursionError):
                self._parsed[path] = None
        source = self._parsed[path]
        if source is None:
            raise KeyError(path)
        return source

    def __iter__(self) -> Iterator[str]:
        return iter(self.texts)

    def __len__(self) -> int:
        return len(self.texts)
