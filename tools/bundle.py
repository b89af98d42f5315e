"""Build dist/mendbox-VERSION.mcpb: what Claude Desktop and other hosts of MCP bundles install with a double click.

The bundle holds this source and a manifest of the form 0.4, whose hosts bring uv along: it makes the environment from
pyproject.toml when the bundle is first used. Equal sources give equal bundles.

Usage: python -m tools.bundle [FOLDER]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

from engine.desk import Desk
from engine.settings import Settings
from server import create_server
from serving.discovery.card import DESCRIPTION, TITLE

ROOT = Path(__file__).parents[1]
FOLDERS = ("agents", "engine", "images", "sandboxes", "serving")
FILES = ("server.py", "pyproject.toml", "README.md")
LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The earliest date that a zip file can hold: when a file was changed is no part of what it is."""


async def manifest() -> dict[str, object]:
    """With the tools as they are listed to clients."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    tools = await create_server(Desk(Settings())).list_tools(run_middleware=False)
    return {
        "manifest_version": "0.4",
        "name": project["name"],
        "display_name": TITLE,
        "version": project["version"],
        "description": DESCRIPTION,
        "long_description": f"{project['description']} Needs a Docker Engine, and no key: a model is asked only where one is set.",
        "author": {"name": "Mendbox"},
        "server": {
            "type": "uv",
            "entry_point": "server.py",
            "mcp_config": {
                "command": "uv",
                "args": ["run", "--directory", "${__dirname}", "mendbox", "serve"],
                "env": {
                    "OPENAI_API_KEY": "${user_config.openai_api_key}",
                    "ANTHROPIC_API_KEY": "${user_config.anthropic_api_key}",
                    "DOCKER_HOST": "${user_config.docker_host}",
                },
            },
        },
        "tools": [{"name": tool.name, "description": _first_sentence(tool.description)} for tool in tools],
        "user_config": {
            "docker_host": _asked("Docker Engine", "DOCKER_HOST of the engine; empty for the usual local one"),
            "openai_api_key": _asked("OpenAI key", "For a model of OpenAI as author; may be empty", sensitive=True),
            "anthropic_api_key": _asked("Anthropic key", "For a Claude as author; may be empty", sensitive=True),
        },
        "compatibility": {"platforms": ["darwin", "linux"], "runtimes": {"python": project["requires-python"]}},
    }


def build(folder: Path) -> Path:
    """Write the bundle into *folder*; the path of it."""
    told = asyncio.run(manifest())
    folder.mkdir(parents=True, exist_ok=True)
    bundle = folder / f"{told['name']}-{told['version']}.mcpb"
    with zipfile.ZipFile(bundle, "w") as archive:
        _put(archive, "manifest.json", (json.dumps(told, indent=2) + "\n").encode())
        for path in sources():
            _put(archive, path.relative_to(ROOT).as_posix(), path.read_bytes())
    return bundle


def sources() -> Iterator[Path]:
    """Every file that the installed program is made of, in one order."""
    yield from (ROOT / name for name in FILES)
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                yield path


def _put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, content)


def _asked(title: str, description: str, *, sensitive: bool = False) -> dict[str, object]:
    return {"type": "string", "title": title, "description": description, "default": "", "sensitive": sensitive}


def _first_sentence(text: str | None) -> str:
    return f"{' '.join((text or '').split()).partition('. ')[0].rstrip('.')}."


if __name__ == "__main__":
    sys.stdout.write(f"{build(Path(sys.argv[1]) if sys.argv[1:] else ROOT / 'dist')}\n")
