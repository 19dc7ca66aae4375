"""What models, training and evaluation are given, checked at the door: images, bits and numbers.

What would give a wrong number is refused by name. A check of images costs one pass over them; what
lies behind the door, such as a training step, checks nothing.
"""

import math
import numbers
import operator

import numpy as np
import torch

from ._arguments import require
from ._arrays import take


def whole_number(name, value, least=None):
    """Return ``value`` as an int: Python's and NumPy's integers are taken, True and 2.0 are not."""
    expected = "a whole number" if least is None else f"a whole number of at least {least}"
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    require(number is not None, name, expected, repr(value), TypeError)
    require(least is None or number >= least, name, expected, number)
    require(abs(number) < 2**63, name, "a whole number below 2**63", number)  # as torch takes it
    return number


def real_number(name, value, *, zero=False):
    """Return ``value`` as a finite, positive float; with ``zero``, it may be 0 too."""
    expected = "a finite number of at least 0" if zero else "a finite number above 0"
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    require(is_number, name, expected, repr(value), TypeError)
    number = float(value)
    in_range = number >= 0 if zero else number > 0
    require(in_range and math.isfinite(number), name, expected, number)
    return number


def bytes_of_images(name, images, device, event_shape=None):
    """Return grey or colour values as a tensor of bytes, shape ``(n, *event_shape)``."""
    images = image_batch(name, images, device, event_shape)
    require(images.dtype == torch.uint8, name, "bytes (uint8)", images.dtype, TypeError)
    return images


def image_batch(name, images, device, event_shape=None):
    """Return images of real numbers as a tensor on ``device``, shape ``(n, *event_shape)``, n ≥ 1.

    Without an event shape, images of any shape are taken.
    """
    images = _tensor(name, images, device)
    shape = tuple(images.shape)
    sizes = ("...",) if event_shape is None else event_shape
    expected = f"shape (n, {', '.join(map(str, sizes))})"
    fits = len(shape) > 1 if event_shape is None else shape[1:] == tuple(event_shape)
    if not fits and event_shape and len(shape) > 1:
        expected += _way(shape, tuple(event_shape))
    require(fits, name, expected, shape)
    require(len(images) > 0, name, "at least one image", "none")
    return images


def _way(shape, event_shape):
    """Say how images come to the shape of an event without mixing up their pixels, or nothing.

    A reshape keeps the order of the pixels where it merges neighbouring axes, or splits one. Axes
    in another order have to be moved: a reshape would be taken, and be wrong in silence.
    """
    one = shape[1:]
    if _merges(one, event_shape) or _merges(event_shape, one):
        way = f"; reshape the images to {_in_brackets(shape[0], *event_shape)}"
        if len(one) == 1 and len(event_shape) == 3 and event_shape[0] > 1:
            last = _in_brackets(shape[0], *event_shape[1:], event_shape[0])
            way += ", or, where the colours of a pixel stand side by side, "
            way += f"to {last} and move the last axis first: np.moveaxis(images, -1, 1)"
        return way
    if sorted(one) != sorted(event_shape):
        return ""
    if one == (*event_shape[1:], event_shape[0]):
        return "; move the last axis first: np.moveaxis(images, -1, 1)"
    free, order = list(range(len(one))), [0]
    for size in event_shape:
        axis = next(axis for axis in free if one[axis] == size)
        free.remove(axis)
        order.append(axis + 1)
    return f"; put the axes in order: np.transpose(images, {tuple(order)})"


def _in_brackets(*sizes):
    return f"({', '.join(map(str, sizes))})"


def _merges(fine, coarse):
    """Say whether axes of the sizes ``coarse`` are neighbouring ones of ``fine``, merged."""
    left = [size for size in fine if size != 1]
    for size in coarse:
        product = 1
        while product < size and left:
            product *= left.pop(0)
        if product != size:
            return False
    return not left


def finite_tensor(name, values, shape):
    """Return finite real numbers as a floating tensor of a shape in which None is any size ≥ 1."""
    values = _tensor(name, values, "cpu" if not isinstance(values, torch.Tensor) else values.device)
    sizes = ", ".join("n" if size is None else str(size) for size in shape)
    fits = values.ndim == len(shape) and all(
        size in (None, got) and got > 0 for size, got in zip(shape, values.shape, strict=True)
    )
    require(fits, name, f"shape ({sizes})", tuple(values.shape))
    values = values if values.is_floating_point() else values.float()
    require(bool(values.isfinite().all()), name, "finite numbers", "NaN or an infinity")
    return values


def whole_numbers(name, values):
    """Return whole numbers from 0 on as an array of integers, shape ``(n,)``, n ≥ 1."""
    numbers = _tensor(name, values, "cpu")
    fits = numbers.ndim == 1 and len(numbers) > 0
    require(fits, name, "shape (n,)", tuple(numbers.shape))
    is_whole = not numbers.is_floating_point() and numbers.dtype != torch.bool
    require(is_whole, name, "whole numbers", numbers.dtype, TypeError)
    require(bool(numbers.min() >= 0), name, "numbers from 0 on", numbers.min().item())
    return numbers.numpy()


def _tensor(name, values, device):
    """Return as a tensor what is an array of real numbers or truth values, bytes as bytes."""
    _, array = take(name, values)
    if not isinstance(array, torch.Tensor):
        array = np.asarray(array)
        is_known = array.dtype == bool or array.dtype.kind in "iuf"
        require(is_known, name, "real numbers", array.dtype, TypeError)
        array = torch.tensor(array)  # a copy: the data's arrays are read-only
    require(not array.is_complex(), name, "real numbers", array.dtype, TypeError)
    if array.dtype in (torch.uint16, torch.uint32, torch.uint64):  # torch computes with few of them
        array = array.long()
    return array.to(device)
