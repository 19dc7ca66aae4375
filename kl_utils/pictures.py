"""Pictures of one's own, as the arrays of bytes that models learn from.

`images_from_folder` brings the pictures of a folder to one size; `split_images` sets some aside for
testing, the same ones every time, and keeps equal ones together.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageOps

from ._arguments import require
from ._checks import check_count

# A file with another ending, such as notes.txt, is passed over. One with these is read, or named in
# an error: a phone's HEIC pictures, say, which Pillow cannot read, are not left out in silence.
ENDINGS = {
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"),
    *(".pgm", ".ppm", ".pbm", ".pnm", ".tga", ".jp2", ".heic", ".heif", ".jxl", ".dng"),
}
_SHOWN = 5  # files named in an error
_SIXTEEN_BITS = 257  # 65,535 / 255


def picture_files(folder):
    """Return the pictures in a folder and in those inside it, by their endings, in order of name.

    What is hidden (its name, or a folder's, begins with a dot) is passed over.

    Parameters
    ----------
    folder : str or path

    Returns
    -------
    list of pathlib.Path

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If there is no such folder.
    ValueError
        If there is no picture in it.
    """
    is_path = isinstance(folder, (str, Path))
    require(is_path, "folder", "the path of a folder", repr(folder), TypeError)
    path = Path(folder).expanduser()
    seen_from = f"{str(folder)!r}, seen from {Path.cwd()}"
    require(path.exists(), "folder", "a folder that exists", seen_from, FileNotFoundError)
    require(path.is_dir(), "folder", "a folder", f"a file: {str(folder)!r}", NotADirectoryError)
    inside = [file.relative_to(path) for file in path.rglob("*") if file.is_file()]
    files = sorted(
        file
        for file in inside
        if file.suffix.lower() in ENDINGS and not any(map(_is_hidden, file.parts))
    )
    require(files, "folder", "pictures, such as .png or .jpg", f"none of {len(inside)} files")
    return [path / file for file in files]


def _is_hidden(name):
    return name.startswith(".") or name == "__MACOSX"


def images_from_folder(folder, size, *, colour=False):
    """Read all pictures of a folder, brought to one size.

    Each is turned upright, as its camera noted; what is transparent shows white; of an animation
    the first picture counts; 16 bits become 8. Then the largest piece of the wanted shape is cut
    from the middle and made smaller. A picture is never enlarged: that would add pixels that say
    nothing new, and flatter every number per dimension.

    Parameters
    ----------
    folder : str or path
        As for `picture_files`, whose order the images have.
    size : int or pair of int
        Height and width, or one number for both.
    colour : bool
        Whether to keep red, green and blue, or only their luminance. Here 0 is black and 255 is
        white; in MNIST, 255 is ink.

    Returns
    -------
    numpy.ndarray of uint8, shape (n, height, width), or (n, 3, height, width) with ``colour``

    Raises
    ------
    FileNotFoundError, NotADirectoryError
        If there is no such folder.
    ValueError
        If no picture is in it, or some cannot be read or are too small, which are named.
    """
    height, width = _height_and_width(size)
    is_switch = isinstance(colour, (bool, np.bool_))
    require(is_switch, "colour", "True or False", repr(colour), TypeError)
    files, root = picture_files(folder), Path(folder).expanduser()
    channels = (3,) if colour else ()
    images = np.empty((len(files), *channels, height, width), np.uint8)
    faults = []
    for i, file in enumerate(files):
        try:
            fitted = _fitted(_upright(file, colour), height, width)
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            faults.append(f"{file.relative_to(root)}: {_in_a_line(error)}")
        else:
            images[i] = np.moveaxis(fitted, -1, 0) if colour else fitted
    if faults:
        more = f"\n  and {len(faults) - _SHOWN} more" if len(faults) > _SHOWN else ""
        told = "".join(f"\n  {fault}" for fault in faults[:_SHOWN])
        expected = f"pictures that can be read, of at least {height}×{width} pixels"
        got = f"{len(faults)} of {len(files)} that cannot be used:{told}{more}"
        require(False, "folder", expected, got)
    return images


def _height_and_width(size):
    sizes = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    require(len(sizes) == 2, "size", "one number, or height and width", repr(size))
    for one in sizes:
        check_count(1, size=one)
    return sizes


def _upright(file, colour):
    """Return a picture in 8 bits, grey or in colour, without transparency, turned as it should."""
    with Image.open(file) as picture:
        picture.seek(0)
        upright = ImageOps.exif_transpose(picture)
    if upright.has_transparency_data:
        paper = Image.new("RGBA", upright.size, "white")
        upright = Image.alpha_composite(paper, upright.convert("RGBA"))
    elif upright.mode[:1] in ("I", "F"):
        upright = _in_eight_bits(upright, picture.format)
    return upright.convert("RGB").convert("RGB" if colour else "L")


def _in_eight_bits(picture, kind):
    """Bring grey values of 16 bits to bytes; Pillow's own way to do so cuts them off at 255."""
    has_16_bits = picture.mode == "I" and kind in ("PNG", "PPM")
    if not (has_16_bits or picture.mode.startswith("I;16")):
        raise ValueError(f"it has numbers of 32 bits ({picture.mode}), not 8 or 16")
    values = np.asarray(picture).astype(np.uint32)
    return Image.fromarray(((values + _SIXTEEN_BITS // 2) // _SIXTEEN_BITS).astype(np.uint8))


def _fitted(picture, height, width):
    if picture.height < height or picture.width < width:
        raise ValueError(f"it has only {picture.height}×{picture.width} pixels")
    return np.asarray(ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS))


def _in_a_line(error):
    words = " ".join(str(error).split()) or type(error).__name__
    return "it is no picture that Pillow can read" if "cannot identify" in words else words


class ImageSplit(NamedTuple):
    """Images to train on, and images to test with.

    Attributes
    ----------
    train, test : numpy.ndarray, shapes (n, ...) and (m, ...)
        In the order in which they stood.
    train_indices, test_indices : numpy.ndarray of int
        Where they stood: with these, labels are split alike.
    notice : str
        One sentence that says how many there are, and how many are copies.
    """

    train: np.ndarray
    test: np.ndarray
    train_indices: np.ndarray
    test_indices: np.ndarray
    notice: str


def split_images(images, *, test_share=0.2, seed=0):
    """Set a share of images aside for testing: the same ones in every run and on every machine.

    A copy of a training image would test memory, so images that are equal byte for byte stay on
    one side, and the notice counts them. It knows nothing of images that are merely alike, such as
    two pictures of one scene: split scenes, people or days, and not their pictures.

    Parameters
    ----------
    images : numpy.ndarray, shape (n, ...)
    test_share : float
        Between 0 and 1. At least one image is on each side.
    seed : int
        Seeds `numpy.random.RandomState`, whose stream NumPy has promised never to change.

    Returns
    -------
    ImageSplit

    Raises
    ------
    TypeError, ValueError
        If the images are no plain array, or hold fewer than two that differ, or the share is none.
    """
    kind = type(images)
    require(kind in (np.ndarray, np.memmap), "images", "a NumPy array", kind.__name__, TypeError)
    is_plain = images.dtype.kind in "uifb"
    require(is_plain, "images", "an array of real numbers", images.dtype, TypeError)
    require(images.ndim > 1, "images", "shape (n, ...)", images.shape)
    is_number = isinstance(test_share, (int, float, np.number)) and not isinstance(test_share, bool)
    require(is_number, "test_share", "a number", repr(test_share), TypeError)
    require(0 < test_share < 1, "test_share", "a number between 0 and 1", test_share)
    check_count(0, seed=seed)

    groups = {}
    for i, image in enumerate(images):
        groups.setdefault(image.tobytes(), []).append(i)
    differing = f"{len(groups)} among {len(images)}"
    require(len(groups) > 1, "images", "at least two that differ", differing)
    groups = list(groups.values())
    wanted = test_share * len(images)
    test = []
    for place in np.random.RandomState(seed).permutation(len(groups))[1:]:
        if test and len(test) + len(groups[place]) / 2 > wanted:
            break
        test += groups[place]
    test = np.sort(test)
    train = np.setdiff1d(np.arange(len(images)), test)
    copies = len(images) - len(groups)
    notice = f"Images: {len(train):,} to train on, {len(test):,} to test with"
    if copies:
        notice += f"; copies of other images: {copies:,}, each on the side of its original"
    return ImageSplit(images[train], images[test], train, test, f"{notice}.")
