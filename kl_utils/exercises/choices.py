"""Tasks with a key: choose one of several, and match what belongs together."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from .grades import Grade, zero
from .task import BadAnswer, Task


@dataclass(frozen=True)
class Choose(Task):
    """Choose one of several. A wrong choice is answered with the misconception that it shows.

    Attributes
    ----------
    choices : dict of str to str
        What there is to choose from, by the label that an answer names: {"a": …, "b": …}.
    right : str
        The label of the right one.
    misconceptions : dict of str to str
        For each wrong one, what its choice shows, as a sentence that does not name the right one.
    """

    choices: Mapping = field(kw_only=True)
    right: str = field(kw_only=True)
    misconceptions: Mapping = field(kw_only=True)

    answer_shape = "the label of one choice"

    def grade(self, answer):
        """Grade an answer, such as ``"b"``. There is one attempt: a list of labels is refused."""
        label = read_label(answer, self.choices, "the label of one choice")
        if label == self.right:
            return Grade(self.points, self.points)
        return zero(self.points, self.misconceptions[label])

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        check_choices(self.choices, self.right)
        wrong = set(self.choices) - {self.right}
        if set(self.misconceptions) != wrong:
            raise ValueError(
                f"misconceptions: expected one for each of {sorted(wrong)}, "
                f"got {sorted(self.misconceptions)}"
            )
        check_discretion(self.misconceptions, self.choices[self.right], f"({self.right})")


@dataclass(frozen=True)
class Match(Task):
    """Match what belongs together: lemmas to steps, plots to formulas.

    One partner for all gets nothing: if that would find k of n pairs, a wrong pair costs a share of
    1/(n − k).

    Attributes
    ----------
    items, partners : dict of str to str
        What is matched, by label; several items may have one partner, and a partner none.
    key : dict of str to str
        The label of each item's partner.
    """

    items: Mapping = field(kw_only=True)
    partners: Mapping = field(kw_only=True)
    key: Mapping = field(kw_only=True)

    answer_shape = "an object with the label of a partner for each item"

    def grade(self, answer):
        """Grade an answer, such as ``{"1": "b", "2": "a"}``."""
        if not isinstance(answer, Mapping):
            raise BadAnswer('Give a partner for each item, as in `{"1": "b"}`.')
        share = self.points / (len(self.key) - self._found_by_one_for_all())
        lost = []
        for item, partner in self.key.items():
            given = answer.get(item)
            if given is None:
                lost.append(f"({item}) has no partner.")
            elif not isinstance(given, str) or given not in self.partners:
                lost.append(f"({item}): there is no partner of this label.")
            elif given != partner:
                lost.append(f"({item}): this is not its partner.")
        points = max(0.0, self.points - share * len(lost))
        return Grade(points, self.points, tuple(lost))

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        if set(self.key) != set(self.items):
            raise ValueError(f"key: expected a partner for each of {sorted(self.items)}")
        if stray := sorted(set(self.key.values()) - set(self.partners)):
            raise ValueError(f"key: {stray} are not among the partners {sorted(self.partners)}")
        if self._found_by_one_for_all() == len(self.key):
            raise ValueError("key: one partner for all finds every pair; there is nothing to match")

    def _found_by_one_for_all(self):
        return max(Counter(self.key.values()).values())


class Reason(Match):
    """Match the reason, such as a lemma, to each step of a derivation; a `Match`."""


# Shared with tasks that ask for a reason


def read_label(answer, choices, what):
    """The label that an answer names."""
    if not isinstance(answer, str):
        raise BadAnswer(f"Give {what}, as text.")
    if answer.strip() not in choices:
        raise BadAnswer("There is no choice of this label.")
    return answer.strip()


def check_choices(choices, right):
    """Raise a ValueError unless there are several different choices, with the right one."""
    if right not in choices:
        raise ValueError(f"right: {right!r} is not among the choices {sorted(choices)}")
    if len(choices) < 2 or len(set(choices.values())) < len(choices):
        raise ValueError(f"choices: expected two or more, all different, got {dict(choices)}")


def check_discretion(sentences, *secrets):
    """Raise a ValueError where a sentence that students see gives one of the secrets away."""
    for about, sentence in sentences.items():
        if not sentence.strip():
            raise ValueError(f"{about}: expected a sentence, got an empty one")
        for secret in secrets:
            if "".join(secret.split()).lower() in "".join(sentence.split()).lower():
                raise ValueError(f"{about}: {sentence!r} gives the answer {secret!r} away")
