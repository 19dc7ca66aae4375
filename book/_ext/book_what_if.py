"""What if a letter were of another kind? The changes that a derivation's program offers.

A change puts another call in the place of ``diagonal("n")``: the page shows the choices, and hands
the checker the program with the one that was chosen. Nothing is run here.
"""

import ast

from kl_utils.derivation.numbers_in_words import name_in_words
from kl_utils.derivation.symbols import symbol


def changes(program):
    """Return what can be changed in a program, in the order of its text.

    Returns
    -------
    list of dict
        ``letter`` and ``latex``, its name; ``at`` and ``to``, the place of its kind in the program;
        ``choices``, pairs of words and program text, the first of them what stands there.
    """
    starts = [0]
    for line in program.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found = []
    for letter, value in letters_in(ast.parse(program)).items():
        choices = choices_for(value) if isinstance(value, ast.Call) else []
        if len(choices) > 1:
            at = starts[value.lineno - 1] + value.col_offset
            to = starts[value.end_lineno - 1] + value.end_col_offset
            names = {"letter": name_in_words(letter), "latex": symbol(letter)}
            found.append(names | {"at": at, "to": to, "choices": choices})
    return sorted(found, key=lambda change: change["at"])


def letters_in(tree):
    """Return the letters with the nodes of what they are: ``mu=real()``, and ``"mu": real()``.

    What comes later goes for what came before, as in ``weights | {"K": range(1, 3)}``.
    """
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found += [(k.arg, k.value) for k in node.keywords]
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [(key.value, value) for key, value in pairs if isinstance(key, ast.Constant)]
    return dict(sorted(found, key=lambda pair: (pair[1].lineno, pair[1].col_offset)))


def choices_for(kind):
    """Return the choices for the call of a kind, the present one first; none if it has none."""
    name = ast.unparse(kind.func)
    sizes = [ast.unparse(argument) for argument in kind.args]
    options = [ast.unparse(keyword) for keyword in kind.keywords]

    def call(name, *more):
        return f"{name}({', '.join([*sizes, *more])})".replace("'", '"')

    present = 0
    match name:
        case "real" | "positive":
            choices = [("any number", "real()"), ("positive", "positive()")]
            present = name == "positive"
        case "between":
            choices = [(f"between {' and '.join(sizes)}", call(name)), ("any number", "real()")]
        case "vector":
            choices = [
                ("any vector", call(name)),
                ("positive entries", call(name, "positive=True")),
            ]
            present = "positive=True" in options
        case "diagonal" | "covariance":
            choices = [("diagonal", call("diagonal")), ("any covariance", call("covariance"))]
            present = name == "covariance"
        case "simplex" | "joint":
            of = [option for option in options if not option.startswith("zeros")]
            choices = [("may be 0", call(name, *of)), ("never 0", call(name, *of, "zeros=False"))]
            present = "zeros=False" in options
        case "range" if sizes[0] == "1" and sizes[1] != "2":
            choices = [(f"1 to {int(sizes[1]) - 1}", call(name)), ("1 only", "range(1, 2)")]
        case _:
            return []
    return [choices.pop(present), *choices]
