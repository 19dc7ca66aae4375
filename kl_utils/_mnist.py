"""The four files of MNIST: from a folder, from the cache, or from a mirror.

Nothing counts as MNIST, wherever it comes from, unless its SHA-256 is right. A file gets its name
in the cache only when it is complete and checked, and it is checked again at every load (30 ms
where the processor helps with SHA-256, a fifth of a second where not).
"""

import gzip
import hashlib
import io
import threading
import time
import uuid
import warnings
import zlib
from contextlib import closing, suppress
from pathlib import Path

import numpy as np
import requests
from platformdirs import user_cache_path
from tqdm.auto import tqdm

from . import _settings

# Of the decompressed files: copies of MNIST differ in their gzip bytes, not in their content.
# The order is that of the fields of `Images`.
MNIST_SHA256 = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist",
    "https://storage.googleapis.com/cvdf-datasets/mnist",
)
LARGEST = 16 + 60_000 * 28 * 28  # bytes: the first file; nothing longer is read
TIMEOUT = (5.0, 15.0)  # seconds to wait for a connection, and for the next bytes
DEADLINE = 300.0  # seconds that one file may take in all
PAUSES = (0.5, 2.0)  # seconds to wait before the second and the third attempt
STALE = 3600.0  # age in seconds at which a half-written file is nobody's work in progress


class DataError(RuntimeError):
    """Images could not be loaded; the message says why and what to do about it."""


class MNISTUnavailable(DataError):
    """MNIST is neither in the cache nor to be had from a mirror."""

    def __init__(self, reason, answers=()):
        self.reason = reason
        tried = "".join(f"\n  - {answer}" for answer in answers)
        super().__init__(
            f"MNIST could not be loaded, because {reason}."
            + (f"\nTried:{tried}" if tried else "")
            + "\nWhat you can do:"
            "\n  - try again later, or on another network (with KL_UTILS_OFFLINE not set);"
            f"\n  - put the files {', '.join(f'{name}.gz' for name in MNIST_SHA256)}"
            "\n    into a folder named mnist, and set KL_UTILS_DATA to the folder that holds it;"
            "\n  - set KL_UTILS_MIRRORS to the address of another copy;"
            '\n  - use load_images("digits"): small images that need no download.'
        )


def read_mnist():
    """Training images and labels, test images and labels.

    Returns
    -------
    list of numpy.ndarray of uint8, read-only, shapes (N, 28, 28), (N,), (M, 28, 28), (M,)

    Raises
    ------
    DataError, MNISTUnavailable
        See `kl_utils.data.load_images`.
    """
    folder = _settings.text("KL_UTILS_DATA")
    contents = _from_folder(folder) if folder else _from_cache_or_mirrors()
    return [parse_idx(contents[n], n, ndim=3 if "images" in n else 1) for n in MNIST_SHA256]


def parse_idx(content, name, ndim):
    """Read the IDX format of MNIST: an array of bytes behind a header that gives its shape.

    Parameters
    ----------
    content : bytes
    name : str
        What to call the file in an error.
    ndim : int
        Number of dimensions expected: 3 for images, 1 for labels.

    Returns
    -------
    numpy.ndarray of uint8, read-only: it shares the memory of ``content``
    """
    start = 4 + 4 * ndim
    magic = bytes([0, 0, 8, ndim])  # two zeros, the code of uint8, the number of dimensions
    if content[:4] != magic or len(content) < start:
        raise ValueError(f"{name}: expected an IDX header {magic!r}, got {content[:4]!r}")
    shape = tuple(np.frombuffer(content, ">u4", count=ndim, offset=4).tolist())
    values = np.frombuffer(content, np.uint8, offset=start)
    if values.size != np.prod(shape):
        raise ValueError(f"{name}: expected {shape} values, as its header says, got {values.size}")
    return values.reshape(shape)


def _from_folder(folder):
    """Read the folder that the user chose: it is right, or it is an error."""
    contents = {}
    for name in MNIST_SHA256:
        zipped, plain = (Path(folder, "mnist", file) for file in (f"{name}.gz", name))
        path = zipped if zipped.exists() else plain
        try:
            contents[name] = _verified(name, _read(path))
            continue
        except FileNotFoundError:
            problem = f"lacks mnist/{name}.gz"
            if not Path(folder).is_dir():
                problem = f"does not exist, seen from {Path.cwd()}"
        except (OSError, ValueError) as error:
            problem = f"has a mnist/{path.name} that cannot be used: {error}"
        raise DataError(
            f"KL_UTILS_DATA names the folder {folder!r}, which {problem}.\n"
            "Mend the folder, or unset KL_UTILS_DATA to have MNIST looked for elsewhere."
        )
    return contents


def _from_cache_or_mirrors():
    cache = Path(_settings.text("KL_UTILS_CACHE") or user_cache_path("kl_utils"), "mnist")
    offline = _settings.switch("KL_UTILS_OFFLINE")
    contents = {}
    for name in MNIST_SHA256:
        path = cache / name
        try:
            contents[name] = _verified(name, _read(path))
        except ValueError:  # damaged: never used, fetched again
            with suppress(OSError):
                path.unlink()
        except OSError:  # not there, or not for us to read
            pass
    if len(contents) < len(MNIST_SHA256):
        if offline:
            raise MNISTUnavailable("KL_UTILS_OFFLINE is set and MNIST is not in the cache")
        _fetch_missing(contents, cache)
    return contents


def _fetch_missing(contents, cache):
    """Add to ``contents`` what it lacks, and keep it in the cache.

    A mirror that fails is left at once; the next one is asked for what is still missing.
    """
    answers = []
    for mirror in _settings.text("KL_UTILS_MIRRORS", "").split() or MIRRORS:
        try:
            for name in [name for name in MNIST_SHA256 if name not in contents]:
                url = f"{mirror.rstrip('/')}/{name}.gz"
                contents[name] = _verified(name, _download(url))
                _keep(contents[name], cache / name)
        except (OSError, ValueError) as error:  # what requests raises is an OSError
            cause = _bottom(error)
            answers.append(f"{url}: {type(cause).__name__}: {cause}")
        else:
            return
    raise MNISTUnavailable("no mirror delivered it", answers)


def _download(url):
    """Bytes behind ``url``. A fault that may pass is tried again after a pause."""
    for pause in (*PAUSES, None):
        try:
            return _download_once(url)
        except requests.RequestException as error:
            if pause is None or not _may_pass(error):
                raise
        time.sleep(pause)


def _bottom(error):
    """What lies at the bottom of a chain of errors, which says more than the layers above it."""
    while below := error.__cause__ or (not error.__suppress_context__ and error.__context__):
        error = below
    return error


def _may_pass(error):
    if isinstance(error, requests.HTTPError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    if isinstance(error, requests.Timeout) or isinstance(_bottom(error), TimeoutError):
        return False  # requests calls a silence in the middle a broken connection
    return isinstance(error, (requests.ConnectionError, requests.exceptions.ChunkedEncodingError))


class _Transfer(threading.Thread):
    """A download that goes on beside the main thread, which can therefore give it up."""

    def __init__(self, url):
        super().__init__(daemon=True)
        self.url, self.received, self.size, self.failure = url, io.BytesIO(), None, None

    def run(self):
        try:
            with requests.get(self.url, stream=True, timeout=TIMEOUT) as response:
                response.raise_for_status()
                self.size = int(response.headers.get("Content-Length", 0)) or None
                _check_length(self.size or 0)
                for chunk in response.iter_content(2**14):
                    self.received.write(chunk)
                    _check_length(self.received.tell())
        except Exception as error:
            self.failure = error


def _download_once(url):
    """Bytes behind ``url``, or `TimeoutError` at the deadline.

    A server that sends a byte now and then never trips a time-out, and looking up a name has none.
    So the transfer runs in a thread of its own. Given up, at the deadline or at Ctrl-C, it fails
    when it next writes to the closed buffer.
    """
    transfer, end = _Transfer(url), time.monotonic() + DEADLINE
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


def _check_length(length):
    if length > LARGEST:
        raise ValueError(f"more than the {LARGEST:,} bytes of the largest file of MNIST")


def _read(path):
    """Bytes of a file, and no more than it takes to see that it is too long."""
    with open(path, "rb") as file:
        return file.read(LARGEST + 1)


def _unzipped(data):
    """Decompress, but no further than it takes to see that the content is too long."""
    with gzip.open(io.BytesIO(data)) as file:
        return file.read(LARGEST + 1)


def _verified(name, data):
    """Content of the file ``name``, decompressed if need be, or `ValueError` if it is not right."""
    try:
        content = _unzipped(data) if data.startswith(b"\x1f\x8b") else data
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"damaged gzip data ({error})") from None
    _check_length(len(content))
    digest = hashlib.sha256(content).hexdigest()
    if digest != MNIST_SHA256[name]:
        raise ValueError(
            f"wrong content: {len(content):,} bytes that begin with {content[:16]!r}, SHA-256 "
            f"{digest[:12]}… instead of {MNIST_SHA256[name][:12]}…"
        )
    return content


def _keep(content, path):
    """Put a file into the cache in one step, so that no other process sees half of it."""
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _sweep(path.parent)
        try:
            part.write_bytes(content)
            part.replace(path)
        finally:  # also after Ctrl-C
            part.unlink(missing_ok=True)
    except OSError as error:
        warnings.warn(
            f"MNIST is loaded but cannot be kept in the cache ({error.strerror}): "
            "it will be downloaded again next time. KL_UTILS_CACHE names another folder.",
            stacklevel=2,
        )


def _sweep(folder):
    """Remove what killed processes left; a young file may be another's work in progress."""
    for part in folder.glob("*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()
