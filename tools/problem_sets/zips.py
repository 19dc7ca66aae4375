"""Zips that have the same bytes whenever they are made from the same files."""

import io
import zipfile

_WHEN = (1980, 1, 1, 0, 0, 0)  # the first that the format knows


def zipped(files):
    """The bytes of a zip with files: a dict of text or bytes by names with ``/``."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            content = files[name]
            entry = zipfile.ZipInfo(name, _WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            is_run = name.endswith(".sh") or name == "run_autograder"
            entry.external_attr = (0o755 if is_run else 0o644) << 16
            entry.create_system = 3  # on Windows, too
            archive.writestr(entry, content.encode() if isinstance(content, str) else content)
    return buffer.getvalue()
