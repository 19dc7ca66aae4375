"""Reading JSON from a stranger: size and depth are looked at before anything is parsed."""

import json
import re

DEEPEST = 20  # brackets inside one another
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)', re.DOTALL)  # to the end, where unclosed


class GivenTwice:
    """Stands where a name occurs twice in one JSON object: no one can say which value counts."""

    def __repr__(self):
        return "two values"


def read_json(content, largest, what):
    """Return what JSON holds.

    Parameters
    ----------
    content : str or bytes
    largest : int
        How many bytes it may have.
    what : str
        What it is, as sentences call it: ``"file"``.

    Raises
    ------
    ValueError
        If it is too large or too deep, or no JSON in UTF-8.
    """
    content = content.encode("utf-8", "replace") if isinstance(content, str) else content
    if len(content) > largest:
        raise ValueError(f"This {what} is larger than {largest // 1024} kB.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"This {what} is not encoded in UTF-8. Save it as UTF-8.") from None
    if _depth(text) > DEEPEST:
        raise ValueError(f"The brackets in this {what} are nested more than {DEEPEST} deep.")
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=str, parse_int=_whole)
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise ValueError(f"This {what} is not valid JSON{where}.") from None


def kind_of(value):
    """What a value from JSON is, in words."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    words = {int: "a number", float: "a number", str: "text", list: "a list", dict: "an object"}
    return words.get(type(value), "given twice")


def _depth(text):
    """How deep brackets are nested, those inside strings left out."""
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", _STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _once(pairs):
    """A JSON object as a dict, in which a name that occurs twice has no value."""
    result = {}
    for name, value in pairs:
        result[name] = GivenTwice() if name in result else value
    return result


def _whole(digits):
    """A whole number; one of very many digits stays text, for its reader to refuse."""
    return int(digits) if len(digits) < 400 else digits
