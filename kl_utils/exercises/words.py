"""Tasks that no program scores: a prediction, and an explanation in words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .grades import Grade
from .numbers import read_number
from .task import BadAnswer, Task, need_text

_LONGEST = 5_000  # characters
_PREDICTIONS = {"sign": ("-", "0", "+"), "relation": ("<", "=", ">"), "number": None}


@dataclass(frozen=True)
class Predict(Task):
    """Say what will come out before it is shown, and how sure you are. It is never scored.

    Attributes
    ----------
    what : str
        "sign" (``-``, ``0``, ``+``), "relation" (``<``, ``=``, ``>``), or "number".
    """

    points: float = field(default=0, kw_only=True)
    what: str = field(kw_only=True)

    answer_shape = "an object with `prediction` and `confidence`"

    def grade(self, answer):
        """Take note of an answer, such as ``{"prediction": "+", "confidence": 0.8}``."""
        self.read(answer)
        return Grade(0.0, 0.0)

    def read(self, answer):
        """The prediction and the confidence, from 0 to 1, to show beside the verdict."""
        if not isinstance(answer, Mapping) or not {"prediction", "confidence"} <= set(answer):
            raise BadAnswer('Expected `{"prediction": …, "confidence": …}`.')
        prediction, possible = answer["prediction"], _PREDICTIONS[self.what]
        if possible is None:
            prediction = read_number(prediction)
        elif prediction not in possible:
            raise BadAnswer(f"A prediction is one of {', '.join(possible)}.")
        confidence = read_number(answer["confidence"])
        if not 0 <= confidence <= 1:
            raise BadAnswer("A confidence is a number from 0 to 1.")
        return prediction, confidence

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        if self.what not in _PREDICTIONS:
            raise ValueError(f"what: expected one of {', '.join(_PREDICTIONS)}, got {self.what!r}")
        if self.points != 0:
            raise ValueError(f"points: a prediction is never scored, got {self.points}")


@dataclass(frozen=True)
class Explain(Task):
    """Explain in words. A person reads it, with a list of what a good answer says.

    Attributes
    ----------
    good_answer_says : tuple of str
        What to look for; shown to who reads, and to students afterwards.
    """

    good_answer_says: tuple = field(kw_only=True)

    answer_shape = "text"

    def grade(self, answer):
        """No points yet: all of them are held for the person who reads."""
        return read_by_a_person(self.name, answer, self.points)

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        says = self.good_answer_says
        if isinstance(says, str) or not says or not all(point.strip() for point in says):
            raise ValueError(f"good_answer_says: expected a tuple of sentences, got {says!r}")


def read_by_a_person(what, words, points):
    """The grade of words: all points are held; none where there are no words."""
    if not need_text(words, "The explanation", _LONGEST).strip():
        raise BadAnswer("There is no explanation yet.")
    return Grade(0.0, points, (), (f"An explanation in words: {what}.",), points)
