"""The choice of profile, device and precision."""

import pytest
import torch

from kl_utils.runtime import Runtime, by_profile, profile


def test_profile_comes_from_the_environment(monkeypatch):
    monkeypatch.delenv("KL_UTILS_PROFILE", raising=False)
    assert profile() == "quick"
    monkeypatch.setenv("KL_UTILS_PROFILE", "smoke")
    assert by_profile(smoke=1, quick=2, full=3) == 1
    monkeypatch.setenv("KL_UTILS_PROFILE", "")
    assert profile() == "quick"
    monkeypatch.setenv("KL_UTILS_PROFILE", "turbo")
    with pytest.raises(ValueError, match="KL_UTILS_PROFILE: expected one of smoke, quick, full"):
        profile()
    with pytest.raises(
        ValueError, match="choices: expected one for each of smoke, quick, full, got smoke, quick"
    ):
        by_profile(smoke=1, quick=2)


def test_detection_reports_what_it_chose():
    torch.set_num_threads(7)
    runtime = Runtime.detect("cpu", "float32")
    assert torch.get_num_threads() == runtime.threads >= 1
    threads = "1 CPU thread" if runtime.threads == 1 else f"{runtime.threads} CPU threads"
    assert str(runtime) == f"{threads}, float32 in everything"
    reduced = Runtime.detect("cpu", "bfloat16")
    assert str(reduced).endswith("bfloat16 in the networks, float32 elsewhere")


def test_precision_reaches_matrix_products():
    matrix = torch.ones(2, 2)
    for precision in ("float32", "bfloat16"):
        with Runtime.detect("cpu", precision).autocast():
            assert (matrix @ matrix).dtype == getattr(torch, precision)


def test_unusable_choices_are_named():
    with pytest.raises(ValueError, match="precision: expected one of"):
        Runtime.detect(precision="float16")
    with pytest.raises(
        ValueError, match="device: expected one that can be used here, got 'abacus'"
    ):
        Runtime.detect("abacus")
    if not torch.cuda.is_available():
        with pytest.raises(
            ValueError, match="device: expected one that can be used here, got 'cuda'"
        ):
            Runtime.detect("cuda")
