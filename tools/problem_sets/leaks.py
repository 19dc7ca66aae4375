"""What a release must not hold: answers, tests of programs, the course's secret.

A task's goal may stand there: a checker in the page needs to know where a proof ends, and a proof
that only states it earns what the marking scheme says.
"""

import contextlib
import io
import json
import re
import zipfile
from pathlib import Path

from .proofs import proof
from .solver import number, repaired, single_condition

LARGEST = 50 * 2**20  # bytes of a file that is looked at


def leaks(release, question_sets, set_folders, codes, secret=""):
    """Yield a sentence for everything in a release, a folder, that must not be there."""
    needles = dict(_answers(question_sets, codes))
    for folder in set_folders:
        needles |= _tests(folder)
    if secret:
        needles[_squeezed(secret)] = "the course's secret"
    for place, content in files_below(release):
        if place.endswith("judges.py"):
            yield f"{place}: the tests of the programs."
        text = "".join({_squeezed(part) for part in _readings(content)})
        for needle, what in needles.items():
            if needle in text:
                yield f"{place}: {what}."


def files_below(folder):
    """Yield each file's place and bytes, also those inside of zip files, and of zips in these."""
    for path in sorted(Path(folder).rglob("*")):
        if path.is_file():
            yield from _opened(path.relative_to(folder).as_posix(), path.read_bytes())


def _opened(place, content):
    yield place, content
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist():
                if not member.is_dir() and member.file_size <= LARGEST:
                    yield from _opened(f"{place}/{member.filename}", archive.read(member))


def _readings(content):
    """A file as text, and as the texts inside of JSON such as a notebook's."""
    text = content.decode("utf8", errors="replace")
    yield text
    with contextlib.suppress(ValueError):
        yield "".join(_texts(json.loads(text)))


def _texts(value):
    if isinstance(value, dict):
        value = value.values()
    if isinstance(value, str):
        yield value
    elif not isinstance(value, int | float | None):
        for part in value:
            yield from _texts(part)


def _squeezed(text):
    return re.sub(r"\s+", "", text)


# What is looked for


def _answers(question_sets, codes):
    for question_set in question_sets:
        for question in (*question_set.current, *question_set.twin):
            for code in codes:
                for text in _answer_texts(question, question.task(code)):
                    yield _squeezed(text), f"an answer to {question_set.name}, {question.name}"


def _answer_texts(question, task):
    match question.data["kind"]:
        case "prove":
            return proof(task)[:-1]
        case "repair":
            return [repaired(task)]
        case "condition":
            return [single_condition(task)]
        case "compute":
            return [f"{number(task):.7g}"]
    return []


def _tests(folder):
    path = Path(folder) / "judges.py"
    lines = path.read_text("utf8").splitlines() if path.exists() else []
    telling = (
        line.strip() for line in lines if re.search(r"yield Check|return agrees|rng\.", line)
    )
    return {_squeezed(line): "a test of a program" for line in telling if len(line) > 30}
