"""The files of one component in JavaScript, and where an import of theirs leads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from posixpath import normpath

from pydantic import JsonValue

from engine.projects.agreeing.javascript.imports import Module, module_of
from engine.projects.agreeing.javascript.sources import is_source, tokens_of_file
from engine.projects.agreeing.javascript.tokens import Tokens
from engine.projects.agreeing.parts import shown

_ENDINGS = (".ts", ".tsx", ".d.ts", ".js", ".jsx", ".mts", ".mjs", ".cts", ".cjs", ".json", ".vue")
_WRITTEN_FOR = {
    ".js": (".ts", ".tsx", ".d.ts"),
    ".jsx": (".tsx",),
    ".mjs": (".mts", ".d.mts"),
    ".cjs": (".cts", ".d.cts"),
}
"""What TypeScript finds for the file that will be there once it is compiled."""
_COMMENT_OF_JSON = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/')
_MOST_OF_OPTIONS = 20_000
"""Characters of a configuration that is looked at."""
_MOST_PREFIXES = 300
"""Of which it is asked what stands for them; of more, nothing is said."""
_MOST_READ = 2_000_000
"""Characters of all files that are read."""


class JsModules:
    """All of *files*, by path from the component's folder."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.read: dict[str, Tokens] = {}
        self.modules: dict[str, Module] = {}
        self._shown: dict[str, str] = {}
        self._told_of: dict[str, bool] = {}
        self._known: dict[str, frozenset[str] | None] = {}
        read = 0
        for path, text in sorted(files.items()):
            read += len(text) if is_source(path) else 0
            if is_source(path) and read <= _MOST_READ and (tokens := tokens_of_file(path, text)) is not None:
                self.read[path] = tokens
                self.modules[path] = module_of(tokens)

    @cached_property
    def manifest(self) -> Mapping[str, JsonValue] | None:
        """``package.json``; None where there is none, or it is no object."""
        try:
            found = json.loads(self.files.get("package.json", ""))
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @cached_property
    def declared(self) -> frozenset[str]:
        """Packages that the manifest names, whatever for."""
        named: set[str] = set()
        for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies"):
            listed = (self.manifest or {}).get(key)
            named |= set(listed) if isinstance(listed, dict) else set()
        return frozenset(named)

    @property
    def is_esm(self) -> bool:
        return (self.manifest or {}).get("type") == "module"

    @cached_property
    def ambient(self) -> frozenset[str]:
        return frozenset(name for module in self.modules.values() for name in module.ambient)

    @cached_property
    def aliases(self) -> Mapping[str, tuple[str, ...]]:
        """What ``paths`` of a tsconfig says: folders by prefix, both with a slash at their end."""
        found: dict[str, tuple[str, ...]] = {}
        for path, text in self.files.items():
            if len(text) > _MOST_OF_OPTIONS or not re.fullmatch(r"[jt]sconfig[\w.]*\.json", path):
                continue
            options = _object(_object(_json_with_comments(text)).get("compilerOptions"))
            base = options.get("baseUrl")
            for pattern, places in _object(options.get("paths")).items():
                listed = [str(place) for place in places] if isinstance(places, list) else []
                if pattern.endswith("/*") and all(place.endswith("/*") for place in listed):
                    found[pattern[:-1]] = tuple(_joined(str(base or "."), place[:-1]) for place in listed)
        return found

    @cached_property
    def _configuration(self) -> str | None:
        """Texts of all files that may say where a module is; None where one is too long to be looked at."""
        said = [
            text for path, text in self.files.items() if "config" in path.rpartition("/")[2] or path == "package.json"
        ]
        return None if any(len(text) > _MOST_OF_OPTIONS for text in said) else "\n".join(said)

    def is_told_of(self, prefix: str) -> bool:
        """Whether some configuration says something of *prefix*, such as ``@`` or ``~``."""
        if self._configuration is None or len(self._told_of) > _MOST_PREFIXES:
            return True
        if prefix not in self._told_of:
            said = re.compile(rf"""["'/^]{re.escape(prefix)}(?:["'/]|\\/)|\b{re.escape(prefix)}\s*:""")
            self._told_of[prefix] = said.search(self._configuration) is not None
        return self._told_of[prefix]

    def beside(self, importer: str, module: str) -> str | None:
        """The file that the relative *module* leads to, as bundlers and compilers find it; None where there is none."""
        folder = importer.rpartition("/")[0]
        place = _joined(folder, module.split("?", maxsplit=1)[0].split("#", maxsplit=1)[0])
        # a folder with a manifest says itself what it is loaded from
        return self.at(place) or next(
            (path for path in (f"{place}/package.json".lstrip("/"),) if path in self.files), None
        )

    def at(self, place: str) -> str | None:
        return next((path for path in _candidates(place) if path in self.files), None)

    def aliased(self, module: str) -> tuple[bool, str | None]:
        """Whether a tsconfig says where *module* is; and the file."""
        for prefix, folders in self.aliases.items():
            if module.startswith(prefix):
                found = (self.at(_joined(folder, module.removeprefix(prefix))) for folder in folders)
                return True, next((path for path in found if path is not None), None)
        return False, None

    def names(self, path: str) -> frozenset[str] | None:
        """All names that the file exports; None where they are not all known."""
        if path not in self._known:
            self._known[path] = self._names(path)
        return self._known[path]

    def shown(self, path: str) -> str:
        """Some of its names, for a message."""
        if path not in self._shown:
            self._shown[path] = shown(self.names(path) or ())
        return self._shown[path]

    def _names(self, path: str) -> frozenset[str] | None:
        """Its own, and all that it passes on."""
        found: set[str] = set()
        seen = {path}
        left = [path]
        while left:
            each = left.pop()
            module = self.modules.get(each)
            if (
                module is None
                or module.opened
                or not is_source(each)
                or each.endswith(".vue")
                or self._is_described(each)
            ):
                return None
            found |= module.exports if each == path else module.exports - {"default"}
            targets = [self.beside(each, star) if star.startswith(".") else None for star in module.stars]
            if None in targets:
                return None
            more = {target for target in targets if target is not None} - seen
            seen |= more
            left += more
        return frozenset(found)

    def _is_described(self, path: str) -> bool:
        """Whether the compiler reads declarations in its place, or it is one of them."""
        stem = path.rpartition(".")[0]
        return stem.endswith(".d") or any(f"{stem}.d.{ending}" in self.files for ending in ("ts", "mts", "cts"))

    def reached(self, entry: str) -> Iterator[str]:
        """The files that are loaded once *entry* runs, as far as their imports are found."""
        seen = {entry}
        left = [entry]
        while left:
            path = left.pop()
            yield path
            for each in self.modules[path].imports if path in self.modules else ():
                if each.types or each.late or not each.module.startswith("."):
                    continue
                target = self.beside(path, each.module)
                if target is not None and target not in seen:
                    seen.add(target)
                    left.append(target)


def _candidates(place: str) -> Iterator[str]:
    yield place
    for ending, written in _WRITTEN_FOR.items():
        if place.endswith(ending):
            yield from (place.removesuffix(ending) + each for each in written)
    yield from (place + ending for ending in _ENDINGS)
    index = f"{place}/index" if place else "index"
    yield from (index + ending for ending in _ENDINGS)


def _joined(folder: str, path: str) -> str:
    """Without dots; what leads out of the component begins with two."""
    joined = normpath(f"{folder}/{path}" if folder else path)
    return "" if joined == "." else joined.removeprefix("./")


def _json_with_comments(text: str) -> JsonValue:
    plain = _COMMENT_OF_JSON.sub(lambda match: match[0] if match[0][0] == '"' else "", text)
    try:
        found: JsonValue = json.loads(re.sub(r",(\s*[}\]])", r"\1", plain))
    except (ValueError, RecursionError):
        return None
    return found


def _object(value: JsonValue) -> Mapping[str, JsonValue]:
    return value if isinstance(value, dict) else {}


def package_of(module: str) -> str:
    """The package whose part *module* is: ``@scope/name`` or ``name``."""
    parts = module.split("/")
    return "/".join(parts[:2]) if module.startswith("@") else parts[0]


def types_of(package: str) -> str:
    """Where the types of a package are that has none of its own."""
    return f"@types/{package.removeprefix('@').replace('/', '__')}"


def is_named(names: Iterable[str], package: str) -> bool:
    return package in names or types_of(package) in names
