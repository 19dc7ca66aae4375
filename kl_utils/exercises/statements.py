"""What a student reads of a question, as Markdown with LaTeX: statement, frame, lines, lemmas."""

from ..derivation.proof_texts import given_latex
from .chains import unchecked
from .problem_set_files import filled

_RELATIONS = {None: "", "=": "=", "<=": r"\le", ">=": r"\ge", "~": r"\approx"}
PLACE = "▢"  # stands for a number that depends on the code
HOW_TO_ANSWER = {
    "prove": "Lines that each begin with `=`, and behind a `#` the reason.",
    "repair": "One line that begins with `=`, and behind a `#` the reason.",
    "condition": 'A list of comparisons that all have to hold, such as `["a > 1", "b != 0"]`.',
    "compute": 'A number, or a closed expression in quotes, such as `"log(2)/2"`.',
    "program": "The whole cell is your answer. Keep the name of the function.",
    "explain": "A few sentences. A person reads them.",
}


def heading(question, number):
    """Title, points and minutes of a question."""
    data = question.data
    points = f"{data['points']:g} point{'s' * (data['points'] != 1)}"
    return f"## Task {number}. {data['title']} ({points}, about {data['minutes']:g} minutes)"


def depends_on_code(question):
    return "choices" in question.data


def outline(question):
    """The statement before the numbers of a student are known."""
    numbers = dict.fromkeys(question.data.get("choices", ()), PLACE)
    return question.statement(numbers)


def statement(question, code, is_typed=True, has_goal=True):
    """The statement with a student's numbers, and all that belongs to it but the figure.

    Where the answer is typed, letters, first line and goal are shown as they are typed.
    """
    with unchecked():
        task, numbers = question.task(code), question.numbers(code)
    parts = [question.statement(numbers)]
    kind = question.data["kind"]
    if is_typed and question.frame and kind != "compute":  # whose letters are numbers
        given = given_latex(filled(question.frame, numbers))
        parts.append("Given: " + ", ".join(f"${tex}$" for tex in given) + ".")
    if is_typed and kind in ("prove", "condition") and task.frame.first:
        parts.append(_line_to_type("The first line", task.frame.first, task))
    if has_goal and kind == "prove":
        what = f"The goal (`{task.relation}`)" if task.relation != "=" else "The goal"
        typed = _line_to_type(what, task.goal, task)
        parts.append(typed if is_typed else f"{typed.partition(', typed')[0]}.")
    if is_typed and kind == "condition":
        parts.append(f"The claim: `{task.frame.first} {task.claim}`.")
    if kind == "repair":
        parts.append(_broken(task) if is_typed else _broken_formulas(task))
    if lemmas := getattr(task, "lemmas", ()):
        if is_typed:
            rows = [f"- `{x.name}`: `{x.left} {x.relation} {x.right}`" for x in lemmas]
        else:
            rows = [f"- {x.name}: ${_formula(x.left, task, x)}$" for x in lemmas]
        parts.append("You may name in a reason:\n\n" + "\n".join(rows))
    return "\n\n".join(parts)


def _line_to_type(what, text, task):
    return f"{what}: ${_formula(text, task)}$, typed `{text}`."


def _formula(text, task, lemma=None):
    """A line, or the two sides of a lemma, as LaTeX."""
    below = [(f"{lemma.relation} {lemma.right}", "")] if lemma else []
    derivation = task.frame.derivation(*below, first=text)
    return " ".join(_row(derivation.style, line) for line in derivation.lines)


def _row(style, line):
    return f"{_RELATIONS[line.relation]} {style.inline_tex(line.tree)}".strip()


def _broken_formulas(task):
    """The chain as formulas, in which the line to repair is named."""
    derivation = task.frame.derivation(*((line, "") for line in task.lines))
    rows = [
        f"- ({place}) ${_row(derivation.style, line)}$"
        for place, line in enumerate(derivation.lines)
    ]
    return f"The chain, in which line {task.at} is to be repaired:\n\n" + "\n".join(rows)


def _broken(task):
    """The chain as typed; the line to repair has a mark."""
    rows = [f"    {task.frame.first}"]
    for place, line in enumerate(task.lines, 1):
        rows.append(f"{'>>>' if place == task.at else '   '} {line}")
    return "The chain, with a mark at the line to repair:\n\n```text\n" + "\n".join(rows) + "\n```"
