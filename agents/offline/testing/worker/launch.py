"""The program that is started in the box: finds the tester beside itself and runs it."""

import sys
from pathlib import Path

if __name__ == "__main__":
    tools = Path(__file__).resolve().parent
    # Only the image's compiled files are looked at, and taken where they are of just the text that stands here.
    sys.pycache_prefix = "/opt/mendbox/pyc"
    sys.dont_write_bytecode = True
    sys.path.insert(0, str(tools))
    from mendbox_offline.testing.worker.main import main  # type: ignore[import-not-found]  # its name inside a box

    sys.path.remove(str(tools))
    main()
