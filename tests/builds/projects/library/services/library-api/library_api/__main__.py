"""Bring the tables up to date, then answer until stopped: ``python -m library_api``."""

import os
import signal
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Handler(WSGIRequestHandler):
    def address_string(self) -> str:
        # the name of whoever asks would be looked up, which takes seconds without a network
        return str(self.client_address[0])


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "library_api.settings")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    application = get_wsgi_application()
    call_command("migrate", verbosity=0)
    port = int(os.environ.get("PORT", "8000"))
    with make_server("0.0.0.0", port, application, server_class=Server, handler_class=Handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
