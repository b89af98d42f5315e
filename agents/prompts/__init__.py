"""Prompts are files, filled strictly; whatever is data stands in a fence that it cannot close."""

from __future__ import annotations

import json
import re
from importlib import resources

_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")


class PromptMismatch(ValueError):
    """A prompt file and the values given for it do not fit together."""


def fill(name: str, **values: str) -> str:
    """The prompt ``NAME.md`` with every ``{{placeholder}}`` replaced by its value, in one pass.

    What looks like a placeholder inside a value stays as it is.

    Raises:
        PromptMismatch: A placeholder has no value, or a value no placeholder.
    """
    template = resources.files("agents.prompts").joinpath(f"{name}.md").read_text("utf-8").strip()
    wanted = set(_PLACEHOLDER.findall(template))
    if wanted != set(values):
        missing, surplus = sorted(wanted - set(values)), sorted(set(values) - wanted)
        raise PromptMismatch(f"prompt {name!r}: missing {missing}, surplus {surplus}")
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def fence(label: str, text: str) -> str:
    """*text* as a block of data under *label*, in a run of backticks longer than any inside it.

    The label may hold a file name of anybody's choosing, so it is shown as a JSON string on one line.
    """
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    bar = "`" * max(3, longest + 1)
    return (
        f"DATA {json.dumps(label, ensure_ascii=False)}:\n{bar}\n{text}{'' if text.endswith(chr(10)) else chr(10)}{bar}"
    )


def excerpt(text: str, limit: int) -> str:
    """Head and tail of *text*, at most *limit* characters and the mark that says what is left out."""
    if len(text) <= limit:
        return text
    head, tail = limit // 2, limit - limit // 2
    return f"{text[:head]}\n[... {len(text) - limit} characters left out ...]\n{text[-tail:]}"
