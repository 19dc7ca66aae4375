"""The derivations of a chapter as small programs of their own, read from its notebook.

A page hands such a program to the checker in the browser, and the lines apart from it: whoever
edits them there edits text, which is parsed and never run. Nothing is executed here. A program is
the backward slice of the cells: the statements that the call of ``Derivation`` needs, and what
they need in turn.
"""

import ast
import builtins
import re
from typing import NamedTuple

from book_reports import LINE, code_cells, reports_of, typed_lines

# What a program may import; all else would have to be loaded for the page.
MODULES = {"itertools", "kl_utils.derivation", "math"}

# A line in a report's LaTeX, which may take several rows.
ROW = r"(?:(?! \\\\).)*"
LOOK = re.compile(
    rf"&({ROW}) \\tag\{{\d+\.\d+[a-z]+\}}((?: \\\\\n&\\quad \{{\}}{ROW})*)", re.DOTALL
)


class Try(NamedTuple):
    """A derivation that can be tried: its program, its lines with their reasons, and its look.

    ``program`` assigns ``derivation``, which has no lines yet; ``looks`` has the LaTeX of each
    line; ``refuted`` says that a line is meant to break.
    """

    number: str
    program: str
    lines: list
    looks: list
    refuted: bool
    plain: str
    latex: str


class CannotSlice(ValueError):
    """A derivation needs more than a program for the page may have, or was not read."""


def tries(path):
    """Return the derivations of a notebook that can be tried, and why others cannot.

    Returns
    -------
    dict of str to Try, dict of str to str
        Both by the number of the derivation.
    """
    found, refused = {}, {}
    for number, cell, earlier, here, (plain, latex) in derivations(path):
        try:
            program, reasons = program_of(number, earlier, here)
            marks, texts = zip(*typed_lines(plain), strict=True)
            if marks[0]:
                raise CannotSlice("its first line, which stands fixed, is wrong")
            lines = [list(pair) for pair in zip(texts, reasons, strict=True)]
            refuted = "refuted" in cell["metadata"].get("tags", [])
            found[number] = Try(number, program, lines, looks(latex), refuted, plain, latex)
        except ValueError as error:
            refused[number] = str(error)
    return found, refused


def derivations(path):
    """Yield the derivations of a notebook: number, cell, statements before it and in it, report."""
    earlier = []
    for cell in code_cells(path):
        here = statements_of("".join(cell["source"]))
        for report in reports_of(cell):
            yield LINE.match(report[0])[1], cell, earlier, here, report
        earlier = earlier + here


def looks(latex):
    """Return the LaTeX of each line, without its number and what is said of it."""
    return [
        f"\\begin{{align*}}\n&{head}{more}\n\\end{{align*}}" for head, more in LOOK.findall(latex)
    ]


# The slice


class Statement(NamedTuple):
    """A statement at the top of a cell, and its text."""

    node: ast.stmt
    text: str


def statements_of(source):
    """Return the statements of a cell; none of one that is more than Python, the set-up."""
    try:
        nodes = ast.parse(source).body
    except SyntaxError:
        return []
    return [Statement(node, ast.get_source_segment(source, node)) for node in nodes]


def program_of(number, earlier, here):
    """Return the program of a derivation, and the reasons of its lines."""
    place, name, call = start_of(number, here)
    above = [*earlier, *here[:place]]
    chosen, imports = slice_of(call, above)
    written = here[place].text.partition("=")[2].strip()
    program = "\n".join([*imports, "", *chosen, f"derivation = {written}", ""])
    return program, reasons_of(name, here[place + 1 :], above)


def start_of(number, here):
    """Find ``d = Derivation("2.4", …)`` in a cell."""
    for place, (node, _) in enumerate(here):
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="Derivation"), args=[ast.Constant(value), *_]),
            ) if value == number:
                return place, name, node.value
    raise CannotSlice("no statement of the cell makes it")


def slice_of(call, above):
    """Return the statements that a call needs, and the imports, each as text."""
    needed, chosen, imported = names_in(call), [], set()
    for node, text in reversed(above):
        if isinstance(node, ast.Import | ast.ImportFrom):
            imported |= imports_of(node, needed)
        elif (makes := names_made(node) & needed) or names_changed(node) & needed:
            needed -= makes if isinstance(node, ast.Assign) else set()
            needed |= names_in(node)
            chosen.insert(0, text)
    names = {name for _, name in imported}
    if missing := needed - names - set(dir(builtins)):
        raise CannotSlice(f"it needs {', '.join(sorted(missing))}")
    lines = []
    for module in sorted({module for module, _ in imported}):
        of_it = ", ".join(sorted(name for where, name in imported if where == module))
        lines.append(f"import {module}" if of_it == module else f"from {module} import {of_it}")
    return chosen, lines


def imports_of(node, needed):
    """Return those of the needed names that an import brings, with their module."""
    modules = [node.module if isinstance(node, ast.ImportFrom) else a.name for a in node.names]
    brought = zip(modules, node.names, strict=True)
    return {(m, a.name) for m, a in brought if m in MODULES and a.name in needed and not a.asname}


def names_in(node):
    """Return the names that a node reads from outside itself."""
    inner = {
        name
        for part in ast.walk(node)
        if isinstance(part, ast.comprehension | ast.Lambda | ast.For)
        for name in names_bound(part)
    }
    read = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and not is_stored(n)}
    return read - inner


def names_bound(part):
    if isinstance(part, ast.Lambda):
        return [argument.arg for argument in part.args.args]
    return [n.id for n in ast.walk(part.target) if isinstance(n, ast.Name)]


def is_stored(name):
    return isinstance(name.ctx, ast.Store)


def names_made(node):
    """Return the names that a statement binds."""
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return {node.name}
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and is_stored(n)}


def names_changed(node):
    """Return the names whose values a statement changes: ``x["a"] = …``, ``x.update(…)``."""
    match node:
        case ast.Assign(targets=targets):
            inside = [t.value for t in targets if isinstance(t, ast.Subscript | ast.Attribute)]
        case ast.AugAssign(target=target):
            inside = [target]
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=value))):
            inside = [value]
        case _:
            inside = []
    return {n.id for n in inside if isinstance(n, ast.Name)}


# The reasons


def reasons_of(name, below, above):
    """Return the reasons of the lines ``d.line(text, reason)`` of a derivation."""
    reasons = []
    for place, (node, _) in enumerate(below):
        match node:
            case ast.Expr(ast.Call(func=ast.Attribute(ast.Name(id=which), "line")) as call):
                if which == name:
                    written = call.args[1:] or [k.value for k in call.keywords]
                    seen = [*above, *below[:place]]
                    reasons.append(text_of(written[0], seen) if written else "")
            case ast.Assign(targets=[ast.Name(id=which)]) if which == name:
                break
    return reasons


def text_of(node, above):
    """Return the value of an expression that is a text; names stand for what was assigned."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(text_of(part, above) for part in parts)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return text_of(value, above)
        case ast.BinOp(left, ast.Add(), right):
            return text_of(left, above) + text_of(right, above)
        case ast.Name(id=name):
            for place, (statement, _) in reversed(list(enumerate(above))):
                match statement:
                    case ast.Assign(targets=[ast.Name(id=which)]) if which == name:
                        return text_of(statement.value, above[:place])
    raise CannotSlice(f"a reason is more than a text: {ast.unparse(node)}")
