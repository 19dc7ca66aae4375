"""IDX files of one's own: read whatever their type and number of axes, or refused with a reason."""

import gzip
import itertools
import struct

import numpy as np
import pytest

from kl_utils import read_idx
from kl_utils._idx import parse_idx

CODES = {"uint8": 8, "int8": 9, "int16": 11, "int32": 12, "float32": 13, "float64": 14}


def idx(values):
    """Write an array as the format's inventors say: largest byte first."""
    header = struct.pack(f">4B{values.ndim}I", 0, 0, CODES[values.dtype.name], values.ndim,
                         *values.shape)  # fmt: skip
    return header + values.astype(values.dtype.newbyteorder(">")).tobytes()


@pytest.mark.parametrize("shape", [(5,), (4, 3), (2, 4, 3), (2, 3, 4, 5)])
@pytest.mark.parametrize("dtype", CODES)
@pytest.mark.parametrize("zipped", [False, True])
def test_what_is_written_is_read(tmp_path, shape, dtype, zipped):
    values = np.random.default_rng(0).integers(-120, 120, shape).astype(dtype)
    content = idx(values)
    path = tmp_path / ("x.gz" if zipped else "x")
    path.write_bytes(gzip.compress(content) if zipped else content)
    for given in (path, str(path)):
        got = read_idx(given)
        assert got.dtype == np.dtype(dtype) and got.dtype.isnative and got.flags.writeable
        np.testing.assert_array_equal(got, values)


BYTES = np.zeros((2, 3), np.uint8)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "expected an IDX header"),
        (b"<!DOCTYPE html>", "expected an IDX header"),
        (b"\0\0\x0a" + idx(BYTES)[3:], "expected an IDX header"),  # a type that there is not
        (b"\0\1" + idx(BYTES)[2:], "expected an IDX header"),
        (b"\0\0\x08\0", "expected an IDX header"),
        (idx(BYTES)[:6], "expected an IDX header of 12 bytes, got 6"),
        (idx(BYTES)[:-1], r"expected \(2, 3\), .* which is 6 bytes; got 5"),
        (idx(BYTES) + b"\0", r"expected \(2, 3\), .* which is 6 bytes; got 7"),
        (idx(BYTES.astype("int32"))[:-1], ".* which is 24 bytes; got 23"),
        (b"\0\0\x08\x04" + b"\xff" * 16 + b"\0", r".* which is 340,2\d\d,.* bytes; got 1"),
        (gzip.compress(idx(BYTES))[:-4], "damaged gzip data"),
    ],
    ids=itertools.count(),  # of the contents, gzip's holds the time
)
def test_what_is_no_idx_file_is_refused_by_its_name(tmp_path, content, problem):
    path = tmp_path / "labels"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^labels: {problem}"):
        read_idx(path)
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "none")


def test_the_bytes_of_a_large_file_are_not_copied():
    content = idx(BYTES)
    values = parse_idx(content, "x")
    assert not values.flags.owndata and not values.flags.writeable
