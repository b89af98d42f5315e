"""What a manifest's test script says of how node:test is run: flags, variables, files; or what else runs the tests."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping

from engine.domain import Value

MOST_STEPS = 5
"""How often one script may lead to another."""
OTHERS = frozenset(
    "vitest jest mocha ava tap jasmine karma cypress playwright uvu lab qunit web-test-runner wtr".split()
)
"""Programs that run tests in a way of their own."""
_WRAPPERS = frozenset({"npx", "cross-env", "c8", "nyc", "exec", "env", "dotenv"})
_WITH_VALUE = frozenset({"--import", "--require", "-r", "--loader", "--experimental-loader", "--conditions", "-C"})
_ALONE = re.compile(
    r"--(?:experimental-(?!test-coverage|test-snapshots)[\w-]+|no-warnings|enable-source-maps|expose[-_]gc|harmony[\w-]*"
    r"|disable-warning=.*|max-old-space-size=\d+|stack-size=\d+|no-experimental-[\w-]+)"
)
_OPTION_WITH_VALUE = frozenset(
    {"--test-reporter", "--test-reporter-destination", "--test-name-pattern", "--test-timeout"}
)
_VARIABLE = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)


class Script(Value):
    """How the tests are run, as far as the manifest says it."""

    runs_node_test: bool = False
    other: str = ""
    """The program that runs them, where it is another."""
    flags: tuple[str, ...] = ()
    """Of the process that a file of tests runs in."""
    environment: Mapping[str, str] = {}
    patterns: tuple[str, ...] = ()
    """Files, folders and globs that hold the tests; none where Node.js looks for them itself."""


def read_script(scripts: Mapping[str, object]) -> Script:
    """What ``scripts.test`` comes to, through the other scripts that it names."""
    return next(_found(scripts, "test", MOST_STEPS), Script())


def _found(scripts: Mapping[str, object], name: str, left: int) -> Iterator[Script]:
    text = scripts.get(name)
    for command in _commands(text) if isinstance(text, str) and left else ():
        environment, words = _unwrapped(command)
        if not words:
            continue
        program = words[0].rpartition("/")[2]
        if program in {"npm", "yarn", "pnpm"} and len(words) > 1:
            yield from _found(scripts, words[2] if words[1] == "run" and len(words) > 2 else words[1], left - 1)
        elif program == "node" and "--test" in words:
            yield _of_node(words[1:], environment)
        elif program in OTHERS or (program == "node" and any(_names_other(word) for word in words[1:])):
            yield Script(other=program if program in OTHERS else next(filter(None, map(_names_other, words[1:]))))


def _commands(text: str) -> Iterator[list[str]]:
    """The commands of a line of a shell, without what is done with what they print."""
    lexer = shlex.shlex(text, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    found: list[str] = []
    try:
        for word in lexer:
            if set(word) <= set("&|;"):
                yield found
                found = []
            else:
                found.append(word)
    except ValueError:  # a quotation without an end
        return
    yield found


def _unwrapped(words: list[str]) -> tuple[dict[str, str], list[str]]:
    environment: dict[str, str] = {}
    while words:
        if variable := _VARIABLE.fullmatch(words[0]):
            environment[variable[1]] = variable[2]
        elif words[0] not in _WRAPPERS and not words[0].startswith("-"):
            break
        words = words[1:]
    return environment, words


def _names_other(word: str) -> str:
    found = re.search(r"node_modules/(?:\.bin/)?([\w-]+)", word)
    return found[1] if found and found[1] in OTHERS else ""


def _of_node(words: list[str], environment: Mapping[str, str]) -> Script:
    flags: list[str] = []
    patterns: list[str] = []
    rest = iter(words)
    for word in rest:
        option = word.partition("=")[0]
        if option in _WITH_VALUE:
            flags += [word] if "=" in word else [word, next(rest, "")]
        elif _ALONE.fullmatch(word):
            flags.append(word)
        elif word in _OPTION_WITH_VALUE:
            next(rest, "")
        elif not word.startswith("-"):
            patterns.append(word.removeprefix("./"))
    return Script(
        runs_node_test=True, flags=tuple(flags), environment=dict(environment), patterns=tuple(filter(None, patterns))
    )


def matches(name: str, patterns: tuple[str, ...]) -> bool:
    """Whether one of *patterns*, as Node.js takes them, means the file *name* or a folder above it."""
    return any(re.fullmatch(_expression(pattern.rstrip("/")) + r"(?:/.*)?", name) for pattern in patterns)


def _expression(pattern: str) -> str:
    found, depth = "", 0
    for part in re.findall(r"\*\*/|\*\*|\*|\?|\{|\}|,|[^*?{},]+", pattern):
        if part == "{":
            found, depth = found + "(?:", depth + 1
        elif part == "}" and depth:
            found, depth = found + ")", depth - 1
        elif part == "," and depth:
            found += "|"
        else:
            found += {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(part, re.escape(part))
    return found + ")" * depth
