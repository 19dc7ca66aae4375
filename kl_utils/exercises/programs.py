"""Tasks that are answered by a program, which nothing here runs."""

import ast
import builtins
from dataclasses import dataclass, field

from .grades import Grade
from .task import BadAnswer, Task, need_text

LONGEST_PROGRAM = 20_000  # characters


@dataclass(frozen=True)
class Program(Task):
    """Write a function. Its tests run in a process of their own; `kl_utils.grading` does that.

    Attributes
    ----------
    function : str
        The name of the function to write.
    starter : str
        The program to begin with.
    forbidden : tuple of str
        Modules and functions that an answer may not use: ``"kl_utils"``.
    """

    function: str = field(kw_only=True)
    starter: str = field(kw_only=True)
    forbidden: tuple = field(default=("kl_utils",), kw_only=True)

    answer_shape = "a program, as text"

    def grade(self, answer):
        """No points yet: all of them are held until the program was run."""
        text = need_text(answer, "The program", LONGEST_PROGRAM)
        if not _significant(text):
            raise BadAnswer("There is no program yet.")
        if not self.is_begun(text):
            raise BadAnswer("This is the program to begin with, unchanged.")
        waits = f"The program has not been run yet: {self.name}."
        return Grade(0.0, self.points, (), (waits,), self.points)

    def is_begun(self, text):
        """Is there more in a program than what it began with?"""
        return _significant(text) not in ([], _significant(self.starter))

    def not_allowed(self, tree):
        """What a program, as a tree, uses of what is forbidden."""
        used = names_used(tree)
        return [name for name in self.forbidden if lie_in(used, name)]

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        compile(self.starter, self.name, "exec")
        if f"def {self.function}(" not in self.starter:
            raise ValueError(f"starter: expected a function {self.function!r}")


def rule(forbidden):
    """What a program may not use, as a sentence of the task."""
    *rest, last = (f"`{name}`" for name in forbidden)
    listed = f"{', '.join(rest)} or {last}" if rest else last
    return f"Your program may not use {listed}."


def missing_names(tree):
    """Names that a program uses and does not define: alone, as it is graded, it stops at them."""
    bound, loaded = {"__name__", "__file__", "__doc__"}, set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Load()):
                loaded.add(name)
            case ast.Name(id=name) | ast.arg(arg=name) | ast.ExceptHandler(name=str(name)):
                bound.add(name)
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.alias(name="*"):
                return []
            case ast.alias(name=name, asname=asname):
                bound.add(asname or name.partition(".")[0])
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                bound.add(name)
    return sorted(loaded - bound - {*dir(builtins)})


def names_used(tree):
    """The dotted names that a program imports, or reaches through what it imported."""
    found, means = set(), {}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    found.add(alias.name)
                    first = alias.name.partition(".")[0]
                    means[alias.asname or first] = alias.name if alias.asname else first
            case ast.ImportFrom(module=str(module), names=aliases, level=0):
                for alias in aliases:
                    name = module if alias.name == "*" else f"{module}.{alias.name}"
                    found.add(name)
                    means[alias.asname or alias.name] = name
    return found | {name for node in ast.walk(tree) if (name := _reached(node, means))}


def _reached(node, means):
    """The dotted name that a node stands for, given what imported names mean; or nothing."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name) and node.id in means:
        return ".".join([means[node.id], *reversed(parts)])
    return ""


def lie_in(names, place):
    """Is one of the dotted names a module or function, or something in it?"""
    return any(f"{name}.".startswith(f"{place}.") for name in names)


def _significant(program):
    """The lines of a program without blanks and comments."""
    lines = (line.partition("#")[0].strip() for line in program.splitlines())
    return [line for line in lines if line]
