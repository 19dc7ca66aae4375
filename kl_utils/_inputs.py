"""What models, training and evaluation are given, checked at the door: images, bits and numbers.

What would give a wrong number is refused by name. A check of images costs one pass over them; what
lies behind the door, such as a training step, checks nothing.
"""

import math
import numbers
import operator

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


def grey_images(name, images, device, pixels=None):
    """Return grey images as a tensor of bytes on ``device``, shape ``(n, pixels)``, n ≥ 1."""
    images = _rows_of_pixels(name, images, device, pixels)
    require(images.dtype == torch.uint8, name, "bytes (uint8)", images.dtype, TypeError)
    return images


def black_and_white(name, images, device, pixels=None):
    """Return images of 0 and 1, of any dtype, on ``device``, shape ``(n, pixels)``, n ≥ 1."""
    images = _rows_of_pixels(name, images, device, pixels)
    are_bits = images.dtype == torch.bool or bool(((images == 0) | (images == 1)).all())
    if not are_bits:
        expected = "only 0 and 1 (kl_utils.fixed_bits makes bits of grey images)"
        require(False, name, expected, f"values from {images.min():g} to {images.max():g}")
    return images


def _rows_of_pixels(name, images, device, pixels):
    if isinstance(images, torch.Tensor):
        images = images.to(device)
    else:
        try:
            images = torch.tensor(images, device=device)  # a copy: the data's arrays are read-only
        except (TypeError, ValueError, RuntimeError) as error:
            message = f"{name}: expected an array or tensor of images, got {type(images).__name__}"
            raise TypeError(f"{message} ({error})") from error
    shape = tuple(images.shape)
    expected = f"shape (n, {pixels or 'pixels'})"
    if len(shape) > 2:
        expected += f"; flatten the images to ({shape[0]}, {math.prod(shape[1:])})"
    require(len(shape) == 2, name, expected, shape)
    require(len(images) > 0, name, "at least one image", "none")
    require(pixels in (None, shape[1]), name, expected, shape)
    return images
