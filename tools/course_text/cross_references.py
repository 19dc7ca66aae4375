"""What a text refers to by number: chapters, sections, exercises, and equations such as (2.4b)."""

import re
from typing import NamedTuple

from .documents import prose, without_code

NUMBER = r"\d{1,2}\.\d{1,3}"
AND = r"\s*(?:,\s*and|,\s*or|,|and|or|to|[-–])\s*"


def named(words, number):
    """Return a pattern: a word and a number, or a word in the plural and several numbers."""
    number = rf"{number}(?!\w|\.\d)"
    return re.compile(rf"\b(?:{words})(?:s\s+({number}(?:{AND}{number})*)|\s+({number}))", re.I)


NAMED = {
    "chapter": named("chapter", r"\d{1,2}"),
    "section": named("section", NUMBER),
    "exercise": named("exercise", NUMBER),
    "equation": named("equation|definition|derivation|line", NUMBER + "[a-z]?"),
}
IN_BRACKETS = re.compile(rf"(?<![\w\]])\(({NUMBER}[a-z]?(?:{AND}(?:{NUMBER}[a-z]?|[a-z]))*)\)")
LETTERED = re.compile(rf"(?<![\w.]){NUMBER}[a-z]\b(?![-+]?\d)")  # but no 1.5e-3

FURTHER_READING = re.compile(r"^#+ Further reading.*?(?=^#|\Z)", re.M | re.S)
SECTION = re.compile(rf"^#{{2,4}} ({NUMBER})\b", re.M)
EXERCISE = re.compile(rf"\*\*Exercise ({NUMBER})\*\*")


class Reference(NamedTuple):
    kind: str  # chapter, section, exercise or equation
    number: str
    words: str


def references_in(markdown):
    """Return the references in a text; what stands under "Further reading" is of other books."""
    text = EXERCISE.sub("", prose(FURTHER_READING.sub("", markdown)))
    found = []
    for kind, pattern in NAMED.items():
        for match in pattern.finditer(text):
            numbers = re.findall(r"[\d.]*\d[a-z]?\b", match[1] or match[2])
            found += [Reference(kind, number, match[0]) for number in numbers]
        text = pattern.sub(" ", text)
    for match in IN_BRACKETS.finditer(text):
        for item in re.findall(rf"{NUMBER}[a-z]?|\b[a-z]\b", match[1]):
            number = item if item[0].isdigit() else chain_of(found[-1].number) + item
            found.append(Reference("equation", number, match[0]))
    lettered = LETTERED.findall(IN_BRACKETS.sub(" ", text))
    return found + [Reference("equation", number, number) for number in lettered]


def sections_in(markdown):
    """Return the numbers of the sections that a text is divided into."""
    return SECTION.findall(without_code(markdown))


def exercises_in(markdown):
    """Return the numbers of the exercises that a text sets."""
    return EXERCISE.findall(without_code(markdown))


def chain_of(label):
    """Return the number that the lines of a derivation share: 2.4 for 2.4b."""
    return re.sub(r"[a-z]+$", "", label)
