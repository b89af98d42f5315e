"""Hand-written bugs as rows for `mendbox bench`: `python -m tests.repairs.rows logic --out written-logic.jsonl`."""

from __future__ import annotations

import argparse
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from engine.inputs.kinds import is_configuration

WRITTEN = Path(__file__).parent / "written"


def rows(group: str) -> Iterator[dict[str, object]]:
    """Every bug of the *group*, in the order of the names."""
    for file in sorted((WRITTEN / group).glob("*.toml")):
        parts = tomllib.loads(file.read_text("utf-8"))
        path, files = parts["path"], dict(parts["files"])
        tests = {name: text for name, text in parts["tests"].items() if not is_configuration(name)}
        frozen = {name: text for name, text in parts["tests"].items() if is_configuration(name)}
        yield {
            "id": f"{group}/{file.stem}",
            "buggy": files.pop(path),
            "fixed": parts["fixed"],
            "tests": tests,
            "module": str(PurePosixPath(path).with_suffix("")).replace("/", "."),
            "extra_files": files | frozen,
            "probe": parts["probe"],
            "kind": group,
            "bug": parts["bug"],
            "lines": parts["lines"],
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("groups", nargs="+", choices=sorted(each.name for each in WRITTEN.iterdir() if each.is_dir()))
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    found = [row for group in asked.groups for row in rows(group)]
    asked.out.write_text("".join(json.dumps(row) + "\n" for row in found), "utf-8")
    print(f"{len(found)} rows in {asked.out}")


if __name__ == "__main__":
    main()
