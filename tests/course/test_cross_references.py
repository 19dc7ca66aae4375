"""References are found in words, and decimals are not taken for them."""

import pytest

from tools.course_text.cross_references import references_in


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("equations (2.4) to (2.6)", ["2.4", "2.6"]),
        ("(2.4a) and (2.4c)", ["2.4a", "2.4c"]),
        ("(2.4, 2.5b and 2.10)", ["2.4", "2.5b", "2.10"]),
        ("(2.4a–c)", ["2.4a", "2.4c"]),
        ("(by 2.4b)", ["2.4b"]),
        ("sections 6.1, 6.2 and 6.3; section 6.4, 0.5 nats", ["6.1", "6.2", "6.3", "6.4"]),
        ("Chapters 1 to 3, chapter 6, 28 pixels", ["1", "3", "6"]),
        ("[Chapter 2](02_kl.ipynb) and [(2.4)](02_kl.ipynb)", ["2", "2.4"]),
        ("(0.5 nats), f(0.5), 2.5 nats, 1.2s, (1.2 s), (2024.1), 1.5e-3", ["1.2s"]),
    ],
)
def test_references_are_found(words, numbers):
    assert [reference.number for reference in references_in(words)] == numbers
