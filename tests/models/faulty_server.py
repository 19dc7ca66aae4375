"""A web server on 127.0.0.1 that misbehaves on request: the mirrors of test_data.py.

A fault is a function ``fault(handler, data, visit)`` that answers in the server's place; ``visit``
counts the requests for that file from 1.
"""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class FaultyServer(ThreadingHTTPServer):
    """Serve ``files`` (name → bytes) while the ``with`` block lasts.

    ``visits`` lists the requests, ``sent`` counts the bytes that were answered.
    """

    def __init__(self, files, fault=None):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.files, self.fault = files, fault or healthy
        self.visits = []
        self.sent = 0
        self.stopping = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/mnist/"

    def __enter__(self):
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, *_):
        """Say nothing: clients that hang up are what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.rpartition("/")[2]
        self.server.visits.append(name)
        self.server.fault(self, self.server.files[name], self.server.visits.count(name))

    def write(self, data):
        """Send bytes, and count them: what a client takes shows in ``server.sent``."""
        self.wfile.write(data)
        self.server.sent += len(data)

    def log_message(self, *_):
        pass


def healthy(handler, data, visit, announced=None, **headers):
    handler.send_response(200)
    handler.send_header("Content-Length", str(announced or len(data)))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.write(data)


def status(code, times=10**9):
    """Answer with a status such as 503, the first few ``times``."""

    def fault(handler, data, visit):
        if visit <= times:
            handler.send_error(code)
        else:
            healthy(handler, data, visit)

    return fault


def truncated(handler, data, visit):
    healthy(handler, data[: len(data) // 2], visit, announced=len(data))


def truncated_unannounced(handler, data, visit):
    healthy(handler, data[: len(data) // 2], visit)


def no_answer(handler, data, visit):
    """Close the connection without a word."""


def damaged(handler, data, visit):
    """Bytes of the right number, one of them wrong: gzip's own check sees it."""
    middle = len(data) // 2
    flipped = bytes([data[middle] ^ 1])
    healthy(handler, data[:middle] + flipped + data[middle + 1 :], visit)


def other_content(handler, data, visit):
    """Sound gzip of the right length, with other content: only the digest can see it."""
    content = bytearray(gzip.decompress(data))
    content[-1] ^= 1
    healthy(handler, gzip.compress(bytes(content)), visit)


def html_page(handler, data, visit):
    healthy(handler, b"<!DOCTYPE html><title>Log in to this network</title>", visit)


def hanging(handler, data, visit):
    handler.server.stopping.wait(60)


def stalling(handler, data, visit):
    """Begin well and then fall silent."""
    healthy(handler, data[: len(data) // 2], visit, announced=len(data))
    hanging(handler, data, visit)


def dripping(handler, data, visit):
    """Send a byte now and then: no time-out ever strikes."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(data)))
    handler.end_headers()
    for byte in data:
        handler.write(bytes([byte]))
        if handler.server.stopping.wait(0.05):
            break


def encoded(handler, data, visit):
    """Declare the .gz file to be a compressed transfer: clients then unpack it themselves."""
    healthy(handler, data, visit, Content_Encoding="gzip")


def endless(handler, data, visit):
    """Never say how much there is, and never stop."""
    handler.send_response(200)
    handler.end_headers()
    while not handler.server.stopping.is_set():
        handler.write(bytes(2**16))


def endless_announced(handler, data, visit):
    """Announce a petabyte."""
    healthy(handler, data, visit, announced=10**15)


def bomb(handler, data, visit):
    """Few bytes that are many when decompressed; who goes on to the end finds it cut off."""
    healthy(handler, gzip.compress(bytes(2**24))[:-9], visit)


def bomb_in_transfer(handler, data, visit):
    """The same, and the client is to decompress it on the way."""
    healthy(handler, gzip.compress(bytes(2**24)), visit, Content_Encoding="gzip")
