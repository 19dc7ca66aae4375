"""Tasks that are answered by a program, which nothing here runs."""

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
        if not text.strip():
            raise BadAnswer("There is no program yet.")
        if _significant(text) == _significant(self.starter):
            raise BadAnswer("This is the program to begin with, unchanged.")
        waits = f"The program has not been run yet: {self.name}."
        return Grade(0.0, self.points, (), (waits,), self.points)

    def check(self):
        """Raise a ValueError where the task itself is wrong."""
        super().check()
        compile(self.starter, self.name, "exec")
        if f"def {self.function}(" not in self.starter:
            raise ValueError(f"starter: expected a function {self.function!r}")


def _significant(program):
    """The lines of a program without blanks and comments."""
    lines = (line.partition("#")[0].strip() for line in program.splitlines())
    return [line for line in lines if line]
