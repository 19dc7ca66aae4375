"""Run cards: what a published result came from, and whether its code has changed since.

A run card lies beside every published weight file and in the metadata of every notebook: data,
profile, seed, versions, time, and a hash of each definition that the result can depend on (see
:mod:`reach`). A test compares these hashes with the code as it is now.
"""

import datetime
import hashlib
import json
import os
import platform
from importlib import metadata
from pathlib import Path

from reach import WHOLE, Code, Module

ROOT = Path(__file__).resolve().parent.parent


def project_code():
    """Return the source code of this project: the package, and the scripts in ``tools/``."""
    return Code(ROOT, ROOT / "tools")


def reached_from_source(source, code=None):
    """Return name and hash of all that the text of a script or a notebook can depend on.

    Besides definitions these are the published files (weights, results) that it names.
    """
    code = code or project_code()
    entry = Module("<entry>", source)
    hashes, strings = code.reach([(entry, name) for name in entry.definitions])
    hashes = {name: h for name, h in hashes.items() if not name.startswith(entry.name)}
    root = code.folders[0]
    for path in sorted((root / code.package / "pretrained").glob("*")):
        weights_named = path.suffix == ".safetensors" and path.stem in strings
        if weights_named or path.name in strings:
            hashes[path.relative_to(root).as_posix()] = file_hash(path)[:12]
    return hashes


def reached_from_function(dotted, code=None):
    """Return name and hash of a function, such as ``"tools.train.main"``, and of all it reaches.

    Raises
    ------
    ValueError
        If there is no such function.
    """
    code = code or project_code()
    pairs = code.find(dotted)
    if not pairs or any(name == WHOLE for _, name in pairs):
        raise ValueError(f"dotted must name a function of the project; got {dotted!r}")
    return code.reach(pairs)[0]


def run_card(reached, *, profile, seed, data, wall_seconds, **more):
    """Return a run card, ready for JSON.

    Parameters
    ----------
    reached : dict
        From :func:`reached_from_source` or :func:`reached_from_function`.
    profile : str
    seed : int or None
    data : object with ``name`` and ``sha256``, or None
        The images that were used.
    wall_seconds : float
    **more
        Further entries, such as ``entry="tools.train.main"``.
    """
    return {
        "code": hashlib.sha256(json.dumps(reached, sort_keys=True).encode()).hexdigest(),
        "definitions": reached,
        "data": data and {"name": data.name, "sha256": data.sha256},
        "profile": profile,
        "seed": seed,
        "wall_seconds": round(wall_seconds, 1),
        "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
        "platform": f"{platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            **_versions("numpy", "torch", "kl_utils"),
        },
        **more,
    }


def stale(card, reached):
    """Return why a card no longer matches the code: a sentence for each reason, or none."""
    old = card["definitions"]
    changed = [name for name in old if name in reached and old[name] != reached[name]]
    reasons = [f"{name} changed since this was published" for name in changed]
    reasons += [
        f"{name} was not used when this was published" for name in reached if name not in old
    ]
    reasons += [f"{name} is not used any more" for name in old if name not in reached]
    return reasons


def card_path(weights):
    """Return where the card of a weight file lies: ``name.card.json`` for ``name.safetensors``."""
    return Path(weights).with_suffix(".card.json")


def save_card(path, card):
    """Write a card as JSON, whole or not at all."""
    partial = Path(f"{path}.partial")
    partial.write_text(json.dumps(card, indent=1) + "\n", "utf-8")
    os.replace(partial, path)


def file_hash(path):
    """Return the SHA-256 of a file's bytes, as hex digits."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _versions(*packages):
    versions = {}
    for name in packages:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            versions[name] = None
    return versions
