"""What the environment variables KL_UTILS_… may say; test_data.py tries what they do."""

import pytest

from kl_utils import _settings


@pytest.mark.parametrize(
    ("value", "on"),
    [(word, True) for word in ("1", "true", "Yes", " on ")]
    + [(word, False) for word in ("0", "False", "no", "OFF", "", " ")],
)
def test_a_switch_is_on_or_off(monkeypatch, value, on):
    monkeypatch.setenv("KL_UTILS_TEST", value)
    assert _settings.switch("KL_UTILS_TEST") is on


def test_what_is_not_set_is_off_or_the_default(monkeypatch):
    monkeypatch.delenv("KL_UTILS_TEST", raising=False)
    assert _settings.switch("KL_UTILS_TEST") is False
    for empty in (None, "", "  "):
        if empty is not None:
            monkeypatch.setenv("KL_UTILS_TEST", empty)
        assert _settings.text("KL_UTILS_TEST") is None
        assert _settings.choice("KL_UTILS_TEST", ("a", "b"), default="b") == "b"


@pytest.mark.parametrize(
    "read",
    [_settings.switch, lambda name: _settings.choice(name, ("a", "b"), default="a")],
    ids=["switch", "choice"],
)
@pytest.mark.parametrize("value", ["2", "ja", "-1"])
def test_what_is_not_understood_is_refused_by_name(monkeypatch, read, value):
    monkeypatch.setenv("KL_UTILS_TEST", value)
    with pytest.raises(ValueError, match=f"KL_UTILS_TEST: expected .*got '{value}'"):
        read("KL_UTILS_TEST")
