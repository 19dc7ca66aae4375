"""Sphinx extension: drop what would make a page fetch something from another host.

Jupyter Book always adds thebe, the tool that turns a page into a live notebook. Its script comes
from a public host and needs a server behind it. The course uses neither, so both go.
"""

_THEBE = "thebe"


def drop_thebe(app, pagename, templatename, context, doctree):
    """Remove thebe's scripts and styles from the assets of a page."""
    for kind in ("script_files", "css_files"):
        context[kind] = [asset for asset in context.get(kind, []) if not _mentions_thebe(asset)]


def _mentions_thebe(asset):
    """Tell whether an asset (a path, or an object with a path or an inline body) is thebe's."""
    attributes = getattr(asset, "attributes", {})
    return _THEBE in f"{getattr(asset, 'filename', asset)} {attributes.get('body', '')}".lower()


def setup(app):
    """Register with Sphinx; a late priority, to see what all other extensions added."""
    app.connect("html-page-context", drop_thebe, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
