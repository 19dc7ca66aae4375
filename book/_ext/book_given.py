"""What is given in a derivation, as mathematics: read from its program, which is not run.

A program holds little: texts, numbers, kinds such as ``real()`` and distributions, gathered in
dictionaries. What it holds more stays code on the page.
"""

import ast

from kl_utils.derivation.calls import Made
from kl_utils.derivation.typeset_frames import CannotRead, frame_latex


def given_latex(program):
    """Return what a derivation's program gives, as LaTeX, one text each; none if it is more."""
    try:
        derivation = held(program)["derivation"]
        kinds = next((a.options for a in derivation.arguments if isinstance(a, Made)), {})
        return frame_latex(kinds, derivation.options)
    except CannotRead:
        return []


def held(program):
    """Return what the names of a program stand for at its end."""
    names = {}
    for statement in ast.parse(program).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names[name] = read(value, names)
            case ast.Assign(targets=[ast.Tuple(elts=parts)], value=ast.Tuple(elts=values)):
                new = [read(value, names) for value in values]
                names |= zip([part.id for part in parts], new, strict=True)
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)]):
                names[name][read(key, names)] = read(statement.value, names)
            case ast.ImportFrom():
                pass
            case _:
                raise CannotRead(ast.unparse(statement))
    return names


def read(node, names):
    """Return the value of an expression."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.Name(id=name) if name in names:
            return names[name]
        case ast.JoinedStr(values=parts):
            return "".join(str(read(part, names)) for part in parts)
        case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
            return read(value, names)
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return [read(part, names) for part in parts]
        case ast.Dict(keys=keys, values=values):
            return read_options(zip(keys, values, strict=True), names)
        case ast.Subscript(value=whole, slice=key):
            return read(whole, names)[read(key, names)]
        case ast.Call(func=ast.Attribute(value=text, attr="replace"), args=[old, new]):
            return read(text, names).replace(read(old, names), read(new, names))
        case ast.BinOp(left, ast.BitOr(), right):
            return read(left, names) | read(right, names)
        case ast.BinOp(_, ast.Div(), _) | ast.UnaryOp(ast.USub()):
            return ast.unparse(node)  # a number, which the small language reads as well
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=keywords):
            options = [(k.arg and ast.Constant(k.arg), k.value) for k in keywords]
            return Made(name, [read(a, names) for a in arguments], read_options(options, names))
        case ast.DictComp(key, value, [ast.comprehension(ast.Name(id=name), among, [])]):
            each = [names | {name: one} for one in read(among, names)]
            return {read(key, seen): read(value, seen) for seen in each}
    raise CannotRead(ast.unparse(node))


def read_options(pairs, names):
    """Return a dictionary: ``**others`` come without a key."""
    found = {}
    for key, value in pairs:
        found |= {read(key, names): read(value, names)} if key else read(value, names)
    return found
