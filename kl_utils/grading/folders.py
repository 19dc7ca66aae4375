"""The files of a download: of a folder, of zip files in it, and of zip files inside those."""

import io
import os
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

_LARGEST_ZIP, _MOST_FILES = 200 * 1024 * 1024, 50_000
_METADATA = 100 * 1024 * 1024  # bytes: Gradescope's holds the results of all tests
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, ValueError, OSError, RuntimeError, EOFError)
_NOBODYS = {"thumbs.db", "desktop.ini", "__macosx", "__pycache__"}


@dataclass(frozen=True)
class Entry:
    """A file: the parts of its path, and what it holds where that is of use."""

    parts: tuple
    content: bytes | None

    @property
    def name(self):
        return "/".join(self.parts)


def entries_of(source, limits):
    """All files below a folder or in a zip file, in the order of their names.

    Parameters
    ----------
    source : path
    limits : dict of str to int
        How much is read of files with an ending, in bytes; others are named, not read.

    Returns
    -------
    entries : list of Entry
    faults : list of (str, str)
        What could not be opened, and why.
    """
    source = Path(source)
    if not source.exists():
        raise ValueError(f"{source}: there is no such folder or zip file.")
    entries, faults = [], []
    if source.is_dir():
        for folder, folders, files in os.walk(source):
            folders[:] = sorted(name for name in folders if not _is_nobodys(name))
            for name in sorted(files):
                path = Path(folder, name)
                parts = path.relative_to(source).parts
                if not _is_nobodys(name) and path.is_file() and not path.is_symlink():
                    _add(parts, path, limits, entries, faults)
    else:
        _add_zip((), source, limits, entries, faults)
    return entries, faults


def _add(parts, path, limits, entries, faults):
    if path.suffix.lower() == ".zip":
        return _add_zip(parts, path, limits, entries, faults)
    try:
        with path.open("rb") as file:
            entries.append(Entry(parts, _content(file, parts[-1], limits)))
    except OSError as error:
        faults.append(("/".join(parts), f"This file cannot be opened: {error.strerror}."))


def _add_zip(parts, file, limits, entries, faults, inside=0):
    """The files of a zip file; nothing is unpacked onto the disk."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = [info for info in archive.infolist() if not info.is_dir()]
            if len(members) > _MOST_FILES:
                raise ValueError(f"it holds more than {_MOST_FILES} files")
            for info in sorted(members, key=lambda info: info.filename):
                below = tuple(p for p in info.filename.split("/") if p not in ("", ".", ".."))
                if not below or any(map(_is_nobodys, below)):
                    continue
                where = (*parts, *below)
                if below[-1].lower().endswith(".zip") and inside < 2:
                    if info.file_size > _LARGEST_ZIP:
                        raise ValueError(f"{below[-1]} in it is too large")
                    nested = io.BytesIO(archive.read(info))
                    _add_zip(where, nested, limits, entries, faults, inside + 1)
                    continue
                with archive.open(info) as member:
                    entries.append(Entry(where, _content(member, below[-1], limits)))
    except _BAD_ZIP as error:
        name = "/".join(parts) or str(file)
        faults.append((name, f"This zip file cannot be read: {error}."))


def _content(file, name, limits):
    """What a file holds, or None if it is of no use or too large."""
    limit = limits.get("." + name.rpartition(".")[2].lower())
    if name == "submission_metadata.yml":
        limit = _METADATA
    if limit is None:
        return None
    content = file.read(limit + 1)
    return content if len(content) <= limit else None


def _is_nobodys(name):
    return name.startswith((".", "~$")) or name.lower() in _NOBODYS
