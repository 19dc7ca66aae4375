"""Sphinx extension: the contents beside the pages, put together once for all of them.

Sphinx goes through the headings of the whole book for each page anew. The contents of two pages
differ only in how addresses begin and in what is marked as current.
"""

from functools import cache
from posixpath import dirname, join, normpath

from bs4 import BeautifulSoup
from sphinx.environment.adapters.toctree import TocTree
from sphinx.util.osutil import relative_uri


def share_contents(app, pagename, templatename, context, doctree):
    """Let the theme find the contents that stand ready, as they look from this page."""
    page = app.builder.get_target_uri(pagename)
    context["toctree"] = lambda **options: seen_from(
        page, contents(app.builder, tuple(options.items()))
    )


@cache
def contents(builder, options):
    """Return the contents as HTML, with addresses from the top folder; nothing is current."""
    root = builder.config.root_doc
    options = {"collapse": True, **dict(options)}
    found = TocTree(builder.env).get_toctree_for(root, builder, **options)
    soup = BeautifulSoup(builder.render_partial(found)["fragment"], "html.parser")
    folder = dirname(builder.get_target_uri(root))
    for link in soup("a", class_="internal"):
        link["href"] = normpath(join(folder, link["href"]))
    return str(soup)


def seen_from(page, whole):
    """Return contents with addresses from a page, which is marked with all that it lies in."""
    soup = BeautifulSoup(whole, "html.parser")
    for link in soup("a", class_="internal"):
        if link["href"] == page:
            link["href"] = "#"
            for part in [link, *link.find_parents(["li", "ul"])]:
                part["class"] = [*part.get("class", []), "current"]
        else:
            link["href"] = relative_uri(page, link["href"])
    return str(soup)


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", share_contents)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
