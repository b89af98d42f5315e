"""The settings of the sign-in: a mistake in one is a line that names it, and shows no token."""

from __future__ import annotations

import json

import pytest

from engine.errors import BadSetting
from engine.settings import load_settings

TOKEN = "a-token-of-the-tests-0123456789"


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        pytest.param("MENDBOX_BEARER_TOKEN", "short", "20 characters", id="short"),
        pytest.param("MENDBOX_BEARER_TOKEN", f"{TOKEN} x", "no spaces", id="spaces"),
        pytest.param("MENDBOX_BEARER_TOKENS", TOKEN, "must be JSON such as", id="no JSON"),
        pytest.param("MENDBOX_BEARER_TOKENS", json.dumps([TOKEN]), "JSON object", id="a list"),
        pytest.param("MENDBOX_BEARER_TOKENS", json.dumps({"a b": TOKEN}), "names have", id="name"),
        pytest.param("MENDBOX_BEARER_TOKENS", json.dumps({"owner": TOKEN}), "owner is the name of", id="taken name"),
        pytest.param("MENDBOX_BEARER_TOKENS", json.dumps({"ann": 5}), "ann has no token", id="no token"),
        pytest.param(
            "MENDBOX_BEARER_TOKENS", json.dumps({"ann": {"token": TOKEN, "scopes": "x"}}), "no list", id="scopes"
        ),
        pytest.param(
            "MENDBOX_BEARER_TOKENS", json.dumps({"ann": {"token": TOKEN, "scopes": ["root"]}}), "must be of", id="scope"
        ),
        pytest.param("MENDBOX_BEARER_TOKENS", json.dumps({"ann": TOKEN, "bob": TOKEN}), "another token", id="twice"),
        pytest.param("MENDBOX_PUBLIC_URL", "mendbox.example.com", "must be an address", id="no address"),
        pytest.param("MENDBOX_PUBLIC_URL", "http://mendbox.example.com", "must begin with https://", id="no TLS"),
        pytest.param("MENDBOX_UNKNOWN_SCOPES", "everything", "must be of mendbox:read", id="unknown scope"),
        pytest.param("MENDBOX_OIDC_ALGORITHM", "HS256", "RS256", id="shared secret"),
    ],
)
def test_a_mistake_is_told_without_the_token(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
) -> None:
    """In one line, before anything listens."""
    monkeypatch.setenv(variable, value)
    with pytest.raises(BadSetting) as caught:
        load_settings()

    assert caught.value.name == variable
    assert said in str(caught.value)
    assert TOKEN not in str(caught.value)


def test_every_token_is_a_secret_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that the logs take it out, whichever way it was written."""
    monkeypatch.setenv("MENDBOX_BEARER_TOKEN", "one" * 10)
    monkeypatch.setenv("MENDBOX_BEARER_TOKENS", json.dumps({"ann": TOKEN, "bob": {"token": "two" * 10}}))
    monkeypatch.setenv("MENDBOX_ALLOWED_HOSTS", "a.example, b.example")
    settings = load_settings()

    assert {"one" * 10, "two" * 10, TOKEN} <= set(settings.secrets)
    assert [(bearer.name, len(bearer.scopes)) for bearer in settings.bearers] == [("owner", 3), ("ann", 2), ("bob", 2)]
    assert settings.allowed_hosts == ("a.example", "b.example")
    assert settings.guarded
    assert TOKEN not in repr(settings)
