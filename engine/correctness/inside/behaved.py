"""Compares two versions of a program on the inputs of its tests and on changed ones, by the author's own means.

Started as ``python behaved.py`` beside the search's package, in the folder of the right version and its tests; on standard input
``{"right": files, "healed": files, "tests": files, "entry": name, "seconds": s}``. On the report pipe one JSON line, as `probed`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    tools = Path(__file__).resolve().parent
    report = int(os.environ.pop("MENDBOX_REPORT_FD"))
    os.set_inheritable(report, False)  # noqa: FBT003 (it takes no name)
    asked = json.loads(sys.stdin.buffer.read())
    from mendbox_search.behaviour import compare  # type: ignore[import-not-found]  # its name inside a box

    sys.path.remove(str(tools))
    told = compare(
        asked["right"], asked["healed"], asked["tests"], asked["entry"], seconds=asked["seconds"], tools=tools
    )
    found = {"agree": told.agree, "compared": told.compared, "input": told.first[:400], "answers": [*told.answers]}
    with os.fdopen(report, "w") as pipe:
        pipe.write(json.dumps(found) + "\n")
