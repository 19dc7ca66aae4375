"""The images that the models learn from, and their binarisation.

`load_images` finds MNIST or Fashion-MNIST, or falls back to small digits that need no download. It
obeys:

=================== ===============================================================================
KL_UTILS_DATA       a folder that holds ``mnist/`` or ``fashion-mnist/`` with its four files; it is
                    used or it is an error
KL_UTILS_CACHE      where downloads are kept (default: the user's cache folder)
KL_UTILS_MIRRORS    addresses to download from, separated by spaces
KL_UTILS_OFFLINE    1, true, yes or on: never open a connection
=================== ===============================================================================

Nothing counts as one of them, wherever it comes from, unless its SHA-256 is right. `read_idx` reads
any other file of their format, and :mod:`kl_utils.pictures` a folder of pictures.
"""

import hashlib
from dataclasses import dataclass
from functools import partial

import numpy as np
from array_api_compat import is_torch_array

from ._arguments import require
from ._checks import check_count
from ._idx import read_idx
from ._idx_sets import SETS, DataError, DataUnavailable, read_set

__all__ = [
    "DataError",
    "DataUnavailable",
    "Images",
    "binarize",
    "fixed_bits",
    "load_images",
    "read_idx",
]

_require_type = partial(require, error=TypeError)


@dataclass(frozen=True, eq=False, repr=False)
class Images:
    """Images of handwritten digits or of clothes, as read-only arrays of bytes.

    PyTorch warns when it shares a read-only array: copy with ``torch.tensor(data.train_images)``.

    Attributes
    ----------
    name : str
        ``"mnist"``, ``"fashion-mnist"`` or ``"digits"``.
    train_images, test_images : numpy.ndarray of uint8, shape (N, 784)
        28×28 grey values, row by row: 0 is paper, 255 is ink.
    train_labels, test_labels : numpy.ndarray of uint8, shape (N,)
        The digits 0 to 9. In Fashion-MNIST they stand for T-shirt or top, trousers, pullover,
        dress, coat, sandal, shirt, sneaker, bag and ankle boot.
    notice : str
        One sentence that says which data these are.
    sha256 : str
        Digest of the four arrays' bytes, in the order above: train first, images before labels.
    """

    name: str
    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    notice: str
    sha256: str

    def __repr__(self):
        train, test = len(self.train_images), len(self.test_images)
        return f"Images({self.name!r}, train={train:,}, test={test:,}, sha256={self.sha256[:12]}…)"


def load_images(source="auto"):
    """Load images of handwritten digits or of clothes.

    Parameters
    ----------
    source : {"auto", "mnist", "fashion-mnist", "digits"}
        ``"mnist"``: the folder that KL_UTILS_DATA names, if it is set; else the cache; else the
        mirrors. ``"fashion-mnist"``: clothes in MNIST's format (Xiao, Rasul and Vollgraf, 2017; MIT
        licence, copyright Zalando SE), looked for in the same way. ``"digits"``: the 1,797 images
        of 8×8 pixels that come with scikit-learn, brought to MNIST's format. ``"auto"``: MNIST if
        it can be had, else the digits; as the caller doesn't know which, it prints the notice.

    Returns
    -------
    Images

    Raises
    ------
    DataUnavailable
        For a set named so: neither the cache nor a mirror has it. Lists what was tried.
    DataError
        KL_UTILS_DATA is set, but the folder lacks a file or holds a damaged one: data that the
        user chose are never replaced silently, not even by ``"auto"``.
    """
    known = ("auto", *SETS, "digits")
    is_known = isinstance(source, str) and source in known
    require(is_known, "source", f"one of {', '.join(map(repr, known))}", repr(source))
    if source == "digits":
        return _digits()
    name = "mnist" if source == "auto" else source
    try:
        notice = f"Data: {SETS[name].title}, {{:,}} training and {{:,}} test images."
        images = _images(name, *read_set(name), notice)
    except DataUnavailable as error:
        if source != "auto":
            raise
        images = _digits(because=error.reason)
    if source == "auto":
        print(images.notice)
    return images


def binarize(images, rng):
    """Draw a black-and-white image: each pixel is 1 with probability ``images / 255``.

    A pixel x is ink if r < x for a threshold r drawn uniformly from the 255 values 0, …, 254. This
    is exact (0 never is ink, 255 always is) and faster than a Bernoulli draw in floating point.

    Parameters
    ----------
    images : numpy.ndarray or torch.Tensor of uint8, any shape
    rng : numpy.random.Generator for an array; torch.Generator, on the tensor's device, for a tensor

    Returns
    -------
    numpy.ndarray or torch.Tensor of uint8, of the same shape and on the same device: 0 or 1
        A model wants ``.float()`` of it.

    Notes
    -----
    torch reduces 32 random bits modulo 255, which makes its r = 0 more likely by 2^-32.
    """
    if is_torch_array(images):
        import torch

        is_dense = images.layout is torch.strided
        _require_type(is_dense, "images", "a dense tensor", images.layout)
        _require_type(images.dtype == torch.uint8, "images", "bytes (uint8)", images.dtype)
        _require_type(isinstance(rng, torch.Generator), "rng", "a torch.Generator", type(rng))
        threshold = torch.empty_like(images).random_(0, 255, generator=rng)
        return (threshold < images).view(torch.uint8)
    _check_bytes(images, "a NumPy array or a torch tensor")
    _require_type(
        isinstance(rng, np.random.Generator), "rng", "a numpy.random.Generator", type(rng)
    )
    threshold = rng.integers(0, 255, size=images.shape, dtype=np.uint8)
    return (threshold < images).view(np.uint8)


def fixed_bits(images, seed=0):
    """Binarise once and for all: the same bits on every machine, for numbers that are published.

    As `binarize`, with thresholds from `numpy.random.RandomState`, the one generator whose stream
    NumPy has promised never to change.

    Parameters
    ----------
    images : numpy.ndarray of uint8, any shape
    seed : int

    Returns
    -------
    numpy.ndarray of uint8, of the same shape: 0 or 1
    """
    _check_bytes(images, "a NumPy array")
    check_count(0, seed=seed)
    require(seed < 2**32, "seed", "one below 2**32", seed)
    frozen = np.random.RandomState(seed)
    threshold = frozen.randint(0, 255, size=images.shape, dtype=np.uint8)
    return (threshold < images).view(np.uint8)


def _check_bytes(images, expected):
    """Refuse what is no plain array of bytes: what a mask hides, for one, would count as ink."""
    kind = type(images)
    _require_type(kind in (np.ndarray, np.memmap), "images", expected, kind)
    _require_type(images.dtype == np.uint8, "images", "bytes (uint8)", images.dtype)


def _digits(because=None):
    from sklearn.datasets import load_digits

    digits = load_digits()
    images, labels = _mnist_format(digits.images), digits.target.astype(np.uint8)
    what = "the {:,} + {:,} small digits of scikit-learn (training + test), in MNIST's format"
    notice = f"Data: {what}."
    if because:
        notice = f"Data: NOT MNIST, because {because}, but {what}."
    # The writers stand one after the other, so the last 297 images are mostly by writers unseen.
    split = 1500
    return _images("digits", images[:split], labels[:split], images[split:], labels[split:], notice)


def _mnist_format(images):
    """Bring 8×8 images with values 0…16 to bytes of 28×28.

    Like MNIST's, the digit fills 20×20 pixels inside a border of 4. Bilinear interpolation, in
    integers: the same bytes on every machine.
    """
    # Pixel i of 20 has its centre at (4i − 3)/10 on the axis of 8: weights are multiples of 1/10.
    centre = np.clip(4 * np.arange(20) - 3, 0, 70)
    weight = np.maximum(0, 10 - abs(centre[:, None] - 10 * np.arange(8)))
    sums, full = weight @ images.astype(np.int64) @ weight.T, 16 * 10 * 10
    grey = (2 * 255 * sums + full) // (2 * full)  # 255 · sums / full, to the nearest
    return np.pad(grey.astype(np.uint8), ((0, 0), (4, 4), (4, 4)))


def _images(name, train_images, train_labels, test_images, test_labels, notice):
    arrays = []
    digest = hashlib.sha256()
    for images, labels in ((train_images, train_labels), (test_images, test_labels)):
        expected = f"{len(labels)} images of 28×28"
        require(images.shape == (len(labels), 28, 28), name, expected, images.shape)
        arrays += [images.reshape(-1, 784), labels]
    for array in arrays:
        array.flags.writeable = False
        digest.update(np.ascontiguousarray(array))
    return Images(
        name, *arrays, notice.format(len(train_images), len(test_images)), digest.hexdigest()
    )
