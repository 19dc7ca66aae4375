"""Usual mistakes, put into right answers, each with the points that the marking scheme gives."""

import ast
import copy
import math
import re
from dataclasses import dataclass
from itertools import count

from kl_utils.derivation.parsing import parse
from kl_utils.exercises.marking import ANSWER, DEFINITION, LOGS, MOMENTS, shares

from .proofs import lines, proof, with_moments, worked_out
from .solver import WORDS, number, repaired, single_condition, solve, value_of


@dataclass(frozen=True)
class Mistake:
    """A wrong answer.

    Attributes
    ----------
    name : str
        What is wrong.
    answer : JSON value
    least, most : float
        Between which the points should lie, as shares of the task's points.
    held : float
        The share that should be left to a person.
    """

    name: str
    answer: object
    least: float
    most: float
    held: float = 0.0


def mistakes(question, code):
    """Usual wrong answers to a task that is not a program."""
    yield from _BY_KIND[question.data["kind"]](question.task(code))
    if "choices" in question.data:
        other_code = another(question, code)
        most = 0.5 if question.data["kind"] == "condition" else 0.0
        if question.data["kind"] == "prove":
            most = _share(question.task(code), DEFINITION)
        yield Mistake("numbers of another code", solve(question, other_code), 0.0, most)


def another(question, code):
    """A code with which a task has other numbers."""
    numbers = question.numbers(code)
    return next(str(k) for k in count() if question.numbers(str(k)) != numbers)


def exactly(name, answer, points, held=0.0):
    return Mistake(name, answer, points, points, held)


# Proofs


def _share(task, *kinds):
    """The share of the parts of some kinds in the points of a proof."""
    parts = shares(*task.ends)
    return sum(share for (kind, _), share in parts.items() if kind in kinds)


def _of_one(task, kind):
    """The share of the first part of a kind."""
    return next((share for (k, _), share in shares(*task.ends).items() if k == kind), 0.0)


def wrong_proofs(task):
    right, frame = proof(task), task.frame
    goal, definition, answer = right[-1], _share(task, DEFINITION), _share(task, ANSWER)
    densities, moments = _of_one(task, LOGS), _of_one(task, MOMENTS)
    yield exactly("no line at all", lines([]), 0.0)
    yield exactly("the first line again", lines([f"= {frame.first}"]), 0.0)
    yield exactly("the bare goal", lines([goal]), answer, 1 - answer)
    yield exactly("each line twice", lines([text for text in right for _ in (1, 2)]), 1.0)
    _, defined, written, evaluated = worked_out(frame.first, frame)
    if definition:
        skipped = lines([_line(defined), goal])
        yield exactly("densities skipped", skipped, definition + answer, 1 - definition - answer)
        stopped = lines([_line(defined), _line(written)])
        yield exactly("moments missing", stopped, 1 - answer - _share(task, MOMENTS))
        if turned := _other_way_round(frame.first):
            ways = worked_out(turned, frame)[1:]
            if "E(" not in ast.unparse(ways[-1]):
                name = "the divergence the wrong way round"
                yield exactly(name, lines(map(_line, ways)), 1 - definition - answer)
    before = [_line(defined)] * bool(definition)
    for name, change in (("a factor 1/2 is lost", _lose_half), ("no normaliser", _lose_normaliser)):
        wrong = change(written)
        wrong = [*before, _line(wrong), _line(with_moments(wrong, frame))]
        least, most = 1 - answer - _share(task, LOGS), 1 - answer - densities
        yield Mistake(name, lines(wrong), least, most)
    if moments:
        wrong = lines([*before, _line(written), _line(_double_trace(evaluated))])
        rest = 1 - answer - _share(task, MOMENTS)
        yield Mistake("a moment is taken twice", wrong, rest, 1 - answer - 0.01)


def _line(tree):
    return f"= {ast.unparse(tree)}"


def _other_way_round(first):
    """The first line with the two distributions of its divergence in each other's place."""
    found = re.fullmatch(r"KL\((\w+), (\w+)\)", first)
    return found and f"KL({found[2]}, {found[1]})"


def _lose_half(tree):
    text = ast.unparse(tree)
    whole = re.sub(r" / \(2 \* | / 2\b", lambda m: " / (" if "(" in m[0] else "", text, count=1)
    return parse(whole)


def _lose_normaliser(tree):
    """The tree without the first logarithm of a normaliser."""

    def is_normaliser(node):
        return isinstance(node, ast.BinOp) and ast.unparse(node).startswith("log(")

    return _change_first(
        tree,
        lambda node: (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Sub)
            and is_normaliser(node.right)
        ),
        lambda node: node.left,
    )


def _double_trace(tree):
    """The tree with its first trace taken twice."""

    def is_trace(node):
        return isinstance(node, ast.Call) and node.func.id == "tr"

    return _change_first(tree, is_trace, lambda node: ast.BinOp(ast.Constant(2), ast.Mult(), node))


def _change_first(tree, is_meant, change):
    class Change(ast.NodeTransformer):
        done = False

        def visit(self, node):
            if self.done or not is_meant(node):
                return self.generic_visit(node)
            self.done = True
            return change(node)

    return Change().visit(copy.deepcopy(tree))


# One line


def wrong_repairs(task):
    above = f"= {task.frame.first}" if task.at == 1 else task.lines[task.at - 2]
    yield exactly("nothing typed", {"text": ""}, 0.0)
    yield exactly("the broken line again", task.lines[task.at - 1], 0.0)
    yield exactly("the line above again", above, 0.0)
    yield exactly("the line below again", task.lines[task.at], 0.0)
    tree = parse(repaired(task).removeprefix("= "))
    yield exactly("a moment is taken twice", _line(_double_trace(tree)), 0.0)


# Numbers and conditions


def wrong_numbers(task):
    value = number(task)
    yield exactly("nothing typed", "", 0.0)
    yield exactly("three significant digits", f"{value:.3g}", 1.0)
    yield exactly("twice the value", 2 * value, 0.0)
    yield exactly("the other sign", -value, 0.0)
    yield exactly("bits for nats", value / math.log(2), 0.0)
    yield exactly("what is asked, as a formula", task.key, 0.0)
    if turned := _other_way_round(task.key):
        yield exactly("the divergence the wrong way round", value_of(turned, task), 0.0)


def wrong_conditions(task):
    right = single_condition(task)
    is_edge = "1*" not in right and not right.startswith("1 ")
    yield exactly("nothing typed", [], 0.0)
    yield exactly("the claim itself", [task.frame.first + task.claim], 0.0)
    yield exactly("no condition", ["1 > 0"], 0.0)
    yield exactly("turned round", [right.translate({60: ">", 62: "<"})], 0.0)
    strict = [right.replace("=", "")]
    yield Mistake("> for >=", strict, 0.9 if is_edge else 0.85, 0.9 if is_edge else 1.0)
    letter = list(task.frame.given.kinds)[-1]
    yield Mistake("too narrow", [right, f"{letter} > 1/3"], 0.0, 0.5)


# Words


def wrong_words(task):
    yield exactly("nothing typed", " \n", 0.0)
    yield exactly("words", WORDS, 0.0, 1.0)


_BY_KIND = {
    "prove": wrong_proofs,
    "repair": wrong_repairs,
    "compute": wrong_numbers,
    "condition": wrong_conditions,
    "explain": wrong_words,
}
