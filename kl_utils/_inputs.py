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


def whole_number(name, value, least=None):
    """Return ``value`` as an int: Python's and NumPy's integers are taken, True and 2.0 are not."""
    expected = "a whole number" if least is None else f"a whole number of at least {least}"
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    require(number is not None, name, expected, repr(value), TypeError)
    require(least is None or number >= least, name, expected, number)
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
    if not fits and event_shape and math.prod(shape[1:]) == math.prod(event_shape):
        expected += f"; reshape the images to ({', '.join(map(str, (len(images), *sizes)))})"
    require(fits, name, expected, shape)
    require(len(images) > 0, name, "at least one image", "none")
    return images


def _tensor(name, images, device):
    """Return a tensor of what is a dense array of real numbers or truth values."""
    expected = "an array or tensor of images"
    if not isinstance(images, torch.Tensor):
        try:
            array = np.asarray(images) if isinstance(images, (list, tuple)) else images
            is_array = type(array) in (np.ndarray, np.memmap)
            require(is_array, name, expected, type(images).__name__, TypeError)
            images = torch.tensor(array)  # a copy: the data's arrays are read-only
        except (TypeError, ValueError, RuntimeError) as error:
            message = f"{name}: expected {expected}, got {type(images).__name__}"
            raise TypeError(f"{message} ({error})") from error
    is_real = images.layout is torch.strided and not images.is_complex()
    require(is_real, name, "a dense tensor of real numbers", images.dtype, TypeError)
    return images.to(device)
