"""Images: where they come from, that no fault on the way can spoil them, and their binarisation.

No test uses the network: the mirrors are servers on 127.0.0.1, the files small made-up ones.
"""

import errno
import gzip
import hashlib
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import requests
from tqdm.auto import tqdm

from kl_utils import _downloads, _idx_sets, binarize, fixed_bits, load_images
from kl_utils.data import DataError, DataUnavailable
from tests.models import faulty_server
from tests.models.faulty_server import FaultyServer

# ----------------------------------------------------------------- a small world in place of MNIST


def idx(values):
    return struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


RNG = np.random.default_rng(0)
ARRAYS = {
    "train-images-idx3-ubyte": RNG.integers(0, 256, (5, 28, 28), dtype=np.uint8),
    "train-labels-idx1-ubyte": np.arange(5, dtype=np.uint8),
    "t10k-images-idx3-ubyte": RNG.integers(0, 256, (3, 28, 28), dtype=np.uint8),
    "t10k-labels-idx1-ubyte": np.arange(3, dtype=np.uint8),
}
CONTENTS = {name: idx(values) for name, values in ARRAYS.items()}
FILES = {f"{name}.gz": gzip.compress(content) for name, content in CONTENTS.items()}
DIGESTS = {name: hashlib.sha256(content).hexdigest() for name, content in CONTENTS.items()}
FIRST = next(iter(FILES))
LARGEST = 2**20
TOO_LONG = f"more than the {LARGEST:,} bytes of the largest file"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """Folder of an empty cache; the small files count as MNIST, and no wait is long."""
    for name in ("KL_UTILS_DATA", "KL_UTILS_OFFLINE", "KL_UTILS_MIRRORS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KL_UTILS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name, known in _idx_sets.SETS.items():
        monkeypatch.setitem(_idx_sets.SETS, name, known._replace(sha256=DIGESTS, mirrors=()))
    monkeypatch.setattr(_idx_sets, "LARGEST", LARGEST)
    monkeypatch.setattr(_downloads, "PAUSES", (0.01, 0.01))
    monkeypatch.setattr(_downloads, "DEADLINE", 10)
    return tmp_path / "cache" / "mnist"


@pytest.fixture
def mirror(cache, monkeypatch):
    with FaultyServer(FILES) as server:
        monkeypatch.setenv("KL_UTILS_MIRRORS", server.url)
        yield server


@pytest.fixture
def no_sockets(monkeypatch):
    def refuse(*args, **kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def assert_right(images, name="mnist"):
    values = (images.train_images, images.train_labels, images.test_images, images.test_labels)
    for got, expected in zip(values, ARRAYS.values(), strict=True):
        assert got.dtype == np.uint8 and not got.flags.writeable
        np.testing.assert_array_equal(got, expected.reshape(len(expected), -1).squeeze())
    assert images.name == name
    together = b"".join(values.tobytes() for values in ARRAYS.values())
    assert images.sha256 == hashlib.sha256(together).hexdigest()


def assert_sound(cache, complete=False):
    """Whatever lies in the cache is under its final name, and right."""
    found = {path.name: path.read_bytes() for path in cache.glob("*")}
    assert found.items() <= CONTENTS.items()
    assert not complete or len(found) == len(CONTENTS)


# -------------------------------------------------------------------------------- downloads, cache


def test_first_load_downloads_and_second_reads_the_cache(mirror, cache, monkeypatch, request):
    assert_right(load_images("mnist"))
    assert mirror.visits == list(FILES)
    assert_sound(cache, complete=True)
    request.getfixturevalue("no_sockets")
    assert_right(load_images("mnist"))
    monkeypatch.setenv("KL_UTILS_OFFLINE", "1")
    assert_right(load_images("mnist"))


@pytest.mark.parametrize(
    "fault, answer, visits",
    [
        (faulty_server.status(403), "403", 1),
        (faulty_server.status(404), "404", 1),
        (faulty_server.status(503), "503", 3),
        (faulty_server.no_answer, "RemoteDisconnected", 3),
        (faulty_server.truncated, "IncompleteRead", 3),
        (faulty_server.truncated_unannounced, "damaged gzip", 1),
        (faulty_server.damaged, "damaged gzip", 1),
        (faulty_server.other_content, "wrong content", 1),
        (faulty_server.html_page, "wrong content: 52 bytes that begin with b'<!DOCTYPE", 1),
        (faulty_server.hanging, "timed out", 1),
        (faulty_server.stalling, "timed out", 1),
        (faulty_server.dripping, "not finished after", 1),
        (faulty_server.endless, TOO_LONG, 1),
        (faulty_server.endless_announced, TOO_LONG, 1),
        (faulty_server.bomb, TOO_LONG, 1),
        (faulty_server.bomb_in_transfer, TOO_LONG, 1),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_fault_of_the_only_mirror_is_a_clear_error_and_spoils_nothing(
    mirror, cache, monkeypatch, fault, answer, visits
):
    mirror.fault = fault
    with monkeypatch.context() as impatient, pytest.raises(DataUnavailable) as caught:
        if answer == "timed out":
            impatient.setattr(_downloads, "TIMEOUT", (5, 0.3))
        if answer == "not finished after":
            impatient.setattr(_downloads, "DEADLINE", 0.5)
        load_images("mnist")
    message = str(caught.value)
    assert f"{mirror.url}{FIRST}: " in message and answer in message
    assert "KL_UTILS_DATA" in message and 'load_images("digits")' in message
    assert mirror.visits == [FIRST] * visits
    assert mirror.sent < 10 * LARGEST  # the system's buffers take some that nobody reads
    assert_sound(cache)

    mirror.fault = faulty_server.healthy
    assert_right(load_images("mnist"))
    assert_sound(cache, complete=True)


def test_mirror_that_cannot_be_reached_in_time_is_asked_once(cache, monkeypatch):
    asked = []

    def time_out(url, **kwargs):
        asked.append(url)
        raise requests.ConnectTimeout("no route")

    monkeypatch.setattr(requests, "get", time_out)
    both = _idx_sets.SETS["mnist"]._replace(mirrors=("http://a", "http://b/"))
    monkeypatch.setitem(_idx_sets.SETS, "mnist", both)
    with pytest.raises(DataUnavailable, match="ConnectTimeout: no route"):
        load_images("mnist")
    assert asked == [f"http://a/{FIRST}", f"http://b/{FIRST}"]


def test_fault_that_passes_is_tried_again(mirror, cache):
    mirror.fault = faulty_server.status(503, times=2)
    assert_right(load_images("mnist"))
    assert mirror.visits.count(FIRST) == 3
    assert_sound(cache, complete=True)


def test_second_mirror_supplies_only_what_the_first_did_not(mirror, cache, monkeypatch):
    def fails_at_the_third_file(handler, data, visit):
        fault = faulty_server.healthy if len(mirror.visits) < 3 else faulty_server.html_page
        fault(handler, data, visit)

    mirror.fault = fails_at_the_third_file
    with FaultyServer(FILES) as second:
        monkeypatch.setenv("KL_UTILS_MIRRORS", f"{mirror.url} {second.url}")
        assert_right(load_images("mnist"))
    assert (mirror.visits, second.visits) == (list(FILES)[:3], list(FILES)[2:])
    assert_sound(cache, complete=True)


def test_mirror_that_declares_the_file_a_compressed_transfer_is_understood(mirror, cache):
    mirror.fault = faulty_server.encoded
    assert_right(load_images("mnist"))


@pytest.mark.parametrize("spoil", [lambda b: b[:-1], lambda b: b"", lambda b: b[:-1] + b"\xff"])
def test_damaged_file_in_the_cache_is_removed_and_fetched_again(mirror, cache, spoil):
    load_images("mnist")
    victim = cache / FIRST.removesuffix(".gz")
    victim.write_bytes(spoil(victim.read_bytes()))
    mirror.visits.clear()
    mirror.fault = faulty_server.status(404)
    with pytest.raises(DataUnavailable):
        load_images("mnist")
    assert not victim.exists()

    mirror.fault = faulty_server.healthy
    assert_right(load_images("mnist"))
    assert mirror.visits == [FIRST, FIRST]
    assert_sound(cache, complete=True)


def test_cache_that_cannot_be_written_costs_only_the_keeping(mirror, tmp_path, monkeypatch):
    # The tests may run as root, whom no permission stops; a folder below a file stops anyone.
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("KL_UTILS_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.warns(UserWarning, match="cannot be kept in the cache \\(Not a directory\\)"):
        assert_right(load_images("mnist"))


def test_full_disk_costs_only_the_keeping(mirror, cache, monkeypatch):
    write_bytes = Path.write_bytes

    def write_half(path, content):
        write_bytes(path, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", write_half)
    with pytest.warns(UserWarning, match="cannot be kept in the cache \\(No space left"):
        assert_right(load_images("mnist"))
    assert cache.is_dir()
    assert_sound(cache)


# ------------------------------------------------------------------ interruptions, other processes


@pytest.fixture
def interruptible():
    """Make Ctrl-C work: where a shell starts the tests in the background, it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_interrupt_during_a_download_goes_through_and_spoils_nothing(mirror, cache):
    def interrupt_then_drip(handler, data, visit):
        if visit == 1 and len(mirror.visits) == 2:  # the second file; the first is complete
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
            faulty_server.dripping(handler, data, visit)
        else:
            faulty_server.healthy(handler, data, visit)

    mirror.fault = interrupt_then_drip
    with pytest.raises(KeyboardInterrupt):
        load_images()
    assert [path.name for path in cache.iterdir()] == [FIRST.removesuffix(".gz")]
    assert_sound(cache)
    assert_right(load_images("mnist"))


def test_interrupt_while_the_bar_is_drawn_does_not_block_later_downloads(mirror, cache):
    # That is how it leaves tqdm: the lock is held by the main thread, which may take it again.
    with tqdm.get_lock():
        assert_right(load_images("mnist"))


def test_interrupt_while_keeping_a_file_goes_through_and_spoils_nothing(mirror, cache, monkeypatch):
    def interrupt(path, target):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Path, "replace", interrupt)
        load_images()
    assert cache.is_dir()
    assert_sound(cache)
    assert_right(load_images("mnist"))


LOAD = """
import json, os, pathlib, signal
from kl_utils import _idx_sets, load_images
digests = json.loads(os.environ["TEST_SHA256"])
_idx_sets.SETS["mnist"] = _idx_sets.SETS["mnist"]._replace(sha256=digests)
if "TEST_DIES" in os.environ:  # between writing a file and giving it its name
    pathlib.Path.replace = lambda *paths: os.kill(os.getpid(), signal.SIGKILL)
print(load_images("mnist").sha256)
"""


def start_loading(**environment):
    environment |= os.environ | {"TEST_SHA256": json.dumps(DIGESTS)}
    command = [sys.executable, "-W", "error", "-c", LOAD]
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_two_processes_at_once_both_succeed(mirror, cache):
    # No answer before both have asked for the same file: they write the same names together.
    both = threading.Barrier(2, timeout=20)

    def wait_for_both(handler, data, visit):
        both.wait()
        faulty_server.healthy(handler, data, visit)

    mirror.fault = wait_for_both
    processes = [start_loading(), start_loading()]
    outputs = [process.communicate(timeout=30) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    assert sorted(mirror.visits) == sorted([*FILES, *FILES])
    assert_sound(cache, complete=True)
    assert {output for output, _ in outputs} == {load_images("mnist").sha256 + "\n"}


def test_process_killed_during_a_download_leaves_nothing_broken(mirror, cache):
    asked = threading.Event()

    def drip_at_the_second_file(handler, data, visit):
        if len(mirror.visits) == 2:
            asked.set()
            faulty_server.dripping(handler, data, visit)
        else:
            faulty_server.healthy(handler, data, visit)

    mirror.fault = drip_at_the_second_file
    process = start_loading()
    assert asked.wait(20)
    process.kill()
    process.communicate(timeout=10)
    assert process.returncode == -signal.SIGKILL
    assert [path.name for path in cache.iterdir()] == [FIRST.removesuffix(".gz")]
    assert_sound(cache)

    assert_right(load_images("mnist"))
    assert_sound(cache, complete=True)


def test_process_killed_while_writing_leaves_a_file_that_is_swept_up_later(
    mirror, cache, monkeypatch
):
    process = start_loading(TEST_DIES="1")
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    (left,) = cache.iterdir()
    assert left.suffix == ".part"

    assert_right(load_images("mnist"))
    assert left.exists(), "it might have been the work of a process that still runs"
    (cache / FIRST.removesuffix(".gz")).unlink()
    monkeypatch.setattr(_idx_sets, "STALE", -1)
    assert_right(load_images("mnist"))
    assert_sound(cache, complete=True)


# ----------------------------------------------------------------------------- which data, and why


def test_auto_prints_which_data_and_an_explicit_choice_prints_nothing(mirror, capsys):
    images = load_images()
    assert capsys.readouterr().out == f"{images.notice}\n"
    assert images.notice == "Data: MNIST, 5 training and 3 test images."
    load_images("mnist")
    load_images("digits")
    assert capsys.readouterr() == ("", "")


def test_offline_opens_no_socket_and_says_that_the_digits_stand_in(
    cache, no_sockets, monkeypatch, capsys
):
    monkeypatch.setenv("KL_UTILS_OFFLINE", "1")
    monkeypatch.setenv("KL_UTILS_MIRRORS", "http://127.0.0.1:9/")
    assert load_images().name == "digits"
    assert capsys.readouterr() == (
        "Data: NOT MNIST, because KL_UTILS_OFFLINE is set and MNIST is not in the cache, but the "
        "1,500 + 297 small digits of scikit-learn (training + test), in MNIST's format.\n",
        "",
    )
    with pytest.raises(DataUnavailable, match="KL_UTILS_OFFLINE is set"):
        load_images("mnist")
    monkeypatch.setenv("KL_UTILS_OFFLINE", "false")
    with pytest.raises(AssertionError, match="a socket was opened"):
        load_images("mnist")


def test_offline_is_understood_or_refused_whatever_is_in_the_cache(mirror, monkeypatch):
    load_images("mnist")
    monkeypatch.setenv("KL_UTILS_OFFLINE", "maybe")
    expected = "KL_UTILS_OFFLINE: expected 1, true, yes, on or 0, false, no, off.*got 'maybe'"
    with pytest.raises(ValueError, match=expected):
        load_images()


def test_auto_falls_back_when_no_mirror_delivers(mirror, capsys):
    mirror.fault = faulty_server.status(403)
    assert load_images().name == "digits"
    assert "NOT MNIST, because no mirror delivered it" in capsys.readouterr().out


def test_named_folder_is_used_and_nothing_else(tmp_path, cache, no_sockets, monkeypatch):
    folder = tmp_path / "named" / "mnist"
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    monkeypatch.setenv("KL_UTILS_DATA", str(folder.parent))
    assert_right(load_images("mnist"))
    (folder / FIRST).unlink()
    (folder / FIRST.removesuffix(".gz")).write_bytes(CONTENTS[FIRST.removesuffix(".gz")])
    assert_right(load_images("mnist"))
    assert not cache.exists()


def test_sets_whose_files_have_the_same_names_are_kept_apart(mirror, cache, monkeypatch, tmp_path):
    clothes = {name: bytes(reversed(content)) for name, content in CONTENTS.items()}
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in clothes.items()}
    load_images("mnist")
    mirror.visits.clear()
    assert_right(load_images("fashion-mnist"), "fashion-mnist")
    assert mirror.visits == list(FILES)
    assert_sound(cache.parent / "fashion-mnist", complete=True)

    other = _idx_sets.SETS["fashion-mnist"]._replace(sha256=digests)
    monkeypatch.setitem(_idx_sets.SETS, "fashion-mnist", other)
    with pytest.raises(
        DataUnavailable, match=r"^Fashion-MNIST could not be (.*\n)+.*wrong content"
    ):
        load_images("fashion-mnist")  # MNIST's files under the same names are not taken for it
    assert_sound(cache, complete=True)
    assert not list((cache.parent / "fashion-mnist").iterdir())

    folder = tmp_path / "named"
    cache.rename(folder)
    monkeypatch.setenv("KL_UTILS_DATA", str(tmp_path))
    with pytest.raises(DataError, match=f"lacks fashion-mnist/{FIRST}"):
        load_images("fashion-mnist")
    monkeypatch.delenv("KL_UTILS_DATA")
    monkeypatch.setenv("KL_UTILS_OFFLINE", "1")
    with pytest.raises(DataUnavailable, match=r"a folder named fashion-mnist, and set KL_UTILS"):
        load_images("fashion-mnist")


@pytest.mark.parametrize("source", ["auto", "mnist"])
@pytest.mark.parametrize(
    "spoil, problem",
    [
        (lambda file: file.parent.rename(file.parents[1] / "elsewhere"), f"lacks mnist/{FIRST}"),
        (lambda file: file.parents[1].rename(file.parents[2] / "elsewhere"), "does not exist"),
        (lambda file: file.unlink(), f"lacks mnist/{FIRST}"),
        (lambda file: file.write_bytes(file.read_bytes()[:-9]), "damaged gzip"),
        (lambda file: file.write_bytes(gzip.compress(b"other")), "wrong content: 5 bytes"),
        (lambda file: file.write_bytes(gzip.compress(bytes(2**24))[:-9]), TOO_LONG),
        (lambda file: file.write_bytes(bytes(2 * LARGEST)), TOO_LONG),
        (lambda file: (file.unlink(), file.mkdir()), "Is a directory"),
    ],
    ids=["no mnist", "no folder", "no file", "damaged", "other", "bomb", "long", "not a file"],
)
def test_named_folder_that_is_wrong_is_an_error(
    tmp_path, mirror, monkeypatch, spoil, problem, source
):
    load_images("mnist")  # neither the cache nor the mirror may stand in
    mirror.visits.clear()
    folder = tmp_path / "named" / "mnist"
    folder.mkdir(parents=True)
    for name, data in FILES.items():
        (folder / name).write_bytes(data)
    spoil(folder / FIRST)
    monkeypatch.setenv("KL_UTILS_DATA", str(folder.parent))
    with pytest.raises(DataError, match=f"^KL_UTILS_DATA names .*{re.escape(problem)}"):
        load_images(source)
    assert not mirror.visits


def test_unknown_source_is_refused():
    known = "'auto', 'mnist', 'fashion-mnist', 'digits'"
    for source in ("cifar", "MNIST", None, ["mnist"]):
        with pytest.raises(ValueError, match=f"^source: expected one of {known}, got "):
            load_images(source)


# ---------------------------------------------------------------------------------------- the data


def test_files_that_do_not_belong_together_are_refused(mirror, monkeypatch):
    labels = idx(np.arange(4, dtype=np.uint8))
    name = "train-labels-idx1-ubyte"
    monkeypatch.setitem(FILES, f"{name}.gz", gzip.compress(labels))
    monkeypatch.setitem(DIGESTS, name, hashlib.sha256(labels).hexdigest())
    with pytest.raises(ValueError, match=r"expected 4 images of 28×28, got \(5, 28, 28\)"):
        load_images("mnist")


def test_digits_are_the_same_bytes_everywhere_and_look_like_mnist():
    images = load_images("digits")
    assert images.sha256 == "fb633ac07542cbb19167b11bde7a21c2e5858ef20c58a6fdcad26f08d6d9feb4"
    assert repr(images) == f"Images('digits', train=1,500, test=297, sha256={images.sha256[:12]}…)"
    assert not images.train_images.flags.writeable and not images.train_labels.flags.writeable
    everything = np.concatenate([images.train_images, images.test_images]).reshape(-1, 28, 28)
    assert everything.dtype == np.uint8 and (everything.min(), everything.max()) == (0, 255)
    inside = np.zeros((28, 28), bool)
    inside[4:24, 4:24] = True
    assert not everything[:, ~inside].any()
    # Shrinking back to 8×8 gives the originals: nothing is flipped, shifted or out of order.
    from sklearn.datasets import load_digits

    fine = np.kron(everything[:, 4:24, 4:24], np.ones((2, 2)))
    coarse = fine.reshape(-1, 8, 5, 8, 5).mean(axis=(2, 4))
    original = load_digits()
    correlation = np.corrcoef(coarse.ravel(), original.images.ravel())[0, 1]
    assert correlation > 0.95
    labels = np.concatenate([images.train_labels, images.test_labels])
    np.testing.assert_array_equal(labels, original.target)
    assert np.bincount(images.test_labels, minlength=10).min() >= 25


REAL = Path(os.environ.get("KL_UTILS_DATA", "no folder"))
NO_MNIST = not (REAL / "mnist" / FIRST).exists()
NO_FASHION = not (REAL / "fashion-mnist" / FIRST).exists()


@pytest.mark.skipif(NO_MNIST, reason="KL_UTILS_DATA names no folder with MNIST")
def test_real_mnist():
    images = load_images("mnist")
    assert images.sha256 == "06b0d1f124c4e5fa796686ade41a9b778edacc8622f2195a352ef479ad44fc16"
    assert images.train_images.shape == (60000, 784) and images.test_images.shape == (10000, 784)
    assert images.train_labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert images.test_labels[:5].tolist() == [7, 2, 1, 0, 4]
    bits = fixed_bits(images.test_images)
    assert (
        hashlib.sha256(bits).hexdigest()
        == "1d9c9184e478f16d76049e297fdf93dd9932992895535fd6a2af54ad5dcf15b6"
    )


@pytest.mark.skipif(NO_FASHION, reason="KL_UTILS_DATA names no folder with Fashion-MNIST")
def test_real_fashion_mnist():
    images = load_images("fashion-mnist")
    assert images.sha256 == "ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f"
    assert images.train_images.shape == (60000, 784) and images.test_images.shape == (10000, 784)
    assert np.bincount(images.train_labels).tolist() == [6000] * 10
    assert images.test_labels[:5].tolist() == [9, 2, 1, 1, 6]
    assert images.notice == "Data: Fashion-MNIST, 60,000 training and 10,000 test images."


# ------------------------------------------------------------------------------------ binarisation


def draw_numpy(values):
    return binarize(values, np.random.default_rng(1))


def draw_torch(values):
    torch = pytest.importorskip("torch")
    bits = binarize(torch.tensor(values), torch.Generator().manual_seed(1))
    assert bits.dtype == torch.uint8
    return bits.numpy()


@pytest.mark.parametrize("draw", [draw_numpy, draw_torch, fixed_bits])
def test_ink_has_probability_x_over_255(draw):
    n = 10_000
    bits = draw(np.repeat(np.arange(256, dtype=np.uint8)[:, None], n, axis=1))
    assert bits.shape == (256, n) and bits.dtype == np.uint8
    count = bits.sum(axis=1, dtype=np.int64)
    assert set(np.unique(bits)) == {0, 1}
    assert count[0] == 0 and count[255] == n
    p = np.arange(1, 255) / 255
    z = (count[1:255] - n * p) / np.sqrt(n * p * (1 - p))
    # 254 independent standard scores: with x/256 for x/255 the largest is about 6.
    assert abs(z).max() < 4.5 and abs(z.mean()) < 0.3 and 0.85 < z.std() < 1.15


def test_binarize_repeats_with_its_seed_and_draws_anew_without():
    torch = pytest.importorskip("torch")
    values = np.full((4, 784), 100, np.uint8)
    rng, generator = np.random.default_rng(1), torch.Generator().manual_seed(1)
    assert (draw_numpy(values) == binarize(values, rng)).all()
    assert (draw_numpy(values) != binarize(values, rng)).any()
    assert (draw_torch(values) == binarize(torch.tensor(values), generator).numpy()).all()
    assert (draw_torch(values) != binarize(torch.tensor(values), generator).numpy()).any()


def test_fixed_bits_are_those_of_the_published_numbers():
    values = np.arange(3 * 256, dtype=np.uint32).astype(np.uint8).reshape(3, 256)
    assert (
        hashlib.sha256(fixed_bits(values)).hexdigest()
        == "090276676721a91bb4a5b904675bf6a0454bab6673f7402a636f246a2ebdc65b"
    )
    assert (fixed_bits(values) == fixed_bits(values, seed=0)).all()
    assert (fixed_bits(values) != fixed_bits(values, seed=1)).any()


def test_binarisation_refuses_what_is_not_bytes_and_the_wrong_generator():
    torch = pytest.importorskip("torch")
    rng, generator = np.random.default_rng(0), torch.Generator()
    bytes_ = np.zeros(3, np.uint8)
    with pytest.raises(TypeError, match=r"^images: expected bytes \(uint8\), got float64"):
        binarize(bytes_ / 255, rng)
    with pytest.raises(TypeError, match=r"^images: expected bytes \(uint8\), got torch.float32"):
        binarize(torch.zeros(3), generator)
    with pytest.raises(TypeError, match=r"^images: expected a NumPy array or a torch tensor"):
        binarize([0, 1], rng)
    with pytest.raises(TypeError, match=r"^rng: expected a numpy.random.Generator, .*torch"):
        binarize(bytes_, generator)
    with pytest.raises(TypeError, match=r"^rng: expected a torch.Generator, .*numpy"):
        binarize(torch.zeros(3, dtype=torch.uint8), rng)
    with pytest.raises(TypeError, match=r"^images: expected bytes \(uint8\), got float64"):
        fixed_bits(bytes_ / 255)
    with pytest.raises(TypeError, match=r"^images: expected a NumPy array, .*Tensor"):
        fixed_bits(torch.zeros(3, dtype=torch.uint8))
    for images in (np.ma.array(bytes_, mask=[0, 1, 0]), bytes_.tolist(), None):
        for draw in (fixed_bits, lambda images: binarize(images, rng)):
            with pytest.raises(TypeError, match=r"^images: expected a NumPy array"):
                draw(images)
    with pytest.raises(TypeError, match=r"^images: expected a dense tensor"):
        binarize(torch.zeros(3, dtype=torch.uint8).to_sparse(), generator)
    for seed, error in ((None, TypeError), (True, TypeError), (1.0, TypeError), (-1, ValueError)):
        with pytest.raises(error, match=r"^seed: expected a whole number"):
            fixed_bits(bytes_, seed)


def test_arrays_need_no_torch():
    script = """
import sys, numpy
from kl_utils import binarize, fixed_bits
binarize(numpy.zeros(3, numpy.uint8), numpy.random.default_rng(0))
fixed_bits(numpy.zeros(3, numpy.uint8))
assert not {"torch", "matplotlib", "IPython"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=30)
