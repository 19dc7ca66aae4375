"""The text of a set as students get it: what is asked, without what only staff read."""

import json
import tomllib

_FOR_STAFF = {"objective", "misconception", "says", "slips", "retired"}
_OF_SET = ("name", "title", "chapters")
_RUBRIC = ["A person reads this answer."]  # an explanation needs one


def student_text(problem_set):
    """The set as TOML, with the questions that are asked now."""
    data = {name: problem_set.data[name] for name in _OF_SET}
    data["tasks"] = [_for_students(question) for question in problem_set.current]
    text = toml(data)
    if tomllib.loads(text) != data:
        raise ValueError(f"{problem_set.name}: something in it cannot be written as TOML")
    return text


def _for_students(question):
    data = {name: value for name, value in question.data.items() if name not in _FOR_STAFF}
    if "good_answer_says" in data:
        data["good_answer_says"] = _RUBRIC
    if question.frame:
        data["frame"] = question.frame
    return data


def toml(data):
    """A dict as TOML; lists of dicts become tables, what is inside them stands in one line."""
    tables = {name: value for name, value in data.items() if _is_tables(value)}
    rows = [f"{name} = {_inline(data[name])}" for name in data if name not in tables]
    for name, members in tables.items():
        for member in members:
            rows += ["", f"[[{name}]]", *(f"{key} = {_inline(member[key])}" for key in member)]
    return "\n".join(rows) + "\n"


def _is_tables(value):
    return isinstance(value, list) and value and all(isinstance(part, dict) for part in value)


def _inline(value):
    match value:
        case dict():
            inside = ", ".join(f"{json.dumps(key)} = {_inline(value[key])}" for key in value)
            return f"{{ {inside} }}"
        case list() | tuple():
            return f"[{', '.join(map(_inline, value))}]"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case bool() | int() | float():
            return json.dumps(value)
    raise ValueError(f"expected text, numbers, lists and tables, got {value!r}")
