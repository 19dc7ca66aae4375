"""Sphinx extension: the problem sets in the book, for reading, for paper, and for the live page.

The directive ``{problem-set} divergence`` puts all tasks of a set into the page, each in a section
of its own: statement, points, minutes, what is given, and the goal. A script fills the places for
answers, and asks Python for what depends on a student's code. Where the page has to do without,
boxes stand for those numbers. What the script has to know lies in a file of its own.
"""

from dataclasses import replace
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from book_practice import FORMULA_OR_CODE, rich, script
from book_sets import FOLDER, asked, problem_set
from kl_utils.derivation.symbols import symbol

PAGES = "book/problem_sets/"
DATA = "live/problem_sets"
LATEX = {"given", "goal", "formula", "latex"}
IN_THE_PAGE = {"statement", "given", "goal", "lemmas", "figure"}
FIRST_MARK = 700_001  # numbers that occur in no set, and stand for a student's own
ASK = "Ask your instructor."
BEGIN = "The program to begin with"
HAND_IN = (
    "A live page exports your answers as one small file, which you upload where your instructor "
    "says. Before that it lists what is not answered, cannot be read, or is not finished. The file "
    "can be imported again, to go on with it on another machine."
)
MM_PER_MINUTE = 5  # of the room for an answer on paper
MOST_MM = 150


class ProblemSet(SphinxDirective):
    """The directive ``{problem-set}``."""

    required_arguments = 1

    def run(self):
        """Return the tasks in sections."""
        (name,) = self.arguments
        self.env.note_dependency(str(FOLDER / name / "set.toml"))
        questions = problem_set(name)
        tasks = [task_section(place, one) for place, one in enumerate(questions.current, 1)]
        return [*opening(questions), desk(name), *tasks, help_allowed(questions), hand_in()]


def html(text):
    return nodes.raw("", text, format="html")


def desk(name):
    """Return the place where a student says who answers."""
    return html(
        f'<div id="problem-set" class="pst-js-only" data-set="{name}">'
        '<button type="button">Answer in this page</button></div>'
    )


def opening(questions):
    """Return the introduction, with the sums of points and minutes."""
    data = [one.data for one in questions.current]
    points, minutes = (sum(one[what] for one in data) for what in ("points", "minutes"))
    sums = f"{len(data)} tasks, {points:g} points, about {minutes} minutes"
    about = nodes.paragraph("", sums, classes=["problem-about"])
    return [about, *paragraphs(questions.data.get("introduction", ""))]


def paragraphs(text):
    """Return the paragraphs of a text; an empty line parts them."""
    return [nodes.paragraph("", "", *rich(part)) for part in text.strip().split("\n\n") if part]


def help_allowed(questions):
    """Return the section on what help is allowed."""
    section = nodes.section(ids=["help-allowed"])
    section += nodes.title("", "What help is allowed")
    section += paragraphs(questions.data.get("ai_policy", ASK))
    return section


def hand_in():
    """Return the last section, where the answers become a file."""
    section = nodes.section(ids=["hand-in"])
    section += [nodes.title("", "Hand in"), nodes.paragraph("", HAND_IN)]
    section += html('<div id="problem-set-end" class="pst-js-only"></div>')
    return section


def task_section(place, one):
    """Return a task as the page has it."""
    data = one.data
    title = nodes.title("", "", *rich(f"{place}. {data['title']}"))
    about = f"{data['points']:g} points, about {data['minutes']} minutes"
    section = nodes.section(ids=[f"task-{data['id']}"], classes=["problem"])
    section += [title, nodes.paragraph("", about, classes=["problem-about"])]
    section += nodes.container("", *asked_nodes(one), classes=["problem-asked"])
    room = min(MM_PER_MINUTE * data["minutes"], MOST_MM)
    section += html(
        f'<div class="problem-answer" data-task="{one.name}"></div>'
        f'<div class="problem-room" style="height: {room}mm" aria-hidden="true"></div>'
    )
    return section


def asked_nodes(one):
    """Yield the statement, what is given, and the lines; boxes stand for a student's numbers."""
    shown = with_boxes(one)
    yield from paragraphs(shown["statement"])
    if shown.get("given"):
        formulas = " ".join(f"${formula}$" for formula in shown["given"])
        yield nodes.paragraph("", "", *rich(f"Given: {formulas}"), classes=["problem-given"])
    if lines := shown.get("lines"):
        yield nodes.container("", *map(line_node, lines), classes=["problem-lines"])
    if "at" in shown:
        yield nodes.paragraph("", f"Line ({shown['at']}) is wrong.")
    if goal := shown.get("goal"):
        yield nodes.paragraph("", "", *rich(f"Goal: ${goal}$"), classes=["problem-goal"])
    if shown.get("lemmas"):
        yield nodes.paragraph("", "Name one of these in a reason to use it:")
        lemmas = [rich(f"{lemma['name']}: ${lemma['formula']}$") for lemma in shown["lemmas"]]
        items = [nodes.list_item("", nodes.paragraph("", "", *lemma)) for lemma in lemmas]
        yield nodes.bullet_list("", *items)
    if "starter" in shown:
        code = nodes.literal_block("", shown["starter"].strip(), language="python")
        name = f"{BEGIN}: {one.data['function']}"
        yield html(f'<details class="problem-starter" open><summary>{name}</summary>')
        yield code
        yield html("</details>")
    if shown["figure"] and "choices" not in one.data:
        yield html(f'<div class="problem-figure">{shown["figure"]}</div>')
    elif shown["figure"]:
        yield nodes.paragraph("", "The figure is drawn for your code.", classes=["problem-about"])


def line_node(line):
    return nodes.math_block("", line["latex"], nowrap=True, number=None, classes=["problem-line"])


def with_boxes(one):
    """Return what is shown of a question, with boxes for the numbers that depend on a code."""
    marks = {name: str(FIRST_MARK + n) for n, name in enumerate(one.data.get("choices", {}))}
    if not marks:
        return asked(one)
    choices = {name: [mark] for name, mark in marks.items()}
    shown = asked(replace(one, data=one.data | {"choices": choices}))
    for name, mark in marks.items():
        shown = boxed(shown, mark, name)
    return shown


def boxed(value, mark, name, is_latex=False):
    """Return a value in which a mark has become a box, in all its texts."""
    match value:
        case dict():
            return {key: boxed(part, mark, name, key in LATEX) for key, part in value.items()}
        case list():
            return [boxed(part, mark, name, is_latex) for part in value]
        case str():
            box = rf"\boxed{{{symbol(name)}}}"
            parts = [value] if is_latex else FORMULA_OR_CODE.split(value)
            boxes = [box if is_latex or part[:1] == "$" else f"[{name}]" for part in parts]
            pairs = zip(parts, boxes, strict=True)
            return "".join(part.replace(mark, its_box) for part, its_box in pairs)
    return value


# The files


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the style and the small script on the pages that have a set."""
    if pagename.startswith(PAGES):
        app.add_css_file("live/problem-set.css")
        app.add_js_file("live/load.js", defer="defer")
        app.add_js_file("live/problem-set.js", defer="defer")


def set_data(questions):
    """Return what the scripts have to know of a set before Python is there."""
    tasks = [
        {"id": one.data["id"], "title": one.data["title"], "own": "choices" in one.data}
        | {key: part for key, part in with_boxes(one).items() if key not in IN_THE_PAGE}
        for one in questions.current
    ]
    retired = {one.name: one.data["kind"] for one in questions.questions if one.is_retired}
    return {"title": questions.data["title"], "tasks": tasks, "retired": retired}


def write_files(app, exception):
    """Write what the scripts of the pages have to know of each set."""
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir) / "_static" / DATA
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(FOLDER.glob("*/set.toml")):
        name = path.parent.name
        (folder / f"{name}.js").write_text(script(name, set_data(problem_set(name))), "utf8")


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_files)
    app.add_directive("problem-set", ProblemSet)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
