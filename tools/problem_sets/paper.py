"""A set on paper, and its ten-minute twin for class: one page a student, by code."""

from kl_utils.exercises.statements import statement
from tools.problem_sets.rubrics import rubric, value

VERSION = "PAPER"  # stands for a code: on paper all students have the same numbers
_SPACE = {"prove": 9, "repair": 4, "condition": 4, "compute": 5, "explain": 9}  # cm
_AS_A_FILE = (
    "**Not on paper.** Write this program on a machine, run it, and hand it in as a file: from the "
    "notebook of the set, or from its page."
)


def set_pages(problem_set):
    """The set with room for the answers."""
    data = problem_set.data
    tasks = [question.data for question in problem_set.current]
    total = sum(task["points"] for task in tasks)
    programs = sum(task["points"] for task in tasks if task["kind"] == "program")
    top = [
        ("title", f"Problem set: {data['title']} ({total:g} points)"),
        ("text", "Name: ______________________________  Code: ____________________"),
        (
            "text",
            f"On paper there are {total - programs:g} points. The other "
            f"{programs:g} are for programs, which are handed in as files. On paper all have the "
            "same numbers, whatever their code.",
        ),
        ("text", data.get("introduction", "").strip()),
        ("text", f"**Help from machines.** {data.get('ai_policy', '').strip()}"),
    ]
    tasks = (
        part
        for number, question in enumerate(problem_set.current, 1)
        for part in _task(question, number, VERSION)
    )
    return [top, list(tasks)]


def set_staff_pages(problem_set, folder):
    """What a grader of the paper looks for, and the script of the oral check."""
    rows = [("title", f"For staff: {problem_set.data['title']}, what gets points")]
    for number, question in enumerate(problem_set.current, 1):
        rows.append(("heading", _title(question, number)))
        rows.append(("text", rubric(question, VERSION, folder)))
    oral = [("title", "For staff: five minutes of questions on what was handed in")]
    for entry in problem_set.data.get("oral", ()):
        oral.append(("text", f"**Ask.** {entry['ask']}"))
        oral.append(("text", f"**Listen for.** {entry['listen_for']}"))
    return [rows, oral]


def _task(question, number, code, has_goal=True):
    yield "heading", _title(question, number)
    yield "text", statement(question, code, is_typed=False, has_goal=has_goal)
    if question.data["kind"] == "program":
        yield "text", f"```\n{question.data['starter'].strip()}\n```"
        yield "text", _AS_A_FILE
        return
    if figure := question.figure(code):
        yield "figure", figure
    yield "space", question.data.get("space", _SPACE[question.data["kind"]])


def _title(question, number):
    points, minutes = question.data["points"], question.data["minutes"]
    return f"{number}. {question.data['title']} ({points:g} points, about {minutes:g} minutes)"


# The twin


def twin_pages(problem_set, students):
    """One page a student: dicts with ``name`` and ``code``."""
    for student in students:
        page = [
            ("title", _twin_title(problem_set)),
            ("text", f"**{student['name']}**, code {student['code']}. On your own, no machines."),
        ]
        for number, question in enumerate(problem_set.twin, 1):
            page += _task(question, number, student["code"], has_goal=False)
        yield page


def _twin_title(problem_set):
    total = sum(question.data["points"] for question in problem_set.twin)
    return f"{problem_set.data['twin']['title']} ({total:g} points)"


def twin_staff_pages(problem_set, students, folder):
    """What to look for, and a table of each student's numbers and values."""
    rubrics, twin = [("title", f"For staff: {_twin_title(problem_set)}")], problem_set.twin
    for number, question in enumerate(twin, 1):
        rubrics.append(("heading", _title(question, number)))
        rubrics.append(("text", rubric(question, students[0]["code"], folder)))
        if "choices" in question.data:
            rubrics.append(("text", f"So for {students[0]['name']}; others have other numbers."))
    head = ["Student", "Code", *(question.data["title"] for question in twin)]
    rows = [[s["name"], s["code"], *(_key(q, s["code"]) for q in twin)] for s in students]
    return [rubrics, [("title", "Numbers and values by student"), ("table", [head, *rows])]]


def _key(question, code):
    """What a grader needs to know of one student's numbers."""
    numbers = ", ".join(f"{name} = {number}" for name, number in question.numbers(code).items())
    task = question.task(code)
    match question.data["kind"]:
        case "compute":
            return f"{numbers}: **{value(task):.5g}**"
        case "prove":
            return f"{numbers}: `{task.goal}`"
    return numbers
