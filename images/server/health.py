"""Asks the server in this container whether it is up; the exit code is what Docker's HEALTHCHECK reads."""

import os
import sys
import urllib.request

try:
    address = f"http://127.0.0.1:{int(os.environ.get('PORT', '8000'))}/health"
    with urllib.request.urlopen(address, timeout=4) as answer:
        sys.exit(0 if answer.status == 200 else 1)
except (OSError, ValueError) as error:
    sys.stderr.write(f"{error}\n")
    sys.exit(1)
