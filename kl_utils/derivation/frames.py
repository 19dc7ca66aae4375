"""Frames read from text: what the letters and the other names of a proof stand for.

    letters = {"n": "range(1, 6)", "mu": 'vector("n")'}
    read_frame({"given": letters, "meanings": {"q": 'gaussian("mu", "I")', "t": "log(q(z))"}})

The texts say what a notebook says, and may come from anybody. They are parsed, and never run: all
that is called are the kinds and families below, with numbers, names and expressions in quotes.
"""

import ast
import warnings
from contextlib import contextmanager

from .calls import FAMILIES, KINDS, made_from, value_of
from .given import Given
from .parsing import parse
from .spelling import LONGEST, spelled, typed
from .vocabulary import check_name

MOST = 20  # letters, and names
LONGEST_NAME, LONGEST_KIND = 60, 200
_NAMES_OF_PYTHON = {"self", "number", "given"}  # arguments of `Given` and `Derivation`


def read_frame(frame):
    """Read a frame.

    Parameters
    ----------
    frame : dict
        ``given`` holds the kind of each letter, ``meanings`` what names such as ``q`` and
        ``p(x|z)`` stand for: a distribution, or an expression; all as text.

    Returns
    -------
    Given, dict
        What a `Derivation` takes.

    Raises
    ------
    ValueError
        If it cannot be read. The sentence begins with the letter or name that it is about.
    """
    letters, meanings = parts_of(frame)
    made = {}
    for name, tree in letters.items():
        with _about(name):
            made[name] = made_from(value_of(tree))
    found = {}
    for name, tree in meanings.items():
        with _about(name):
            found[name] = tree if isinstance(tree, str) else made_from(value_of(tree))
    return Given(**made), found


def parts_of(frame):
    """The letters and the names of a frame, each with the tree of a call or list, or with text."""
    if not isinstance(frame, dict) or set(frame) - {"given", "meanings"}:
        raise ValueError("A frame says what is `given`, and the `meanings` of names.")
    letters, meanings = {}, {}
    for name, text in _texts(frame, "given", LONGEST_KIND):
        with _about(name):
            letter = _letter(name)
            _refuse_second(letter, letters)
            letters[letter] = _kind(text)
    patterns = set()
    for name, text in _texts(frame, "meanings", LONGEST):
        with _about(name):
            pattern = _pattern(name)
            same = ast.unparse(parse(pattern))
            _refuse_second(same, patterns)
            patterns.add(same)
            meanings[pattern] = _meaning(text)
    return letters, meanings


@contextmanager
def _about(name):
    """Say in front of what is wrong which letter or name it is about."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{name[:LONGEST_NAME]}: {error}") from None


def _texts(frame, part, longest):
    texts = frame.get(part, {})
    if not isinstance(texts, dict) or len(texts) > MOST:
        raise ValueError(f"`{part}` has a text for each of up to {MOST} names.")
    for name, text in texts.items():
        if not isinstance(name, str) or not isinstance(text, str):
            raise ValueError(f"`{part}` has a text for each name.")
        with _about(name):
            if len(name) > LONGEST_NAME:
                raise ValueError(f"a name has at most {LONGEST_NAME} characters")
            if len(text) > longest:
                raise ValueError(f"at most {longest} characters can say what it stands for")
        yield name, text


def _refuse_second(name, names):
    if name in names:
        raise ValueError("this name stands here twice")


# Names


def _letter(name):
    name = spelled(typed(name))
    try:
        check_name(name)
    except ValueError as error:
        raise ValueError(str(error).partition(": ")[2]) from None
    if name == "self":
        raise ValueError("this name is taken; choose another")
    return name


def _pattern(name):
    name = spelled(typed(name))
    if name in _NAMES_OF_PYTHON:
        raise ValueError("this name is taken; choose another")
    if not isinstance(parse(name), ast.Name | ast.Call):
        raise ValueError("expected a name such as r, or a pattern such as p(x|z)")
    return name


# What they stand for


def _kind(text):
    match _tree(text):
        case ast.Call(func=ast.Name(id=name)) as tree if name in KINDS:
            return tree
        case ast.List() | ast.Tuple() as tree:
            return tree
        case ast.Call(func=ast.Name(id=name)) if name in FAMILIES:
            raise ValueError(f"`{name}` is a distribution, which a name stands for, not a letter")
        case ast.Name(id=name) if name in KINDS:
            raise ValueError(f"`{name}` needs brackets, as in {KINDS[name]}")
    kinds = _listed(KINDS)
    raise ValueError(f"expected one of {kinds}, or a list of numbers such as [1, 3/2]")


def _meaning(text):
    """The tree of a family's call; an expression, also one in quotes, as text."""
    match _tree(text):
        case ast.Call(func=ast.Name(id=name)) as tree if name in FAMILIES:
            return tree
        case ast.Call(func=ast.Name(id=name)) if name in KINDS:
            raise ValueError(f"`{name}` is a kind of letter, and belongs to what is given")
        case ast.Call(args=[ast.Constant(value=str()), *_]):
            raise ValueError(f"expected one of {_listed(FAMILIES)}, or an expression")
        case ast.Constant(value=str(inner)):
            text = inner
    parse(text)
    return typed(text)


def _tree(text):
    """The tree of a text, or None where it is none of Python's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's own remarks on odd spellings
            return ast.parse(spelled(typed(text)), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _listed(names):
    return ", ".join(f"{name}(…)" for name in names)
