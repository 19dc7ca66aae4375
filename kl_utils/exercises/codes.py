"""Personal codes: each decides the numbers of one student in one problem set.

The instructor makes them from a secret, and nobody can tell one from another without it. A page or
a notebook turns a code into numbers by itself, so it needs neither the secret nor a name. The last
sign of a code is a check: most slips of the finger are noticed.
"""

import hashlib
import hmac

_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # no 0 and O, no 1, I and L
_LENGTH = 7


def code_of(secret, problem_set, student):
    """The code of a student, such as ``"K7QX-2M9M"``.

    Parameters
    ----------
    secret : str
        Of the course, 16 characters or more.
    problem_set, student : str
        Their names; a student's as the roster has it.
    """
    if len(secret) < 16:
        raise ValueError(f"secret: expected at least 16 characters, got {len(secret)}")
    message = f"{problem_set}\n{student}".encode()
    number = int.from_bytes(hmac.digest(secret.encode(), message, hashlib.sha256), "big")
    signs = ""
    for _ in range(_LENGTH):
        number, place = divmod(number, len(_SIGNS))
        signs += _SIGNS[place]
    signs += _check(signs)
    return f"{signs[:4]}-{signs[4:]}"


def read_code(text):
    """A code as it was typed, in its usual form; a ValueError says why it is none.

    Small letters, spaces and a missing hyphen do no harm.
    """
    signs = "".join(sign for sign in str(text).upper() if sign not in " -_–\t\n")
    if len(signs) != _LENGTH + 1 or not set(signs) <= set(_SIGNS):
        raise ValueError(
            f"A code has {_LENGTH + 1} letters and digits, such as K7QX-2M9M; there is no 0, 1, "
            "I, L or O in it."
        )
    if _check(signs[:-1]) != signs[-1]:
        raise ValueError("There is a typing mistake somewhere in this code.")
    return f"{signs[:4]}-{signs[4:]}"


def _check(signs):
    """A sign that changes with each single sign, and where two neighbours change places."""
    total = sum(place * _SIGNS.index(sign) for place, sign in enumerate(signs, 1))
    return _SIGNS[total % len(_SIGNS)]
