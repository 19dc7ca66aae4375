"""Sphinx extension: the practice tasks at their places in the text, and the page that repeats them.

A page carries the statements, as questions to think about, and a button for each; `practice.js`
waits for it and loads the rest. All that there is to know of a chapter's tasks lies in one file, a
script, because a page that is opened from disk may load nothing else. The directive ``{review}`` is
the place of what is due, with a list of the chapters.
"""

import json
import re
from collections import Counter
from html import escape
from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

from book_tasks import question, task_data
from practice import CHAPTERS, chapter, find

logger = logging.getLogger(__name__)

FOLDER = "live/practice"
REVIEW = "book/practice"
FORMULA_OR_CODE = re.compile(r"(\$[^$]+\$|`[^`]+`)")
PLACE = re.compile(r"(before|after|end of) \(?([\d.]+)\)?")


def collect(app):
    """Note the pages of the chapters."""
    app.env.practice_pages = {
        number: path.stem
        for number in CHAPTERS
        for path in app.srcdir.glob(f"notebooks/{number:02}_*.ipynb")
    }


# In the text


class PlacePractice(SphinxPostTransform):
    """Put each task into its place."""

    default_priority = 895  # after the buttons and folds of derivations, before links are made
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        here = Path(self.env.docname).name
        for number, page in self.env.practice_pages.items():
            if page == here:
                self.place(chapter(number))

    def place(self, tasks):
        """Put the tasks of a chapter into it."""
        last = {}  # what was put at a place last
        labels = Counter()
        for one in tasks.PRACTICE:
            where, number = PLACE.fullmatch(one.place).groups()
            parent, place = self.find(where, number, last)
            if parent is None:
                logger.warning("%s: there is no place %s", one.name, one.place)
                continue
            labels[one.words, one.place] += 1
            block = task_block(one, which=labels[one.words, one.place])
            parent.insert(place, block)
            last[where, number] = block
        if tasks.OPENING:
            top = next(self.document.findall(nodes.section))
            top.insert(opening_place(top), opening_block(tasks.OPENING))

    def find(self, where, number, last):
        """Return the parent of a new block, and its place there."""
        if where == "end of":
            section = section_of(self.document, number)
            return section, section and len(section)
        block = last.get((where, number)) if where == "after" else None
        block = block or block_with(self.document, number)
        return block and block.parent, block and block.parent.index(block) + (where == "after")


def section_of(document, number):
    """Return the section whose title begins with a number, or None."""
    for section in document.findall(nodes.section):
        if section[0].astext().startswith(f"{number} "):
            return section
    return None


def block_with(document, number):
    """Return the outermost block that holds an equation within its section, or None.

    Looked for from above: some blocks do not know what they stand in.
    """
    tag = re.compile(rf"\\tag\{{{re.escape(number)}a?\}}")
    for section in document.findall(nodes.section):
        for block in section.children:
            displays = () if isinstance(block, nodes.section) else block.findall(nodes.math_block)
            if any(tag.search(display.astext()) for display in displays):
                return block
    return None


def opening_place(top):
    """Return the place after the words that open a chapter: before its first cell or section."""
    for place, child in enumerate(top):
        if isinstance(child, nodes.section) or "cell" in child.get("classes", ()):
            return place
    return len(top)


def task_block(one, variant=0, prefix="practice", heading=True, which=1):
    """Return a task as a page has it; ``which`` of those with one heading at one place."""
    anchor = f"{prefix}-{one.name.replace('/', '-')}"
    block = nodes.container(classes=["practice"], ids=[anchor])
    if heading:
        block += nodes.paragraph("", one.words, classes=["practice-words"])
    task = find(one.name, variant).task
    block += nodes.paragraph("", "", *rich(question(task)))
    label = f"Answer: {one.words}, {one.place}" + (f", {which}" if which > 1 else "")
    block += nodes.raw("", button(one.name, variant, label), format="html")
    return block


def opening_block(names):
    """Return the tasks of earlier chapters that a chapter opens with."""
    block = nodes.container(classes=["practice-opening"])
    block += nodes.paragraph("", "From earlier chapters", classes=["practice-words"])
    for name in names:
        block += task_block(find(name), variant=1, prefix="opening", heading=False)
    return block


def button(name, variant, label):
    """Return the button that opens a task."""
    other = f' data-variant="{variant}"' if variant else ""
    return (
        f'<button type="button" class="pst-js-only" data-practice="{name}"{other}'
        f' aria-label="{escape(label)}">Answer</button>'
    )


def rich(text):
    """Return nodes for a text with $formulas$ and `code`."""
    kinds = {"$": nodes.math, "`": nodes.literal}
    parts = filter(None, FORMULA_OR_CODE.split(text))
    return [
        kinds[part[0]]("", part[1:-1]) if FORMULA_OR_CODE.fullmatch(part) else nodes.Text(part)
        for part in parts
    ]


# The page that repeats them


class Review(SphinxDirective):
    """The directive ``{review}``."""

    def run(self):
        """Return the place that a script fills, and a list of the chapters for who has none."""
        place = nodes.container(ids=["practice-review"], classes=["practice-review"])
        pages = self.env.practice_pages.values()
        links = [f"- {{doc}}`/notebooks/{page}`" for page in pages]
        self.state.nested_parse(StringList(links), self.content_offset, place)
        return [place]


# The files


def add_scripts(app, pagename, templatename, context, doctree):
    """Load the small script on the pages that have a task, and on the one that repeats them."""
    if Path(pagename).name in app.env.practice_pages.values() or pagename == REVIEW:
        app.add_css_file("live/practice.css")
        app.add_js_file("live/load.js", defer="defer")
        app.add_js_file("live/practice.js", defer="defer")


def write_files(app, exception):
    """Write the tasks of each chapter, and an index of all."""
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    index = {}
    for number, page in app.env.practice_pages.items():
        tasks = {one.name: task_data(one) for one in chapter(number).PRACTICE}
        title = app.env.titles[f"notebooks/{page}"].astext()
        (folder / f"{number}.js").write_text(script(str(number), tasks), "utf8")
        index[number] = {
            "title": title,
            "page": page,
            "tasks": {name: [t["version"], len(t["variants"])] for name, t in tasks.items()},
        }
    (folder / "index.js").write_text(script("index", index), "utf8")


def script(name, data):
    """Return a file that keeps data for the scripts of the pages."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f'((window.kl ??= {{}}).tasks ??= {{}})["{name}"] = {text};\n'


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_files)
    app.add_directive("review", Review)
    app.add_post_transform(PlacePractice)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
