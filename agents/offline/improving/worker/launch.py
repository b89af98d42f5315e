"""The program that is started in the box: finds the improver beside itself and runs it."""

import sys
from pathlib import Path

if __name__ == "__main__":
    tools = Path(__file__).resolve().parent
    sys.path.insert(0, str(tools))
    from mendbox_offline.improving.worker.main import main  # type: ignore[import-not-found]  # its name inside a box

    sys.path.remove(str(tools))
    main(tools)
