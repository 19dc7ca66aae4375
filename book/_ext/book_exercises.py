"""Sphinx extension: exercises have addresses, and objectives lead to them.

**Exercise 2.4** becomes a target ``exercise-2-4``, and "exercise 2.4" in the text a link to it. The
directive ``{objectives}`` lists what each chapter promises at its top, with the exercises there.
"""

import json
import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from book_mentions import link_mentions

NUMBER = r"\d{1,2}\.\d{1,2}"
EXERCISE = re.compile(rf"Exercise ({NUMBER})")
MENTION = re.compile(rf"\b[Ee]xercises? {NUMBER}(?:(?:, | and |, and | or | to ){NUMBER})*")
LIST = re.compile(r"^\*\*You will be able to\*\*\n\n?((?:[-*] .*\n|  .*\n)+)", re.MULTILINE)


def objectives_in(opening):
    """Return the objectives of a chapter's first cell, one Markdown text each."""
    found = LIST.search(f"{opening}\n")
    bullets = re.split(r"^[-*] ", found[1], flags=re.MULTILINE)[1:] if found else []
    return [" ".join(bullet.split()) for bullet in bullets]


def collect(app):
    """Note on which page each exercise stands, and what each chapter promises."""
    app.env.exercise_pages, app.env.objectives = {}, {}
    for path in sorted(app.srcdir.glob("notebooks/*.ipynb")):
        cells = json.loads(path.read_text("utf8"))["cells"]
        texts = ["".join(c["source"]) for c in cells if c["cell_type"] == "markdown"]
        title = texts[0].partition("\n")[0].removeprefix("# ")
        if bullets := objectives_in(texts[0]):
            app.env.objectives[title] = bullets
        for number in re.findall(rf"^\*\*Exercise ({NUMBER})\*\*", "\n".join(texts), re.MULTILINE):
            app.env.exercise_pages[number] = f"notebooks/{path.stem}"


def anchor(number):
    """Return the id of an exercise: ``exercise-2-4`` for 2.4."""
    return "exercise-" + number.replace(".", "-")


class Objectives(SphinxDirective):
    """The directive ``{objectives}``: a list for each chapter."""

    def run(self):
        """Return the lists; the exercises in them become links later, as in all text."""
        found = []
        for title, bullets in self.env.objectives.items():
            text = "\n".join([f"**{title}**", "", *(f"- {bullet}" for bullet in bullets)])
            holder = nodes.container(classes=["objectives"])
            self.state.nested_parse(StringList(text.splitlines()), self.content_offset, holder)
            found.append(holder)
        return found


class LinkExercises(SphinxPostTransform):
    """Give exercises their targets, and link what mentions them."""

    default_priority = 905
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        for strong in self.document.findall(nodes.strong):
            number = EXERCISE.fullmatch(strong.astext())
            if number and self.env.exercise_pages.get(number[1]) == self.env.docname:
                strong["ids"].append(anchor(number[1]))
        link_mentions(self.document, MENTION, self._linked)

    def _linked(self, mention):
        """Return a mention as nodes, with a link for each exercise that there is."""
        words = re.split(rf"({NUMBER})", mention[0])
        pages = self.env.exercise_pages
        return [self._link(word) if word in pages else nodes.Text(word) for word in words]

    def _link(self, number):
        page, builder = self.env.exercise_pages[number], self.app.builder
        here = self.env.docname
        there = builder.get_relative_uri(here, page) if page != here else ""
        return nodes.reference("", number, refuri=f"{there}#{anchor(number)}", internal=True)


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.add_directive("objectives", Objectives)
    app.add_post_transform(LinkExercises)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
