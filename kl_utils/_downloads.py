"""Downloads that end: with the bytes behind an address, or with an error that says why not."""

import io
import threading
import time
from contextlib import closing

import requests
from tqdm.auto import tqdm

TIMEOUT = (5.0, 15.0)  # seconds to wait for a connection, and for the next bytes
DEADLINE = 300.0  # seconds that one file may take in all
PAUSES = (0.5, 2.0)  # seconds to wait before the second and the third attempt


def download(url, largest):
    """Return the bytes behind ``url``. A fault that may pass is tried again after a pause.

    Raises
    ------
    ValueError
        If there are more than ``largest`` bytes.
    OSError
        If they cannot be had, or not before the deadline. What requests raises is an OSError.
    """
    for pause in (*PAUSES, None):
        try:
            return _download_once(url, largest)
        except requests.RequestException as error:
            if pause is None or not _may_pass(error):
                raise
        time.sleep(pause)


def bottom(error):
    """What lies at the bottom of a chain of errors, which says more than the layers above it."""
    while below := error.__cause__ or (not error.__suppress_context__ and error.__context__):
        error = below
    return error


def check_length(length, largest):
    """Raise ValueError for content that is longer than the largest file of a data set."""
    if length > largest:
        raise ValueError(f"more than the {largest:,} bytes of the largest file")


def _may_pass(error):
    if isinstance(error, requests.HTTPError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    if isinstance(error, requests.Timeout) or isinstance(bottom(error), TimeoutError):
        return False  # requests calls a silence in the middle a broken connection
    return isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError))


class _Transfer(threading.Thread):
    """A download that goes on beside the main thread, which can therefore give it up."""

    def __init__(self, url, largest):
        super().__init__(daemon=True)
        self.url, self.largest = url, largest
        self.received, self.size, self.failure = io.BytesIO(), None, None

    def run(self):
        try:
            with requests.get(self.url, stream=True, timeout=TIMEOUT) as response:
                response.raise_for_status()
                self.size = int(response.headers.get("Content-Length", 0)) or None
                check_length(self.size or 0, self.largest)
                for chunk in response.iter_content(2**14):
                    self.received.write(chunk)
                    check_length(self.received.tell(), self.largest)
        except Exception as error:
            self.failure = error


def _download_once(url, largest):
    """Bytes behind ``url``, or `TimeoutError` at the deadline.

    A server that sends a byte now and then never trips a time-out, and looking up a name has none.
    So the transfer runs in a thread of its own. Given up, at the deadline or at Ctrl-C, it fails
    when it next writes to the closed buffer.
    """
    transfer, end = _Transfer(url, largest), time.monotonic() + DEADLINE
    # Only this thread draws: Ctrl-C can leave the lock of tqdm with it for ever.
    bar = tqdm(desc=url.rpartition("/")[2], unit="B", unit_scale=True, leave=False)
    with closing(transfer.received), bar:
        transfer.start()
        while transfer.is_alive() and time.monotonic() < end:
            transfer.join(0.1)
            if bar.total != transfer.size:
                bar.reset(total=transfer.size)
            bar.update(transfer.received.tell() - bar.n)
        if transfer.is_alive():
            raise TimeoutError(f"not finished after {DEADLINE:g} seconds")
        if transfer.failure:
            raise transfer.failure
        return transfer.received.getvalue()
