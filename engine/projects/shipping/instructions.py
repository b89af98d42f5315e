"""Reads a Dockerfile as its reference has it: directives, comments, continued lines, flags, JSON forms, heredocs.

https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence

from engine.domain import Finding, Value
from engine.projects.shipping.wrong import listed, wrong

MOST_CHARACTERS = 30_000
MOST_INSTRUCTIONS = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DIRECTIVE = re.compile(r"#\s*(syntax|escape|check)\s*=\s*(\S.*?)\s*$", re.IGNORECASE)
_FLAG = re.compile(r"--([a-z][a-z-]*)(?:=(\S*))?(?:\s+|$)")
_HEREDOC = re.compile(r"<<(-?)(['\"]?)([A-Za-z_][A-Za-z0-9_]*)\2")
_FLAGS: Mapping[str, frozenset[str]] = {
    "FROM": frozenset({"platform"}),
    "RUN": frozenset({"mount", "network", "security", "device"}),
    "COPY": frozenset({"from", "chown", "chmod", "link", "parents", "exclude"}),
    "ADD": frozenset({"keep-git-dir", "checksum", "chown", "chmod", "link", "exclude", "unpack"}),
    "HEALTHCHECK": frozenset({"interval", "timeout", "start-period", "start-interval", "retries"}),
}
KNOWN = frozenset(
    """ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME
    WORKDIR""".split()
)
_LISTS = frozenset({"CMD", "ENTRYPOINT", "RUN", "SHELL", "VOLUME", "COPY", "ADD"})
"""May be written as a list of JSON."""
_DOCUMENTS = frozenset({"RUN", "COPY", "ADD"})
"""May be followed by heredocs."""


class Heredoc(Value):
    name: str
    text: str
    expands: bool
    """Whether variables in it are replaced: its name was not quoted."""


class Instruction(Value):
    name: str
    """In capitals."""
    line: int
    """Its first one, counted from 1."""
    flags: Mapping[str, str] = {}
    text: str
    """Its arguments in one line, without the flags."""
    words: tuple[str, ...] = ()
    """The arguments apart: of its list where it is one, else as a shell parts them."""
    is_list: bool = False
    """Written as a list of JSON."""
    heredocs: tuple[Heredoc, ...] = ()


class Parsed(Value):
    instructions: tuple[Instruction, ...] = ()
    faults: tuple[Finding, ...] = ()


class _Logical(Value):
    line: int
    text: str
    heredocs: tuple[Heredoc, ...]


def parse(path: str, text: str) -> Parsed:
    """The instructions of the Dockerfile *path*, and what of it is none."""
    if len(text) > MOST_CHARACTERS:
        return Parsed(
            faults=(wrong(path, None, "dockerfile/syntax", f"it is longer than {MOST_CHARACTERS:,} characters"),)
        )
    if unprintable := _CONTROL.search(text):
        line = text.count("\n", 0, unprintable.start()) + 1
        return Parsed(faults=(wrong(path, line, "dockerfile/syntax", "a control character stands here"),))
    instructions: list[Instruction] = []
    faults: list[Finding] = []
    for logical in _logical_lines(path, text.splitlines(), faults):
        instruction = _instruction(path, logical, faults)
        if instruction is not None:
            instructions.append(instruction)
    if len(instructions) > MOST_INSTRUCTIONS:
        message = f"it has {len(instructions)} instructions, and may have {MOST_INSTRUCTIONS}"
        return Parsed(faults=(wrong(path, None, "dockerfile/syntax", message),))
    return Parsed(instructions=tuple(instructions), faults=tuple(faults))


def _logical_lines(path: str, lines: Sequence[str], faults: list[Finding]) -> Iterator[_Logical]:
    """Lines that belong together as one, each with the heredocs that follow it."""
    escape = _escape(lines)
    at = 0
    while at < len(lines):
        first = at + 1
        pieces: list[str] = []
        while at < len(lines):
            stripped = lines[at].strip()
            at += 1
            if not stripped or stripped.startswith("#"):
                # between the lines of one instruction both are left out
                if not pieces:
                    break
                continue
            if not stripped.endswith(escape):
                pieces.append(stripped)
                break
            pieces.append(stripped[: -len(escape)].rstrip())
        whole = " ".join(piece for piece in pieces if piece)
        if not whole:
            continue
        heredocs: list[Heredoc] = []
        if whole.split(maxsplit=1)[0].upper() in _DOCUMENTS:
            for dash, quote, name in _HEREDOC.findall(_outside_quotes(whole)):
                text, end = _document(lines, at, name, tabs=bool(dash))
                if end is None:
                    faults.append(
                        wrong(
                            path,
                            first,
                            "dockerfile/syntax",
                            f"the heredoc {name} has no end: write {name} alone on a line",
                        )
                    )
                    return
                at = end
                heredocs.append(Heredoc(name=name, text=text, expands=not quote))
        yield _Logical(line=first, text=whole, heredocs=tuple(heredocs))


def _escape(lines: Sequence[str]) -> str:
    for line in lines:
        match = _DIRECTIVE.match(line.strip())
        if match is None:
            return "\\"
        if match[1].lower() == "escape" and match[2] == "`":
            return "`"
    return "\\"


def _outside_quotes(text: str) -> str:
    """*text* without what stands in quotes that begin a word, so that ``echo "<<EOF"`` is no heredoc."""
    return re.sub(r"(?<![<-])(?:(?<=\s)|(?<==))(\"[^\"]*\"|'[^']*')", '""', text)


def _document(lines: Sequence[str], at: int, name: str, *, tabs: bool) -> tuple[str, int | None]:
    taken: list[str] = []
    for number in range(at, len(lines)):
        line = lines[number].lstrip("\t") if tabs else lines[number]
        if line == name:
            return "".join(f"{each}\n" for each in taken), number + 1
        taken.append(line)
    return "", None


def _instruction(path: str, logical: _Logical, faults: list[Finding]) -> Instruction | None:
    word, _, rest = logical.text.partition(" ")
    name, rest, line = word.upper(), rest.strip(), logical.line
    if name not in KNOWN:
        faults.append(wrong(path, line, "dockerfile/instruction", f"{word[:60]!r} is no instruction of a Dockerfile"))
        return None
    flags: dict[str, str] = {}
    while match := _FLAG.match(rest):
        if name not in _FLAGS:
            break
        if match[1] not in _FLAGS[name]:
            known = listed(f"--{flag}" for flag in _FLAGS[name])
            faults.append(wrong(path, line, "dockerfile/flag", f"{name} has no flag --{match[1]}; it has {known}"))
        flags[match[1]] = match[2] or ""
        rest = rest[match.end() :]
    if not rest and not (name == "CMD" and logical.heredocs):
        faults.append(wrong(path, line, "dockerfile/syntax", f"{name} has no argument"))
        return None
    words, is_list = _words(path, name, rest, line, faults)
    return Instruction(
        name=name, line=line, flags=flags, text=rest, words=words, is_list=is_list, heredocs=logical.heredocs
    )


def _words(path: str, name: str, rest: str, line: int, faults: list[Finding]) -> tuple[tuple[str, ...], bool]:
    if name in _LISTS and rest.startswith("["):
        try:
            words = json.loads(rest)
        except (ValueError, RecursionError):
            words = None
        if isinstance(words, list) and all(isinstance(word, str) for word in words):
            return tuple(words), True
        # the engine would take it for a command of a shell, which no author means
        message = f"{name} begins with a bracket and is no list of JSON: quote each word with double quotes"
        faults.append(wrong(path, line, "dockerfile/syntax", message))
    try:
        return tuple(shlex.split(rest)), False
    except ValueError as error:
        faults.append(wrong(path, line, "dockerfile/syntax", f"{name}: {error}"))
        return tuple(rest.split()), False
