"""Serve the built pages on this machine, and on no other (``make serve``).

python -m tools.commands.serve [PORT]
"""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tools import ROOT

PAGES = ROOT / "_build" / "html"


def main(arguments, pages=PAGES):
    port = arguments[0] if arguments else "8000"
    if not (port.isascii() and port.isdigit() and int(port) < 2**16):
        print(f"PORT must be a number from 0 to {2**16 - 1}; got {port!r}.", file=sys.stderr)
        return 1
    try:
        server = ThreadingHTTPServer(
            ("127.0.0.1", int(port)), partial(SimpleHTTPRequestHandler, directory=str(pages))
        )
    except OSError as error:
        print(
            f"Port {port} cannot be used: {error.strerror}. Name another, such as "
            "make serve PORT=8001; PORT=0 takes one that is free.",
            file=sys.stderr,
        )
        return 1
    with server:
        print(f"The book: http://127.0.0.1:{server.server_port}/ (Ctrl-C ends it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
