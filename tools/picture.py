"""Draws docs/healed.svg: what `mendbox fix` really prints on an example, as a terminal shows it."""

import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

EXAMPLE = "swapped_argument"
WIDTH = 104


def shown(raw: str) -> str:
    """What a terminal shows in the end, of lines that were drawn over one another."""
    lines: list[str] = []
    for line in raw.replace("\x1b[?25l", "").replace("\x1b[?25h", "").split("\n"):
        if "\x1b[1A" in line:
            lines.pop()
        lines.append(line.rpartition("\x1b[2K")[2])
    return "\n".join(line for line in lines if line.strip())


def main() -> None:
    root = Path(__file__).resolve().parent.parent
    command = ["mendbox", "fix", f"examples/{EXAMPLE}", "--tests", f"examples/{EXAMPLE}/tests"]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "FORCE_COLOR": "1", "COLUMNS": str(WIDTH), "MENDBOX_DATA_DIR": folder}
        program = Path(sys.executable).with_name("mendbox")
        done = subprocess.run([program, *command[1:]], cwd=root, env=environment, capture_output=True, check=True)
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {' '.join(command)}", style="bold"))
    console.print(Text.from_ansi(shown(done.stderr.decode())))
    console.print(Text.from_ansi(shown(done.stdout.decode())))
    target = root / "docs" / "healed.svg"
    target.parent.mkdir(exist_ok=True)
    # Without the fonts that the template would fetch: a picture in a README loads nothing.
    drawn = re.sub(r"@font-face\s*{[^}]*}", "", console.export_svg(title="mendbox fix"))
    drawn = re.sub(r"<!--.*?-->", "", drawn).replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    target.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
