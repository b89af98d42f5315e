"""Start the guest: ``/usr/bin/python3 -I /opt/mendbox/guest/__main__.py '{"life": seconds}'``."""

import os
import sys

if __name__ == "__main__":
    # -I keeps this file's folder off the path, on purpose: name the package by hand, then take the folder off again,
    # so that no command forked from here can import from it.
    _above = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sys.path.insert(0, _above)
    __package__ = "guest"
    from .serving import serve
    from .warming import Become

    sys.path.remove(_above)
    try:
        serve(sys.argv[1])
        sys.exit(0)
    except Become as become:
        job = become.job
    # A forked command arrives here with the guest's stack unwound, runs, and then ends as any interpreter does:
    # threads joined, exit handlers called, open files flushed.
    job.run()
