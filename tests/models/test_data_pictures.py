"""Folders of pictures: every kind comes out as the eye sees it, or is named in an error."""

import hashlib

import numpy as np
import pytest
from PIL import Image

from kl_utils import images_from_folder, split_images
from kl_utils.pictures import picture_files

RED, WHITE = (255, 0, 0), (255, 255, 255)


def gradient(height, width):
    """Colours that differ in every pixel and channel."""
    y, x = np.mgrid[:height, :width]
    return np.stack([4 * y, 4 * x, 2 * (x + y)], -1).astype(np.uint8)


@pytest.fixture
def save(tmp_path):
    def save(picture, name="a.png", **options):
        if isinstance(picture, np.ndarray):
            picture = Image.fromarray(picture)
        (tmp_path / name).parent.mkdir(exist_ok=True)
        picture.save(tmp_path / name, **options)
        return tmp_path

    return save


def only(folder, size=4, **options):
    (image,) = images_from_folder(folder, size, **options)
    return image


def test_pixels_that_fit_are_left_as_they_are(save):
    values = gradient(6, 8)
    image = only(save(values), (6, 8), colour=True)
    assert image.shape == (3, 6, 8) and image.dtype == np.uint8
    np.testing.assert_array_equal(image, values.transpose(2, 0, 1))
    grey = only(save(values), (6, 8))
    weights = np.array([0.299, 0.587, 0.114])  # of luminance, as JPEG has it
    assert np.abs(grey - values @ weights).max() <= 1


@pytest.mark.parametrize("shape", [(8, 16), (16, 8), (8, 8), (9, 30)])
def test_the_middle_is_kept_and_nothing_is_squeezed(save, shape):
    """A disc stays round: it fills the same share of the height and of the width."""
    y, x = np.mgrid[: shape[0] * 8, : shape[1] * 8]
    middle = (shape[0] * 4 - 0.5, shape[1] * 4 - 0.5)
    disc = (np.hypot(y - middle[0], x - middle[1]) < min(shape) * 2).astype(np.uint8) * 255
    image = only(save(disc), 16)
    assert (image[7:9, 7:9] > 250).all() and (image[[0, -1]] < 5).all()
    np.testing.assert_allclose(image, image.T, atol=10)  # Pillow rounds between two passes
    np.testing.assert_allclose(image, image[::-1, ::-1], atol=3)


def test_shrinking_averages_and_does_not_pick(save):
    board = np.indices((64, 64)).sum(0) % 2 * 255
    assert np.abs(only(save(board.astype(np.uint8)), 8).astype(int) - 127).max() < 3


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.tiff", "a.webp"])
def test_a_camera_s_note_turns_the_picture(save, turn, name):
    quarters = np.zeros((16, 16, 3), np.uint8)
    quarters[:8, :8], quarters[:8, 8:], quarters[8:, :8] = RED, (0, 255, 0), (0, 0, 255)
    # How the camera stored what is to be seen upright, for each value of the note.
    stored = [
        quarters, quarters[:, ::-1], quarters[::-1, ::-1], quarters[::-1],
        quarters.transpose(1, 0, 2), np.rot90(quarters, 1),
        quarters[::-1, ::-1].transpose(1, 0, 2), np.rot90(quarters, -1),
    ][turn - 1]  # fmt: skip
    exif = Image.Exif()
    exif[0x0112] = turn
    options = {"quality": 100} if name.endswith(("jpg", "webp")) else {}
    folder = save(np.ascontiguousarray(stored), name, exif=exif, **options)
    image = only(folder, 16, colour=True).transpose(1, 2, 0).astype(int)
    assert np.abs(image - quarters)[2:6, 2:6].max() < 30
    assert np.abs(image - quarters)[2:6, 10:14].max() < 30
    assert np.abs(image - quarters)[10:14, 2:6].max() < 30


def test_what_is_transparent_is_white(save):
    values = np.zeros((4, 4, 4), np.uint8)
    values[:2] = (*RED, 255)
    values[2] = (*RED, 51)  # a fifth of red on white
    image = only(save(values), colour=True)
    assert (image[:, :2].transpose(1, 2, 0) == RED).all()
    assert (image[:, 2].T == (255, 204, 204)).all() and (image[:, 3] == 255).all()
    grey = np.stack([np.zeros((4, 4)), np.eye(4) * 255], -1).astype(np.uint8)
    np.testing.assert_array_equal(only(save(grey)), 255 - np.eye(4) * 255)


def test_a_palette_is_looked_up_and_its_clear_colour_is_white(save):
    palette = Image.new("P", (4, 4), 1)
    palette.putpalette([*RED, 0, 0, 255])
    palette.putpixel((0, 0), 0)
    image = only(save(palette, "a.gif"), colour=True)
    assert tuple(image[:, 0, 0]) == RED and tuple(image[:, 1, 1]) == (0, 0, 255)
    image = only(save(palette, "a.gif", transparency=0), colour=True)
    assert tuple(image[:, 0, 0]) == WHITE and tuple(image[:, 1, 1]) == (0, 0, 255)


@pytest.mark.parametrize("name", ["a.png", "a.tiff", "a.pgm"])
def test_sixteen_bits_become_eight_by_scale(save, name):
    values = np.array([[0, 128, 129, 257], [1000, 32_768, 65_406, 65_535]] * 2, np.uint16)
    if name == "a.pgm":
        picture = Image.fromarray(values.astype(np.int32))
    else:
        picture = Image.fromarray(values)
    np.testing.assert_array_equal(only(save(picture, name)), np.rint(values / 257))
    assert only(save(picture, name), colour=True).shape == (3, 4, 4)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "I;16"])
def test_every_mode_is_read(save, mode):
    picture = Image.new("L", (5, 5), 255).convert(mode)
    name = "a.tiff" if mode in ("CMYK", "YCbCr") else "a.png"
    if mode == "I;16":
        picture = Image.fromarray(np.full((5, 5), 65_535, np.uint16))
    folder = save(picture, name)
    assert (only(folder, 5) == 255).all() and (only(folder, 5, colour=True) == 255).all()


def test_of_an_animation_the_first_picture_counts(save):
    frames = [Image.new("RGB", (4, 4), colour) for colour in (RED, (0, 0, 255))]
    for name in ("a.gif", "b.png", "c.webp", "d.tiff"):
        folder = save(frames[0], name, save_all=True, append_images=frames[1:])
    for image in images_from_folder(folder, 4, colour=True):
        assert np.abs(image[:, 1, 1].astype(int) - RED).max() < 12


def test_pictures_stand_in_the_order_of_their_names(save, tmp_path):
    for grey, name in enumerate(["b.png", "a.PNG", "c/a.jpg", "c.bmp"]):
        save(np.full((4, 4), 50 * grey, np.uint8), name)
    for name in (".hidden.png", ".thumbs/a.png", "__MACOSX/a.png"):
        save(np.zeros((4, 4), np.uint8), name)
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / "folder.png").mkdir()
    names = [file.relative_to(tmp_path).as_posix() for file in picture_files(tmp_path)]
    assert names == ["a.PNG", "b.png", "c/a.jpg", "c.bmp"]
    images = images_from_folder(str(tmp_path), 4)
    assert images.shape == (4, 4, 4) and images[:, 0, 0].tolist() == [50, 0, 100, 150]


def test_what_cannot_be_used_is_named(save, tmp_path):
    save(gradient(8, 8), "good.png")
    save(gradient(3, 8), "low.png")
    data = (tmp_path / "good.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[:-40])
    (tmp_path / "empty.jpg").touch()
    (tmp_path / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(40))
    save(Image.fromarray(np.full((8, 8), 0.5, np.float32)), "real.tiff")
    with pytest.raises(ValueError) as caught:
        images_from_folder(tmp_path, 4)
    message = str(caught.value)
    assert message.startswith(
        "folder: expected pictures that can be read, of at least 4×4 pixels, got 5 of 6 that "
        "cannot be used:\n  cut.png: "
    )
    assert "\n  empty.jpg: it is no picture that Pillow can read\n" in message
    assert "\n  low.png: it has only 3×8 pixels\n" in message
    assert "\n  phone.heic: it is no picture that Pillow can read\n" in message
    assert "\n  real.tiff: it has numbers of 32 bits (F), not 8 or 16" in message
    assert "good.png" not in message and str(tmp_path) not in message
    for number in range(3):
        (tmp_path / f"x{number}.png").touch()
    with pytest.raises(ValueError, match=r"got 8 of 9 that(.*\n){6}  and 3 more$"):
        images_from_folder(tmp_path, 4)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"^folder: expected a folder that exists, got '"):
        images_from_folder(tmp_path / "none", 4)
    (tmp_path / "notes.txt").touch()
    with pytest.raises(NotADirectoryError, match=r"^folder: expected a folder, got a file: '"):
        images_from_folder(tmp_path / "notes.txt", 4)
    with pytest.raises(ValueError, match=r"^folder: expected pictures, such as .* none of 1 files"):
        images_from_folder(tmp_path, 4)
    for folder in (None, 3, ["a"], b"a"):
        with pytest.raises(TypeError, match=r"^folder: expected the path of a folder, got "):
            images_from_folder(folder, 4)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"size": 0}, ValueError, r"size: expected a whole number ≥ 1, got 0"),
        ({"size": (4, 0)}, ValueError, r"size: expected a whole number ≥ 1, got 0"),
        ({"size": 2.0}, TypeError, "size: expected a whole number, got 2.0"),
        ({"size": "4"}, TypeError, "size: expected a whole number, got 4"),
        ({"size": (3, 4, 4)}, ValueError, r"size: expected one number, or height and width"),
        ({"size": 4, "colour": "L"}, TypeError, "colour: expected True or False, got 'L'"),
    ],
)
def test_settings_are_named(save, options, error, message):
    folder = save(gradient(4, 4))
    with pytest.raises(error, match=f"^{message}"):
        images_from_folder(folder, **options)


# ------------------------------------------------------------------------------------------ splits

IMAGES = np.random.default_rng(0).integers(0, 256, (50, 3, 4, 4), dtype=np.uint8)


def test_a_split_is_fixed_and_loses_nothing():
    split = split_images(IMAGES)
    assert split.train.shape == (40, 3, 4, 4) and split.test.shape == (10, 3, 4, 4)
    np.testing.assert_array_equal(split.train, IMAGES[split.train_indices])
    np.testing.assert_array_equal(split.test, IMAGES[split.test_indices])
    assert sorted([*split.train_indices, *split.test_indices]) == list(range(50))
    assert split.notice == "Images: 40 to train on, 10 to test with."
    # The same on every machine, for ever.
    assert split.test_indices.tolist() == [2, 4, 10, 11, 22, 27, 31, 33, 38, 41]
    assert split_images(IMAGES, seed=1).test_indices.tolist() != split.test_indices.tolist()


def test_copies_stay_on_one_side_and_are_counted():
    images = np.concatenate([IMAGES, IMAGES[:20], IMAGES[:5]])
    for seed in range(20):
        split = split_images(images, seed=seed)
        digests = [
            {hashlib.sha256(image.tobytes()).digest() for image in side}
            for side in (split.train, split.test)
        ]
        assert not digests[0] & digests[1] and len(digests[0] | digests[1]) == 50
        assert abs(len(split.test) - 15) <= 2
        assert "; copies of other images: 25, each on the side of its original." in split.notice


@pytest.mark.parametrize("share", [1e-9, 0.5, 1 - 1e-9])
def test_both_sides_have_an_image(share):
    for images in (IMAGES[:2], IMAGES, np.concatenate([IMAGES[:1]] * 9 + [IMAGES[1:2]])):
        split = split_images(images, test_share=share)
        assert len(split.train) and len(split.test)
        assert len(split.train) + len(split.test) == len(images)


@pytest.mark.parametrize(
    ("images", "options", "error", "message"),
    [
        (IMAGES[:1], {}, ValueError, "images: expected at least two that differ, got 1 among 1"),
        (IMAGES[:0], {}, ValueError, "images: expected at least two that differ, got 0 among 0"),
        (np.zeros((9, 4)), {}, ValueError, "images: expected at least two .*, got 1 among 9"),
        (np.arange(9), {}, ValueError, r"images: expected shape \(n, \.\.\.\), got \(9,\)"),
        (IMAGES.tolist(), {}, TypeError, "images: expected a NumPy array, got list"),
        (np.ma.array(IMAGES), {}, TypeError, "images: expected a NumPy array, got MaskedArray"),
        (IMAGES.astype(object), {}, TypeError, "images: expected an array of real numbers, got ob"),
        (IMAGES * 1j, {}, TypeError, "images: expected an array of real numbers, got complex128"),
        (IMAGES, {"test_share": 0}, ValueError, "test_share: expected a number between 0 and 1"),
        (IMAGES, {"test_share": 1.0}, ValueError, "test_share: expected a number between 0 and 1"),
        (IMAGES, {"test_share": np.nan}, ValueError, "test_share: expected a number between"),
        (IMAGES, {"test_share": "all"}, TypeError, "test_share: expected a number, got 'all'"),
        (IMAGES, {"seed": None}, TypeError, "seed: expected a whole number, got None"),
        (IMAGES, {"seed": -1}, ValueError, "seed: expected a whole number ≥ 0, got -1"),
    ],
)
def test_what_cannot_be_split_is_refused(images, options, error, message):
    with pytest.raises(error, match=f"^{message}"):
        split_images(images, **options)
