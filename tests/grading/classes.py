"""A course folder and files that were handed in, for tests of grading a whole class."""

import json

from kl_utils.grading.runs import grade_class, read_course
from tests.grading.example_class import SECRET, SET, lines

ROSTER = """student,name,email,canvas_id,moodle_id,group
s017,Jane Doe,jane.doe@example.edu,12345,901,g1
s018,Ömer Şahin,omer@example.edu,12346,902,g1
s019,Li Na,li@example.edu,,,g2
s020,Jan van der Berg,jan@example.edu,,,
s021,Li Wei,wei@example.edu,,,
"""
RIGHT = {"square@1": lines("= Var(z) + E(z)**2", "= sigma**2 + mu**2")}
WRONG = {"square@1": lines("= sigma**2", "= mu**2")}
DUE = "set,student,due,late_rule,counts,groups\nexample,,2026-10-12T23:59+02:00,{}\n"


def a_course(folder, policy="", overrides="", set_text=SET):
    """A course with five students."""
    folder.mkdir(exist_ok=True)
    (folder / "set.toml").write_text(set_text, "utf-8")
    (folder / "secret.txt").write_text(f"{SECRET}\n")
    (folder / "roster.csv").write_text(ROSTER, "utf-8")
    for name, text in (("policy", policy), ("overrides", overrides)):
        (folder / f"{name}.csv").unlink(missing_ok=True)
        if text:
            (folder / f"{name}.csv").write_text(text, "utf-8")
    return read_course(folder, folder / "set.toml")


def hand_in(folder, files, set_name="example"):
    """Write files: text as it is, answers as a submission, a pair of code and answers likewise."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not isinstance(content, str):
            code, answers = content if isinstance(content, tuple) else ("ABCD-EFGH", content)
            content = {"version": 1, "set": set_name, "student": code, "answers": answers}
            content = json.dumps(content)
        path.write_text(content, "utf-8")
    return folder


def graded(course, folder, files=None, before=None, **options):
    """The record of a run in this process, as it comes back from its file."""
    hand_in(folder, files or {})
    record = grade_class(course, folder, before, **{"number": 0, **options})
    return json.loads(json.dumps(record))
