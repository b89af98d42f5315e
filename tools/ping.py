"""Whether an engine answers at DOCKER_HOST: for machines that have an engine's socket but no docker command."""

import http.client
import os
import socket
import sys
from urllib.parse import urlsplit

where = urlsplit(os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock")
connection = http.client.HTTPConnection(where.hostname or "localhost", where.port or 2375, timeout=10)
try:
    if where.scheme == "unix":
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(10)
        connection.sock.connect(where.path)
    connection.request("GET", "/_ping")
    sys.exit(connection.getresponse().status != http.HTTPStatus.OK)
except (OSError, http.client.HTTPException) as error:
    sys.exit(f"{where.geturl()}: {error}")
