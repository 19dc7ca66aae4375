"""What an autograder of otter-grader calls: it reads the notebook, and otter runs nothing of it.

otter would run a student's notebook in the process that holds the tests, where one endless loop
ends the batch. This plugin grades the text of the notebook before that, and hands otter an empty
one; after the placeholders that otter calls tests it sets the points. otter itself is not imported.
"""

from pathlib import Path

from .one_file import grade_file


class CourseGrader:
    """A plugin, named in ``otter_config.json``.

    Parameters
    ----------
    submission_path : str
        The notebook, which lies in ``submission`` beside ``source``.
    submission_metadata : dict
        Not looked at.
    config : dict
        ``set``, where the set lies below ``source``, and ``secret``.
    """

    def __init__(self, submission_path, submission_metadata, config):
        self.path, self.config, self.grades = submission_path, config, {}

    def before_execution(self, submission):
        """Grade, and return the notebook that otter is to run instead: one without cells."""
        source = Path(self.path).resolve().parents[1] / "source"
        self.grades = grade_file(source / self.config["set"], self.path, self.config["secret"])
        submission.cells = []
        return submission

    def after_grading(self, results):
        """Set the points of each task."""
        for name, grade in self.grades.items():
            results.update_score(name, round(grade.points, 2))

    def generate_report(self):
        """What stands in the log, which otter shows to staff only."""
        rows = []
        for name, grade in self.grades.items():
            waits = f", {grade.held:g} wait for a person" if grade.held else ""
            rows.append(f"{name}: {grade.points:g} of {grade.of:g}{waits}")
            rows += [f"    {sentence}" for sentence in (*grade.lost, *grade.to_read)]
        return "\n".join(rows)
