"""Names that stand for a student: they last, and nobody can guess them without the secret."""

import base64
import hashlib
import hmac
from pathlib import Path


def pseudonym(secret, *parts):
    """A name made from the secret and from what it stands for; it begins with a letter.

    So no spreadsheet takes it for a number.
    """
    message = "\n".join(parts).encode("utf-8", "replace")
    digest = hmac.digest(secret.encode(), message, hashlib.sha256)
    return "r" + base64.b32encode(digest).decode().lower()[:11]


def secret_above(folder):
    """The secret of the course in which a folder lies."""
    return read_secret(course_above(folder))


def course_above(folder):
    """The folder of the course in which a folder lies.

    Raises
    ------
    ValueError
        If no folder above has a ``secret.txt``.
    """
    for place in (Path(folder).resolve(), *Path(folder).resolve().parents):
        if (place / "secret.txt").is_file():
            return place
    raise ValueError(f"{folder}: there is no secret.txt here or above, so this is no course folder")


def read_secret(course_folder):
    """The secret in a course folder."""
    secret = (Path(course_folder) / "secret.txt").read_text("utf-8-sig").strip()
    if len(secret) < 16:
        raise ValueError(f"secret.txt: expected at least 16 characters, got {len(secret)}")
    return secret
