"""Sphinx extension: drop what pages would load for nothing, or from another host.

Jupyter Book always adds thebe, the tool that turns a page into a live notebook. Its script comes
from a public host and needs a server behind it; the course uses neither. The theme adds
Font Awesome twice: as a font, which shows the icons, and as a script of 1.5 MB that would draw
the same icons again. Every page brings the index of the search, which only the search page reads.
"""

import re
from pathlib import Path

_THEBE = "thebe"
_SEARCH_SCRIPTS = re.compile(r'\s*<script src="[^"]*(?:searchtools|searchindex)\.js[^>]*></script>')
_ICON_SCRIPT = re.compile(r'\s*<script defer src="[^"]*/scripts/fontawesome\.js[^>]*></script>')


def drop_thebe(app, pagename, templatename, context, doctree):
    """Remove thebe's scripts and styles from the assets of a page."""
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _mentions_thebe(asset)]


def _mentions_thebe(asset):
    """Tell whether an asset (a path, or an object with a path or an inline body) is thebe's."""
    attributes = getattr(asset, "attributes", {})
    return _THEBE in f"{getattr(asset, 'filename', asset)} {attributes.get('body', '')}".lower()


def drop_scripts(app, exception):
    """Remove scripts from the built pages for which the theme's templates have no switch."""
    for path in Path(app.outdir).rglob("*.html"):
        text = path.read_text("utf8")
        slim = _ICON_SCRIPT.sub("", text)
        if path.name != "search.html":
            slim = _SEARCH_SCRIPTS.sub("", slim)
        if slim != text:
            path.write_text(slim, "utf8")


def setup(app):
    """Register with Sphinx; a late priority, to see what all other extensions added."""
    app.connect("html-page-context", drop_thebe, priority=900)
    app.connect("build-finished", drop_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
