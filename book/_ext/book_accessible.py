"""Sphinx extension: roles that screen readers understand, in place of those that docutils writes.

A list may hold list items only, and the role of an entry in a bibliography is deprecated.
"""


def mend_roles(app, pagename, templatename, context, doctree):
    """Call the entries of a bibliography list items."""
    body = context.get("body", "")
    context["body"] = body.replace(' role="doc-biblioentry"', ' role="listitem"')


def setup(app):
    """Register with Sphinx."""
    app.connect("html-page-context", mend_roles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
