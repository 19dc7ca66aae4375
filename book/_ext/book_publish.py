"""Sphinx extension: how pages are found: a description of each, a map of the site, the search.

Search engines and chat windows show a page by its title and description. Addresses appear only
where ``html_baseurl`` says where the book is published: the preview's image, which needs one, the
address of the page, and ``sitemap.xml``.
"""

import re
from html import escape
from pathlib import Path
from urllib.parse import urljoin
from xml.sax.saxutils import escape as escape_xml

from docutils import nodes

_LONGEST = 200  # characters, of a description; search engines cut near here
_IMAGE = "_static/social.png"
_IMAGE_ALT = "Two bell curves that overlap, q in blue and p in orange, and the title of the course"


def description_of(doctree):
    """Return the beginning of a page's text, in whole sentences where they fit."""
    words = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not isinstance(paragraph.parent, nodes.section | nodes.document):
            continue
        for sentence in re.split(r"(?<=[.?!])\s+", _words_of(paragraph)):
            if words and len(words) + len(sentence) >= _LONGEST:
                return words
            words = f"{words} {sentence}".strip()
        if len(words) > _LONGEST / 3:
            break
    return words if len(words) <= _LONGEST else words[:_LONGEST].rsplit(" ", 1)[0] + " …"


def _words_of(paragraph):
    """Return the words of a paragraph on one line, formulas as plain as they get."""
    words = " ".join(paragraph.astext().split())
    words = re.sub(r"\\[a-z]+\{(\w+)\}", r"\1", words)
    return re.sub(r"\s*(?:\\,)?\s*\\\|\s*(?:\\,)?\s*", "‖", words).replace("\\log", "log")


def describe(app, pagename, templatename, context, doctree):
    """Add the metadata of a page to its head."""
    if doctree is None:
        return
    title = re.sub("<[^>]*>", "", context.get("title", "")) or app.config.html_title
    tags = {
        "og:type": "website" if pagename == app.config.root_doc else "article",
        "og:site_name": app.config.project,
        "og:title": title,
        "og:description": description_of(doctree),
    }
    if base := app.config.html_baseurl:
        tags["og:url"] = urljoin(base, app.builder.get_target_uri(pagename))
        tags["og:image"] = urljoin(base, _IMAGE)
        tags["og:image:alt"] = _IMAGE_ALT
    lines = [f'<meta property="{key}" content="{escape(text)}" />' for key, text in tags.items()]
    card = "summary_large_image" if "og:image" in tags else "summary"
    lines.append(f'<meta name="twitter:card" content="{card}" />')
    lines.append(f'<meta name="description" content="{escape(tags["og:description"])}" />')
    context["metatags"] = "\n".join([context.get("metatags", ""), *lines]) + "\n"


def write_sitemap(app, exception):
    """List all pages for search engines, if the address of the book is known."""
    base = app.config.html_baseurl
    if exception or not base or app.builder.name != "html":
        return
    addresses = [urljoin(base, app.builder.get_target_uri(name)) for name in app.env.found_docs]
    lines = [f"<url><loc>{escape_xml(address)}</loc></url>" for address in sorted(addresses)]
    (app.outdir / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        + "\n".join(lines)
        + "\n</urlset>\n",
        "utf8",
    )


def use_scorer(app, config):
    """Rank what the search finds; Sphinx would look for the file from where it was started."""
    config.html_search_scorer = str(Path(__file__).with_name("search_scorer.js"))


def setup(app):
    """Register with Sphinx."""
    app.connect("config-inited", use_scorer)
    app.connect("html-page-context", describe)
    app.connect("build-finished", write_sitemap)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
