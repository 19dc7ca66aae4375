"""The IDX format, in which MNIST comes: an array behind a header that gives its shape."""

import gzip
import math
import zlib
from pathlib import Path

import numpy as np

_ZIPPED = b"\x1f\x8b"
# What the third byte of a file says of its numbers; they stand with their largest byte first.
_TYPES = {8: ">u1", 9: ">i1", 11: ">i2", 12: ">i4", 13: ">f4", 14: ">f8"}


def read_idx(path):
    """Read an array from a file in the IDX format, zipped (``.gz``) or not.

    Parameters
    ----------
    path : str or path
        Such as ``train-images-idx3-ubyte.gz``, in which 3 is the number of axes: idx1 has labels,
        idx3 grey images, and idx4 colour images.

    Returns
    -------
    numpy.ndarray
        Of the shape in the file's header, and of its type: bytes (uint8), as a rule, else int8,
        int16, int32, float32 or float64.

    Raises
    ------
    ValueError
        If it is no IDX file, or holds more or fewer numbers than its header says.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    with open(path, "rb") as file:
        content = file.read()
    if content.startswith(_ZIPPED):
        try:
            content = gzip.decompress(content)
        except (OSError, EOFError, zlib.error) as error:
            raise ValueError(f"{path.name}: damaged gzip data ({error})") from None
    return parse_idx(content, path.name).copy()


def parse_idx(content, name):
    """Return the array that ``content`` holds, read-only: it shares the memory of the bytes.

    Parameters
    ----------
    content : bytes
    name : str
        What to call the file in an error.
    """
    ndim = content[3] if len(content) > 3 else 0
    start = 4 + 4 * ndim
    if not ndim or content[:2] != b"\0\0" or content[2] not in _TYPES:
        begin = f"content that begins with {content[:4]!r}"
        raise ValueError(f"{name}: expected an IDX header: two zeros, type, axes; got {begin}")
    if len(content) < start:
        raise ValueError(f"{name}: expected an IDX header of {start} bytes, got {len(content)}")
    dtype = np.dtype(_TYPES[content[2]])
    shape = tuple(np.frombuffer(content, ">u4", count=ndim, offset=4).tolist())
    expected, got = math.prod(shape) * dtype.itemsize, len(content) - start
    if got != expected:
        told = f"expected {shape}, as its header says, which is {expected:,} bytes"
        raise ValueError(f"{name}: {told}; got {got:,}")
    values = np.frombuffer(content, dtype, offset=start).reshape(shape)
    return values.astype(dtype.newbyteorder("="), copy=False)
