"""The MCP clients that can be set up: where each keeps its configuration, and how a server is written in it.

Sources, as read in November 2026: the MCP pages of Claude Code's, Cursor's, VS Code's and Gemini CLI's documentation,
and the quickstart of the protocol for Claude Desktop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import platformdirs
from pydantic import JsonValue

from engine.domain import Value
from engine.errors import BadInput
from engine.signin import is_this_machine

NAME = "mendbox"
"""What the server is called in every file."""
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY")
"""Variables with secrets that a model as author needs."""

Entry = dict[str, JsonValue]


class Wanted(Value):
    """The server to write down: a command that a client starts, or the address of one that runs."""

    command: tuple[str, ...] = ()
    url: str | None = None
    bearer: str | None = None
    """The variable whose value is sent as the token, where there is one."""
    keys: tuple[str, ...] = ()
    """The variables that a started server shall have beside the usual ones."""
    plain: tuple[tuple[str, str], ...] = ()
    """Variables without a secret, with their values."""


class Client(Value):
    name: str
    title: str
    servers: str
    """The member of the file that holds the servers."""
    home: Callable[[Mapping[str, str]], Path]
    """The user's own file, by the environment."""
    project: str | None
    """The file of a project, relative to its folder."""
    reference: str | None
    """How a value names a variable of the environment; None where it cannot."""
    typed: bool = True
    """Whether an entry says what kind it is."""
    address: str | None = "url"
    """The member with the address; None where the file takes only commands."""
    then: str = ""
    """What the person does after the file is written."""

    def entry(self, wanted: Wanted) -> Entry:
        """*wanted* in this client's words.

        Raises:
            BadInput: The client's file takes no addresses.
        """
        if wanted.url is None:
            command, *arguments = wanted.command
            entry: Entry = {"type": "stdio"} if self.typed else {}
            entry |= {"command": command, "args": [*arguments]}
            environment = dict(wanted.plain)
            if self.reference is not None:
                environment |= {key: self.reference.format(key) for key in wanted.keys}
            return entry | ({"env": {**environment}} if environment else {})
        if self.address is None:
            raise BadInput(
                f"{self.title}'s file takes no addresses",
                hint=f"add {wanted.url} in its settings, under Connectors; or leave --http out",
            )
        entry = {"type": "http"} if self.typed else {}
        entry[self.address] = wanted.url
        if wanted.bearer is not None:
            token = _asked(wanted.bearer) if self.reference is None else self.reference.format(wanted.bearer)
            entry["headers"] = {"Authorization": f"Bearer {token}"}
        return entry

    def inputs(self, wanted: Wanted) -> list[JsonValue]:
        """What the client has to ask the person for, where its file cannot name a variable."""
        if self.reference is not None or wanted.bearer is None or wanted.url is None:
            return []
        return [
            {
                "type": "promptString",
                "id": _input(wanted.bearer),
                "description": f"Mendbox: the value of {wanted.bearer}",
                "password": True,
            }
        ]


def address(said: str) -> str:
    """The address of the MCP endpoint at *said*.

    Raises:
        BadInput: It is none, it holds a password, or what is sent there could be read on the way.
    """
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise BadInput(f"{said!r} is no address of a server", hint="such as https://mendbox.example.com/mcp")
    if parts.username or parts.password:
        raise BadInput(
            "the address holds a name or password, which would be written down", hint="use --bearer VARIABLE"
        )
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise BadInput(f"{said!r} could be read by others on the way", hint="use https://")
    return said if parts.path.strip("/") else f"{said.rstrip('/')}/mcp"


def _settings_of(application: str) -> Path:
    return platformdirs.user_config_path(application, appauthor=False, roaming=True)


def _claude_code(environment: Mapping[str, str]) -> Path:
    folder = environment.get("CLAUDE_CONFIG_DIR")
    return (Path(folder) if folder else Path.home()) / ".claude.json"


def _asked(variable: str) -> str:
    return f"${{input:{_input(variable)}}}"


def _input(variable: str) -> str:
    return variable.lower().replace("_", "-")


CLIENTS = {
    client.name: client
    for client in (
        Client(
            name="claude-code",
            title="Claude Code",
            servers="mcpServers",
            home=_claude_code,
            project=".mcp.json",
            # A variable that is not set gives nothing, and not its name.
            reference="${{{}:-}}",
            then="start Claude Code again; /mcp shows the server",
        ),
        Client(
            name="claude-desktop",
            title="Claude Desktop",
            servers="mcpServers",
            home=lambda _: _settings_of("Claude") / "claude_desktop_config.json",
            project=None,
            reference=None,
            typed=False,
            address=None,
            then="quit Claude Desktop and start it again",
        ),
        Client(
            name="cursor",
            title="Cursor",
            servers="mcpServers",
            home=lambda _: Path.home() / ".cursor/mcp.json",
            project=".cursor/mcp.json",
            reference="${{env:{}}}",
            typed=False,
            then="start Cursor again, and switch the server on under MCP",
        ),
        Client(
            name="vscode",
            title="VS Code",
            servers="servers",
            home=lambda _: _settings_of("Code") / "User/mcp.json",
            project=".vscode/mcp.json",
            reference=None,
            then="run the command MCP: List Servers, and start it",
        ),
        Client(
            name="gemini",
            title="Gemini CLI",
            servers="mcpServers",
            home=lambda _: Path.home() / ".gemini/settings.json",
            project=".gemini/settings.json",
            reference="${{{}}}",
            typed=False,
            address="httpUrl",
            then="start Gemini CLI again; /mcp shows the server",
        ),
    )
}
