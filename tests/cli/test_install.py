"""`mendbox install`: every client's own words, nothing lost of what a file holds, and no secret in any."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from engine.cli.entry import enter
from engine.installing.clients import CLIENTS

KEY = "sk-secret-0123456789"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of its own, with a key in the environment and an engine elsewhere."""
    for name in ("CLAUDE_CONFIG_DIR", "XDG_CONFIG_HOME", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/another.sock")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "platform", "linux")
    return tmp_path


FILES = {
    "claude-code": ".claude.json",
    "claude-desktop": ".config/Claude/claude_desktop_config.json",
    "cursor": ".cursor/mcp.json",
    "vscode": ".config/Code/User/mcp.json",
    "gemini": ".gemini/settings.json",
}


def read(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text())


@pytest.mark.parametrize("client", FILES)
def test_each_client_is_told_how_to_start_the_server(
    client: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Printed unless asked to write; a command that works from any folder; the key's value nowhere."""
    assert enter(["install", client]) == 0
    printed = capsys.readouterr()
    assert not (home / FILES[client]).exists()

    assert enter(["install", client, "--write"]) == 0
    written = (home / FILES[client]).read_text()

    assert json.loads(printed.out) == json.loads(written)
    assert KEY not in printed.out + printed.err + written
    assert FILES[client] in printed.err
    assert "OPENAI_API_KEY" in printed.err
    (entry,) = json.loads(written)[CLIENTS[client].servers].values()
    assert Path(entry["command"]).is_absolute()
    assert entry["args"][-1] == "serve"
    assert entry["env"]["DOCKER_HOST"] == "unix:///run/another.sock"


@pytest.mark.parametrize(
    ("client", "key"),
    [("claude-code", "${OPENAI_API_KEY:-}"), ("cursor", "${env:OPENAI_API_KEY}"), ("gemini", "${OPENAI_API_KEY}")],
)
def test_a_key_is_handed_on_by_its_name(client: str, key: str, home: Path) -> None:
    """As the client writes a reference; and only a variable that is set."""
    enter(["install", client, "--write"])

    (entry,) = read(home / FILES[client])["mcpServers"].values()
    assert entry["env"]["OPENAI_API_KEY"] == key
    assert "ANTHROPIC_API_KEY" not in entry["env"]


@pytest.mark.parametrize(
    ("client", "file", "entry"),
    [
        pytest.param(
            "claude-code",
            ".mcp.json",
            {"type": "http", "url": "https://a.example/mcp", "headers": {"Authorization": "Bearer ${TOKEN:-}"}},
        ),
        pytest.param(
            "cursor",
            ".cursor/mcp.json",
            {"url": "https://a.example/mcp", "headers": {"Authorization": "Bearer ${env:TOKEN}"}},
        ),
        pytest.param(
            "gemini",
            ".gemini/settings.json",
            {"httpUrl": "https://a.example/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
        ),
        pytest.param(
            "vscode",
            ".vscode/mcp.json",
            {"type": "http", "url": "https://a.example/mcp", "headers": {"Authorization": "Bearer ${input:token}"}},
        ),
    ],
)
def test_a_server_elsewhere_is_named_by_its_address_and_its_token_by_its_variable(
    client: str, file: str, entry: dict[str, Any], home: Path
) -> None:
    """In the project's own file where that is asked for."""
    assert enter(["install", client, "--http", "https://a.example", "--bearer", "TOKEN", "--project", "--write"]) == 0

    written = read(home / file)
    assert written[CLIENTS[client].servers] == {"mendbox": entry}
    assert (client == "vscode") == ("inputs" in written)


def test_what_else_is_in_the_file_stays_and_a_copy_of_it_too(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The other servers, settings, the file's rights and a link to it; twice the same is not written twice."""
    real = home / "dotfiles.json"
    before = '{"theme": "dark", "mcpServers": {"other": {"command": "x"}, "mendbox": {"command": "old"}}, "é": 1e3}'
    real.write_text(before)
    real.chmod(0o640)
    linked = home / ".claude.json"
    linked.symlink_to(real)

    enter(["install", "claude-code", "--write"])
    told = capsys.readouterr().err
    enter(["install", "claude-code", "--write", "--json"])
    again = json.loads(capsys.readouterr().out)
    enter(["install", "claude-code", "--write", "--http", "http://127.0.0.1:8000"])

    after = read(linked)
    assert linked.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert (after["theme"], after["é"], after["mcpServers"]["other"]) == ("dark", 1000.0, {"command": "x"})
    assert after["mcpServers"]["mendbox"] == {"type": "http", "url": "http://127.0.0.1:8000/mcp"}
    assert (home / "dotfiles.json.before-mendbox").read_text() == before
    assert (home / "dotfiles.json.before-mendbox-2").exists()
    assert "dotfiles.json.before-mendbox" in told
    assert (again["written"], again["backup"]) == (False, None)
    assert sorted(path.name for path in home.iterdir() if path.name.startswith(".")) == [".claude.json"]


def test_an_input_of_another_server_is_kept(home: Path) -> None:
    """VS Code asks for each value once, however often it is installed."""
    file = home / ".vscode/mcp.json"
    file.parent.mkdir()
    file.write_text('\ufeff{"inputs": [{"id": "other"}]}')

    for port in (1, 2):
        enter(["install", "vscode", "--http", f"http://[::1]:{port}/x", "--bearer", "T", "--project", "--write"])

    assert [one["id"] for one in read(file)["inputs"]] == ["other", "t"]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("{ // a comment\n}", id="comments"),
        pytest.param('{"mcpServers": []}', id="a list of servers"),
        pytest.param("[1]", id="a list"),
        pytest.param('{"a": 1, "a": 2}', id="a name twice"),
        pytest.param("[" * 100_000, id="too deep"),
    ],
)
def test_a_file_that_is_not_understood_is_left_as_it_is(
    content: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, with what to do; and no copy lies around."""
    file = home / ".gemini/settings.json"
    file.parent.mkdir()
    file.write_text(content)

    assert enter(["install", "gemini", "--write"]) == 2

    assert file.read_text() == content
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]
    assert "nothing was changed" in capsys.readouterr().err


def test_inputs_that_are_no_list_are_left_as_they_are(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As any other file that is not understood."""
    (home / ".vscode").mkdir()
    (home / ".vscode/mcp.json").write_text('{"inputs": 1}')

    assert enter(["install", "vscode", "--http", "https://a.b", "--bearer", "T", "--project", "--write"]) == 2

    assert "no list" in capsys.readouterr().err


def test_bytes_that_are_no_text_and_a_folder_in_the_way_are_told(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each in a sentence, and nothing is written."""
    (home / ".claude.json").write_bytes(b"\xff\xfe")
    (home / ".cursor").write_text("")

    assert enter(["install", "claude-code", "--write"]) == 2
    assert enter(["install", "cursor", "--write"]) == 2

    assert capsys.readouterr().err.count("mcp.json") >= 1
    assert (home / ".claude.json").read_bytes() == b"\xff\xfe"


def test_an_empty_file_is_filled(home: Path) -> None:
    """Some clients make one when they start."""
    (home / ".claude.json").write_text("\n")

    assert enter(["install", "claude-code", "--write"]) == 0

    assert "mendbox" in read(home / ".claude.json")["mcpServers"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        pytest.param(["claude-desktop", "--http", "https://a.b"], "takes no addresses", id="no addresses"),
        pytest.param(["claude-desktop", "--project"], "no configuration of a project", id="no project"),
        pytest.param(["cursor", "--http", "a.b"], "no address of a server", id="no address"),
        pytest.param(["cursor", "--http", "https://me:secret@a.b"], "--bearer VARIABLE", id="a password"),
        pytest.param(["cursor", "--http", "http://a.b"], "https://", id="in the clear"),
        pytest.param(["cursor", "--http", "https://a.b", "--bearer", KEY], "never a token", id="a token itself"),
        pytest.param(["cursor", "--bearer", "TOKEN"], "goes with --http", id="a token for a pipe"),
        pytest.param(["emacs"], "invalid choice", id="an unknown client"),
    ],
)
def test_what_cannot_be_told_a_client_is_refused(
    words: list[str], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 2, and no secret is said again."""
    assert enter(["install", *words]) == 2

    told = capsys.readouterr()
    assert why in told.err
    assert "secret" not in told.out + told.err
