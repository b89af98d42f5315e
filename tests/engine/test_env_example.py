"""`.env.example` names every setting once, with the default that it has, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import AliasChoices
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine.settings import Settings

LINE = re.compile(r"^# ([A-Z][A-Z0-9_]*)=(.*)$", re.MULTILINE)
SHOWN = LINE.findall((Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8"))


def names_of(field: str, info: FieldInfo) -> set[str]:
    """Every variable by which *field* can be set."""
    alias = info.validation_alias
    said = {str(choice) for choice in alias.choices} if isinstance(alias, AliasChoices) else set()
    return said or {f"MENDBOX_{field.upper()}"}


def in_words(default: object) -> str:
    """A default as a variable has it; empty for what is found out, or is not set."""
    if default in (None, PydanticUndefined, ()):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return ",".join(default) if isinstance(default, tuple) else str(default)


@pytest.mark.parametrize(("field", "info"), Settings.model_fields.items(), ids=list(Settings.model_fields))
def test_every_setting_is_shown_with_its_default(field: str, info: FieldInfo):
    """By exactly one of its names: a reader copies the line and changes what stands there."""
    found = [(name, value) for name, value in SHOWN if name in names_of(field, info)]

    assert len(found) == 1, f"add a line such as: # {min(names_of(field, info))}={in_words(info.default)}"
    assert found[0][1] == in_words(info.default)


def test_no_line_is_about_what_is_not_there():
    """A variable that nothing reads would be a promise."""
    known = set().union(*(names_of(field, info) for field, info in Settings.model_fields.items()))

    assert [name for name, _ in SHOWN if name not in known] == []


def test_what_is_shown_can_be_set(monkeypatch: pytest.MonkeyPatch):
    """All lines taken at their word make the settings that hold without any."""
    for field, info in Settings.model_fields.items():
        for name in names_of(field, info) | {f"MENDBOX_{field.upper()}"}:
            monkeypatch.delenv(name, raising=False)
    before = Settings()
    for name, value in SHOWN:
        monkeypatch.setenv(name, value)

    assert Settings() == before
