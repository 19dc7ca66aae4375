"""Renew the files that run Python in the pages (`book/_assets/live/pyodide`).

python -m tools.commands.pyodide_files FOLDER

FOLDER holds what `npm pack pyodide@VERSION` gives, unpacked, and NumPy's wheel from Pyodide's
distribution of that version. The package's `pyodide-lock.json` knows the wheel's name and hash; a
wheel that differs is refused.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path
from zipfile import ZipFile

from tools import ROOT

TARGET = ROOT / "book" / "_assets" / "live" / "pyodide"
NOTICES = "LICENSE-NumPy"
CORE = {  # the files of the package: their licence, and where its text is
    "pyodide.mjs": ("MPL-2.0", "LICENSE-MPL-2.0"),
    "pyodide.asm.mjs": ("MPL-2.0", "LICENSE-MPL-2.0"),
    "pyodide.asm.wasm": ("MPL-2.0 and PSF-2.0", "LICENSE-PSF-2.0"),
    "python_stdlib.zip": ("PSF-2.0", "LICENSE-PSF-2.0"),
}


class Unfit(ValueError):
    """The folder does not hold what belongs together."""


def sha256(path):
    """Return the hash of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def entry(path, **what):
    """Return what the manifest says of a file."""
    return {"file": path.name, **what, "bytes": path.stat().st_size, "sha256": sha256(path)}


def manifest_of(folder):
    """Return the manifest of a folder's files, after a look at whether they fit."""
    package = json.loads((folder / "package.json").read_text("utf8"))
    lock = json.loads((folder / "pyodide-lock.json").read_text("utf8"))
    numpy = lock["packages"]["numpy"]
    wheel = folder / numpy["file_name"]
    if missing := [name for name in [*CORE, wheel.name] if not (folder / name).exists()]:
        raise Unfit(f"{folder} lacks {', '.join(missing)}.")
    if sha256(wheel) != numpy["sha256"]:
        raise Unfit(f"{wheel.name} is not the one whose hash pyodide-lock.json states.")
    version, core = package["version"], f"npm package pyodide {package['version']}"
    files = [
        entry(folder / name, version=version, origin=core, licence=licence, text=text)
        for name, (licence, text) in CORE.items()
    ]
    origin = f"Pyodide's distribution {version}; its hash is in the {core}"
    about = {"version": numpy["version"], "origin": origin}
    files.append(entry(wheel, **about, licence="BSD-3-Clause", text=NOTICES))
    return {"info": lock["info"], "files": files}


def notices_of(wheel):
    """Return the licences in a wheel as one text, each below the path of its file."""
    with ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if ".dist-info/licenses/" in name)
        texts = {n.partition("/licenses/")[2]: archive.read(n).decode("utf8") for n in names}
    return "\n\n".join(f"=== {name}\n\n{text.strip()}" for name, text in texts.items()) + "\n"


def renew(folder, target=TARGET):
    """Put the files of a folder in place of those of the course."""
    manifest = manifest_of(folder)
    for old in target.glob("*.whl"):
        old.unlink()
    for file in manifest["files"]:
        shutil.copyfile(folder / file["file"], target / file["file"])
    (target / NOTICES).write_text(notices_of(folder / manifest["files"][-1]["file"]), "utf8")
    (target / "MANIFEST.json").write_text(json.dumps(manifest, indent=2) + "\n", "utf8")


def main(arguments):
    if len(arguments) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        renew(Path(arguments[0]))
    except (Unfit, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Renewed: {TARGET}. Now run: pytest -m 'long or not long' tests/site/test_live.py")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
