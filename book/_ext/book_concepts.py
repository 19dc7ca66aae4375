"""Sphinx extension: the concept index, which the search knows by heart.

The directive ``{concepts}`` holds a YAML mapping, an entry a concept:

    maximum likelihood:
      also: [MLE]
      says: the choice of parameters under which the data are most probable.
      at: [1.6, 6/Training]

``at`` names sections: by number, or by chapter (or page) and the beginning of a heading. The first
is where the concept is explained: whoever searches for it, or for one of its other names, is led
there before all else.
"""

import re
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

KEYS = {"also", "says", "at"}
BLOCK = re.compile(r"^```\{concepts\}\n(.*?)^```", re.MULTILINE | re.DOTALL)


class section_link(nodes.Inline, nodes.TextElement):
    """A link to a section that is known by number or heading only: ``place``."""


def read_concepts(text):
    """Return the concepts of a description: name, other names, explanation, places.

    Raises
    ------
    ValueError
        If an entry lacks a key or has another, or if two concepts go by one name.
    """
    found, names = [], {}
    for name, entry in (yaml.safe_load(text) or {}).items():
        if not {"says", "at"} <= set(entry) <= KEYS:
            raise ValueError(f"{name}: expected {', '.join(sorted(KEYS))}, got {[*entry]}")
        also = list(map(str, entry.get("also", [])))
        for known in (name, *also):
            if names.setdefault(known.lower(), name) != name:
                raise ValueError(f"{known}: {name}, and {names[known.lower()]}, too")
        found.append((name, also, entry["says"], list(map(str, entry["at"]))))
    return found


class Concepts(SphinxDirective):
    """The directive ``{concepts}``."""

    has_content = True

    def run(self):
        """Return a definition list, or say what is wrong with the description."""
        try:
            concepts = read_concepts("\n".join(self.content))
        except ValueError as error:
            raise self.error(f"concepts: {error}") from None
        concepts.sort(key=lambda concept: concept[0].lower())
        return [nodes.definition_list("", *map(self._item, concepts), classes=["concepts"])]

    def _item(self, concept):
        name, also, says, places = concept
        term = nodes.term("", name, ids=[nodes.make_id(f"concept-{name}")])
        if also:
            term += nodes.inline("", f" ({', '.join(also)})", classes=["also"])
        definition = nodes.definition()
        self.state.nested_parse(StringList([says]), self.content_offset, definition)
        for index, place in enumerate(places):
            definition[-1] += nodes.Text(", " if index else " ")
            definition[-1] += section_link("", "", place=place)
        return nodes.definition_list_item("", term, definition)


def collect(app):
    """Read the descriptions before the pages: each page must know what is explained on it."""
    texts = [path.read_text("utf8") for path in sorted(Path(app.srcdir, "book").glob("*.md"))]
    blocks = [block for text in texts for block in BLOCK.findall(text)]
    app.env.concepts = [concept for block in blocks for concept in read_concepts(block)]


def note_headings(app, env):
    """Note (page, heading, anchor) for all sections of the book; a page has no anchor."""
    env.headings = headings(env.tocs)


def headings(tocs):
    return [
        (page, link.astext(), link["anchorname"])
        for page, toc in tocs.items()
        for link in toc.findall(nodes.reference)
    ]


def section(env, place):
    """Return (page, heading, anchor) of a place.

    Raises
    ------
    ExtensionError
        If there is no such section.
    """
    page, _, heading = place.rpartition("/")
    wanted = [heading.lower(), f"notebooks/{int(page):02}_" if page.isdigit() else f"book/{page}"]
    if not page:  # a section's number
        wanted = [f"{heading} ", f"notebooks/{int(heading.partition('.')[0]):02}_"]
    found = [
        (name, title, anchor)
        for name, title, anchor in env.headings
        if name.startswith(wanted[1]) and title.lower().startswith(wanted[0])
    ]
    if not found:
        raise ExtensionError(f"concepts: there is no section {place}")
    return found[0]


class LinkConcepts(SphinxPostTransform):
    """Fill in the links of the concept index, and tell the search what a page explains."""

    default_priority = 880
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        for link in list(self.document.findall(section_link)):
            page, title, anchor = section(self.env, link["place"])
            uri = self.app.builder.get_relative_uri(self.env.docname, page) + anchor
            link.replace_self(nodes.reference("", title, refuri=uri, internal=True))
        entries = []
        for name, also, _, places in self.env.concepts:
            page, _, anchor = section(self.env, places[0])
            if page == self.env.docname:
                target = anchor.removeprefix("#")
                entries += [("single", words, target, "main", None) for words in (name, *also)]
        if entries:
            self.document.insert(0, addnodes.index(entries=entries))


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.connect("env-updated", note_headings)
    app.add_node(section_link)
    app.add_directive("concepts", Concepts)
    app.add_post_transform(LinkConcepts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
