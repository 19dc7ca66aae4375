"""Data sets of four IDX files, such as MNIST: from a folder, from the cache, or from a mirror.

Nothing counts as such a set, wherever it comes from, unless its SHA-256 is right. A file gets its
name in the cache only when it is complete and checked, and it is checked again at every load (30 ms
where the processor helps with SHA-256, a fifth of a second where not).
"""

import gzip
import hashlib
import io
import time
import uuid
import warnings
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from platformdirs import user_cache_path

from . import _settings
from ._downloads import bottom, check_length, download
from ._idx import parse_idx

LARGEST = 16 + 60_000 * 28 * 28  # bytes: the first file; nothing longer is read
STALE = 3600.0  # age in seconds at which a half-written file is nobody's work in progress


class IdxSet(NamedTuple):
    """What is known of a data set.

    Attributes
    ----------
    title : str
    folder : str
        In the cache, and in the folder that KL_UTILS_DATA names. Each set has one of its own, since
        the names of its files may be those of another set.
    sha256 : dict
        For each name of a file, in the order of the fields of `Images`, the digest of what it
        holds when unzipped: copies of a set differ in their gzip bytes, not in their content.
    mirrors : tuple of str
        Addresses of the folders where the zipped files lie.
    """

    title: str
    folder: str
    sha256: dict
    mirrors: tuple


NAMES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
MNIST_SHA256 = (
    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
)
FASHION_SHA256 = (
    "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
)
SETS = {
    "mnist": IdxSet(
        "MNIST",
        "mnist",
        dict(zip(NAMES, MNIST_SHA256, strict=True)),
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist",
            "https://storage.googleapis.com/cvdf-datasets/mnist",
        ),
    ),
    "fashion-mnist": IdxSet(
        "Fashion-MNIST",
        "fashion-mnist",
        dict(zip(NAMES, FASHION_SHA256, strict=True)),
        (
            "https://storage.googleapis.com/tensorflow/tf-keras-datasets",
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion",
            "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com",
        ),
    ),
}


class DataError(RuntimeError):
    """Images could not be loaded; the message says why and what to do about it."""


class DataUnavailable(DataError):
    """A data set is neither in the cache nor to be had from a mirror."""

    def __init__(self, name, reason, answers=()):
        self.reason, known = reason, SETS[name]
        tried = "".join(f"\n  - {answer}" for answer in answers)
        super().__init__(
            f"{known.title} could not be loaded, because {reason}."
            + (f"\nTried:{tried}" if tried else "")
            + "\nWhat you can do:"
            "\n  - try again later, or on another network (with KL_UTILS_OFFLINE not set);"
            f"\n  - put the files {', '.join(f'{file}.gz' for file in known.sha256)}"
            f"\n    into a folder named {known.folder}, and set KL_UTILS_DATA to the folder that "
            "holds it;"
            "\n  - set KL_UTILS_MIRRORS to the address of another copy;"
            '\n  - use load_images("digits"): small images that need no download.'
        )


def read_set(name):
    """Training images and labels, test images and labels of one of the ``SETS``.

    Returns
    -------
    list of numpy.ndarray of uint8, read-only, shapes (N, 28, 28), (N,), (M, 28, 28), (M,)

    Raises
    ------
    DataError, DataUnavailable
        See `kl_utils.data.load_images`.
    """
    folder = _settings.text("KL_UTILS_DATA")
    contents = _from_folder(name, folder) if folder else _from_cache_or_mirrors(name)
    return [parse_idx(contents[file], file) for file in SETS[name].sha256]


def _from_folder(name, folder):
    """Read the folder that the user chose: it is right, or it is an error."""
    contents, known = {}, SETS[name]
    for file, digest in known.sha256.items():
        zipped, plain = (Path(folder, known.folder, kind) for kind in (f"{file}.gz", file))
        path = zipped if zipped.exists() else plain
        try:
            contents[file] = _verified(_read(path), digest)
            continue
        except FileNotFoundError:
            problem = f"lacks {known.folder}/{file}.gz"
            if not Path(folder).is_dir():
                problem = f"does not exist, seen from {Path.cwd()}"
        except (OSError, ValueError) as error:
            problem = f"has a {known.folder}/{path.name} that cannot be used: {error}"
        raise DataError(
            f"KL_UTILS_DATA names the folder {folder!r}, which {problem}.\n"
            f"Mend the folder, or unset KL_UTILS_DATA to have {known.title} looked for elsewhere."
        )
    return contents


def _from_cache_or_mirrors(name):
    known = SETS[name]
    cache = Path(_settings.text("KL_UTILS_CACHE") or user_cache_path("kl_utils"), known.folder)
    offline = _settings.switch("KL_UTILS_OFFLINE")
    contents = {}
    for file, digest in known.sha256.items():
        path = cache / file
        try:
            contents[file] = _verified(_read(path), digest)
        except ValueError:  # damaged: never used, fetched again
            with suppress(OSError):
                path.unlink()
        except OSError:  # not there, or not for us to read
            pass
    if len(contents) < len(known.sha256):
        if offline:
            reason = f"KL_UTILS_OFFLINE is set and {known.title} is not in the cache"
            raise DataUnavailable(name, reason)
        _fetch_missing(name, contents, cache)
    return contents


def _fetch_missing(name, contents, cache):
    """Add to ``contents`` what it lacks, and keep it in the cache.

    A mirror that fails is left at once; the next one is asked for what is still missing.
    """
    answers, known = [], SETS[name]
    for mirror in _settings.text("KL_UTILS_MIRRORS", "").split() or known.mirrors:
        try:
            for file in [file for file in known.sha256 if file not in contents]:
                url = f"{mirror.rstrip('/')}/{file}.gz"
                contents[file] = _verified(download(url, LARGEST), known.sha256[file])
                _keep(contents[file], cache / file, known.title)
        except (OSError, ValueError) as error:
            cause = bottom(error)
            answers.append(f"{url}: {type(cause).__name__}: {cause}")
        else:
            return
    raise DataUnavailable(name, "no mirror delivered it", answers)


def _read(path):
    """Bytes of a file, and no more than it takes to see that it is too long."""
    with open(path, "rb") as file:
        return file.read(LARGEST + 1)


def _unzipped(data):
    """Decompress, but no further than it takes to see that the content is too long."""
    with gzip.open(io.BytesIO(data)) as file:
        return file.read(LARGEST + 1)


def _verified(data, sha256):
    """Content of a file, decompressed if need be, or `ValueError` if it is not right."""
    try:
        content = _unzipped(data) if data.startswith(b"\x1f\x8b") else data
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"damaged gzip data ({error})") from None
    check_length(len(content), LARGEST)
    digest = hashlib.sha256(content).hexdigest()
    if digest != sha256:
        raise ValueError(
            f"wrong content: {len(content):,} bytes that begin with {content[:16]!r}, SHA-256 "
            f"{digest[:12]}… instead of {sha256[:12]}…"
        )
    return content


def _keep(content, path, title):
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
            f"{title} is loaded but cannot be kept in the cache ({error.strerror}): "
            "it will be downloaded again next time. KL_UTILS_CACHE names another folder.",
            stacklevel=2,
        )


def _sweep(folder):
    """Remove what killed processes left; a young file may be another's work in progress."""
    for part in folder.glob("*.part"):
        with suppress(OSError):
            if time.time() - part.stat().st_mtime > STALE:
                part.unlink()
