"""Sphinx extension: the checker's own code, for the pages that run it in the browser.

Pyodide and NumPy lie in ``book/_assets/live/pyodide`` and are copied with the other assets. Added
when the book is built are ``kl_utils.zip``, the modules that the checker and the tasks need, as
they are in the package, in ``practice`` and beside this one, with the problem sets; and
``pyodide-lock.json``, by which Pyodide finds NumPy and knows its hash.

A page that is opened from disk may not fetch. For its reader all of that is also in one script,
``from-disk.js``, a third larger. Pages that are to be published, which know their address, are read
from a server, and do without.
"""

import ast
import base64
import json
from importlib.util import resolve_name
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import kl_utils
import practice

ROOT = Path(kl_utils.__file__).parents[1]
HERE = Path(__file__).parent
SETS = "problem_sets/*/set.toml"
PRACTICE = Path(practice.__file__).parent
ANSWER = Path(__file__).parents[1] / "_assets" / "live" / "answer.py"
LOADED = {".mjs", ".wasm", ".zip", ".whl", ".json"}
LONG_AGO = (1980, 1, 1, 0, 0, 0)  # the same code makes the same file, whenever it is built


def modules_for(starts):
    """Return the files of modules and of those of ours that they import, by name, in order."""
    found, waiting = {}, [*starts]
    while waiting:
        name = waiting.pop()
        path = file_of(name)
        if name in found or not path:
            continue
        found[name] = path
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        waiting += [name.rpartition(".")[0], *imports_in(path.read_text("utf8"), package)]
    return dict(sorted(found.items()))


def file_of(name):
    """Return the file of one of our modules, or None."""
    if name.startswith("book_"):
        return HERE / f"{name}.py" if (HERE / f"{name}.py").exists() else None
    place = ROOT.joinpath(*name.split("."))
    if name.split(".")[0] != kl_utils.__name__:
        return None
    files = (place / "__init__.py", place.with_suffix(".py"))
    return next((path for path in files if path.exists()), None)


def imports_in(source, package):
    """Yield the full names that a module imports; some of them are names of functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            where = resolve_name("." * node.level + (node.module or ""), package)
            yield where
            yield from (f"{where}.{alias.name}" for alias in node.names)


def place_in_zip(path):
    """Return the name of one of our modules in the zip."""
    return path.relative_to(HERE if path.parent == HERE else ROOT).as_posix()


def write_code(path):
    """Write the zip of the code."""
    needed = modules_for(imports_in(ANSWER.read_text("utf8"), package=""))
    files = {place_in_zip(path): path for path in needed.values()}
    files |= {p.relative_to(ROOT).as_posix(): p for p in sorted(ROOT.glob(SETS))}
    files |= {f"{PRACTICE.name}/{p.name}": p for p in sorted(PRACTICE.glob("*.py"))}
    with ZipFile(path, "w") as archive:
        for name, file in {ANSWER.name: ANSWER, **files}.items():
            archive.writestr(ZipInfo(name, LONG_AGO), file.read_bytes(), ZIP_DEFLATED)


def lock(manifest):
    """Return what Pyodide has to know about the packages that it may load."""
    (wheel,) = [entry for entry in manifest["files"] if entry["file"].endswith(".whl")]
    numpy = {
        "name": "numpy",
        "version": wheel["version"],
        "file_name": wheel["file"],
        "sha256": wheel["sha256"],
        "install_dir": "site",
        "package_type": "package",
        "imports": ["numpy"],
        "depends": [],
        "unvendored_tests": False,
    }
    return {"info": manifest["info"], "packages": {"numpy": numpy}}


def complete(folder):
    """Add what is made, in a folder that has the files of ``book/_assets/live``."""
    write_code(folder / "kl_utils.zip")
    pyodide = folder / "pyodide"
    manifest = json.loads((pyodide / "MANIFEST.json").read_text("utf8"))
    (pyodide / "pyodide-lock.json").write_text(json.dumps(lock(manifest), indent=1), "utf8")


def write_for_disk(folder):
    """Write the script for pages that are opened from disk, in a folder that is complete."""
    paths = [folder / "worker.mjs", folder / "kl_utils.zip"]
    paths += [p for p in (folder / "pyodide").iterdir() if p.suffix in LOADED]
    files = {
        path.relative_to(folder).as_posix(): base64.b64encode(path.read_bytes()).decode()
        for path in sorted(paths)
    }
    (folder / "from-disk.js").write_text(f"kl.fromDisk = {json.dumps(files)};\n", "utf8")


def complete_pages(app, exception):
    """Complete the folder of the pages."""
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir) / "_static" / "live"
    complete(folder)
    if not app.config.html_baseurl:
        write_for_disk(folder)


def setup(app):
    """Register with Sphinx."""
    app.connect("build-finished", complete_pages)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
