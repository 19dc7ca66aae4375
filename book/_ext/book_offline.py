"""Sphinx extension: drop what pages would load for nothing, or from another host.

Jupyter Book always adds thebe, the tool that turns a page into a live notebook. Its script comes
from a public host and needs a server behind it; the course uses neither. The theme adds
Font Awesome twice: as a font, which shows the icons, and as a script of 1.5 MB that would draw
the same icons again. Every page brings the index of the search, which only the search page reads,
and the styles of sphinx-design, which few pages use, if any.
"""

import re
from pathlib import Path

_THEBE = ("thebe",)
_DESIGN = ("sphinx-design", "design-tabs")
_USES_DESIGN = re.compile(r'class="[^"]*\bsd-')
_SEARCH_SCRIPTS = re.compile(r'\s*<script src="[^"]*(?:searchtools|searchindex)\.js[^>]*></script>')
_ICON_SCRIPT = re.compile(r'\s*<script defer src="[^"]*/scripts/fontawesome\.js[^>]*></script>')


def drop_assets(app, pagename, templatename, context, doctree):
    """Remove from the assets of a page what is never used, and what this page does not use."""
    uses_design = _USES_DESIGN.search(context.get("body", ""))
    names = _THEBE if uses_design else _THEBE + _DESIGN
    for kind in ("script_files", "css_files"):
        assets = context.get(kind, [])
        context[kind] = [asset for asset in assets if not _mentions(asset, names)]


def _mentions(asset, names):
    """Tell whether an asset (a path, or an object with a path or an inline body) has a name."""
    attributes = getattr(asset, "attributes", {})
    text = f"{getattr(asset, 'filename', asset)} {attributes.get('body', '')}".lower()
    return any(name in text for name in names)


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
    app.connect("html-page-context", drop_assets, priority=900)
    app.connect("build-finished", drop_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
