"""Exercises that are graded: tasks, and what an answer to one earns.

A task fixes what is asked: the letters, the distributions, the first line, the goal. An answer is
text, or JSON that holds text; nothing of it is ever run. ``grade(task, answer)`` gives points, a
sentence for each loss, and what a person still has to read.

Kinds of task: `Prove`, `Repair`, `Blank` and `Order` about proofs; `Locate`, `Refute` and
`Condition` about claims; `Compute`, `Choose`, `Match` and `Reason`; `Predict` and `Explain`, which
a person reads. A `ProblemSet` is handed in as one file.

To read the code: `task` has what all kinds of task share, and `grades` what comes out. `proofs` has
the scheme by which proofs are marked, in words. `marking` goes down a proof and applies it: what
stands on a line says its profile (`profiles`, `moments`), how large a step is, `steps`, whether a
wrong line is a slip, `slips`, and what on it is right, `remains`. These look at lines as if the
expectation were some other average: `formal` says why, and `readings` and `points` do it. `goals`
has the rules for a last line. `worksheet` is what a student sees of a set in a notebook: `how_read`
says how an answer is read, and `saved_answers` writes the file to hand in.
"""

from .choices import Choose, Match, Reason
from .computing import Compute
from .conditions import Condition
from .counterexamples import Locate, Refute
from .grades import Grade
from .ordering import Order
from .proofs import Prove
from .single_lines import Blank, Repair
from .submission_files import BadSubmission, read_submission
from .submissions import ProblemSet, grade_folder, grade_submission
from .task import BadAnswer, Frame, Lemma, Task, grade
from .words import Explain, Predict

__all__ = [
    "BadAnswer",
    "BadSubmission",
    "Blank",
    "Choose",
    "Compute",
    "Condition",
    "Explain",
    "Frame",
    "Grade",
    "Lemma",
    "Locate",
    "Match",
    "Order",
    "Predict",
    "ProblemSet",
    "Prove",
    "Reason",
    "Refute",
    "Repair",
    "Task",
    "grade",
    "grade_folder",
    "grade_submission",
    "read_submission",
]
