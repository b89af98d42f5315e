"""What a project has set for pytest, from the file that pytest itself would take it from."""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Callable, Mapping

import iniconfig

from engine.domain import Value

FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
"""The first of these that has settings counts, and none besides: pytest's own order."""
_WORDS = frozenset(
    """norecursedirs testpaths usefixtures python_files python_classes python_functions doctest_optionflags
    required_plugins addopts pythonpath""".split()
)
"""Options of which pytest splits the text into words; those that are lists otherwise have one item a line."""


class Configuration(Value):
    """Settings of pytest by name."""

    source: str = ""
    """Name of the file they came from; empty where no file has any."""
    options: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()

    def words(self, name: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The words of an option."""
        return split(self.options[name]) if name in self.options else default


def read_configuration(files: Mapping[str, str], *, folder: str = "", only: str = "") -> Configuration:
    """The settings of the files in *folder*, a prefix such as ``packages/a/``; with *only*, of that file alone."""
    names = (only,) if only else tuple(folder + name for name in FILES)
    for name in names:
        if name not in files:
            continue
        try:
            options = _reader(name)(files[name])
        except (iniconfig.ParseError, tomllib.TOMLDecodeError, ValueError) as error:
            return Configuration(notes=(f"the settings in {name!r} cannot be read: {str(error).splitlines()[0]}",))
        if options is not None:
            return Configuration(source=name, options=options)
    return Configuration()


def split(text: str) -> tuple[str, ...]:
    """The words of *text*, as a shell takes them."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


def sections(text: str) -> Mapping[str, Mapping[str, str]]:
    """Sections of an ini file; empty where it cannot be read."""
    try:
        parsed = iniconfig.IniConfig("", data=text)
    except iniconfig.ParseError:
        return {}
    return {section.name: dict(section.items()) for section in parsed}


def table(text: str, *path: str) -> Mapping[str, object]:
    """The table at *path* of a TOML document; empty where there is none, or the document cannot be read."""
    try:
        found: object = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


_Reader = Callable[[str], Mapping[str, str] | None]


def _reader(name: str) -> _Reader:
    last = name.rpartition("/")[2]
    readers: Mapping[str, _Reader] = {
        "pyproject.toml": _of_pyproject,
        "pytest.ini": lambda text: _of_ini(text, "pytest") or {},
        ".pytest.ini": lambda text: _of_ini(text, "pytest") or {},
    }
    if last in readers:
        return readers[last]
    if last.endswith(".toml"):
        return _of_pytest_toml
    return lambda text: _of_ini(text, "tool:pytest" if last.endswith(".cfg") else "pytest")


def _of_ini(text: str, section: str) -> Mapping[str, str] | None:
    parsed = iniconfig.IniConfig("", data=text)
    return dict(parsed[section].items()) if section in parsed else None


def _of_pytest_toml(text: str) -> Mapping[str, str]:
    return _texts(tomllib.loads(text).get("pytest", {}))


def _of_pyproject(text: str) -> Mapping[str, str] | None:
    found = tomllib.loads(text).get("tool", {}).get("pytest", {})
    native = {name: value for name, value in found.items() if name != "ini_options"}
    if native:
        return _texts(native)
    return _texts(found["ini_options"]) if "ini_options" in found else None


def _texts(options: object) -> Mapping[str, str]:
    """Options of a TOML table as an ini file would have them."""
    if not isinstance(options, dict):
        raise ValueError("what pytest's settings should be is no table")  # noqa: TRY004 (a TOML file's fault, like others)
    return {str(name): _text(str(name), value) for name, value in options.items()}


def _text(name: str, value: object) -> str:
    if isinstance(value, list):
        items = [str(item) for item in value]
        return "\n".join(shlex.quote(item) for item in items) if name in _WORDS else "\n".join(items)
    return str(value).lower() if isinstance(value, bool) else str(value)
