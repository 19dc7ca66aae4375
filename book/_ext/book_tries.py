"""Sphinx extension: below each derivation, a button that opens it for trying.

The button is all that a page carries, and a small script that waits for it: `live/try.js`, which
loads the rest when it is first pressed. The programs and lines of a chapter's derivations lie in
one file beside it, a script, because a page that is opened from disk may load nothing else.
"""

import json
import re
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from book_given import given_latex
from book_programs import tries
from book_what_if import changes

TAG = re.compile(r"\\tag\{(\d+\.\d+)[a-z]+\}")
FOLDER = "live/tries"


def collect(app):
    """Read which derivations of which chapter can be tried."""
    app.env.derivation_tries = {
        path.stem: tries(path)[0] for path in sorted((app.srcdir / "notebooks").glob("*.ipynb"))
    }


def button(one, page):
    """Return the button of a derivation; without scripts, it is not there."""
    words = "Mend it" if one.refuted else "Try it"
    html = (
        f'<div class="try pst-js-only"><button type="button" data-try="{one.number}"'
        f' data-page="{page}" aria-label="{words}: derivation ({one.number})"'
        f' aria-expanded="false">{words}</button></div>'
    )
    return nodes.raw("", html, format="html")


class AddTries(SphinxPostTransform):
    """Put a button after each derivation that can be tried."""

    default_priority = 891  # after the fold that says how it was checked
    formats = ("html",)

    def run(self):
        """Change the page in place."""
        page = Path(self.env.docname).name
        here = self.env.derivation_tries.get(page, {})
        for display in list(self.document.findall(nodes.math_block)):
            found = TAG.search(display.astext())
            if found and found[1] in here:
                place = display.parent.index(display) + 1
                display.parent.insert(place, button(here[found[1]], page))


def add_script(app, pagename, templatename, context, doctree):
    """Load the small script on the pages that have a button."""
    if app.env.derivation_tries.get(Path(pagename).name):
        app.add_css_file("live/try.css")
        app.add_js_file("live/load.js", defer="defer")
        app.add_js_file("live/try.js", defer="defer")


def write_files(app, exception):
    """Write the derivations of each chapter, as a script that keeps them for `try.js`."""
    if exception or app.builder.name != "html":
        return
    folder = Path(app.outdir) / "_static" / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for page, here in app.env.derivation_tries.items():
        if here:
            (folder / f"{page}.js").write_text(script(page, here), "utf8")


def script(page, here):
    """Return the file of a chapter's derivations."""
    kept = ("program", "lines", "looks", "refuted")
    jobs = {
        number: {name: getattr(one, name) for name in kept}
        | {"given": given_latex(one.program), "changes": changes(one.program)}
        for number, one in here.items()
    }
    text = json.dumps(jobs, ensure_ascii=False, separators=(",", ":"))
    return f'((window.kl ??= {{}}).tries ??= {{}})["{escape(page)}"] = {text};\n'


def setup(app):
    """Register with Sphinx."""
    app.connect("builder-inited", collect)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_files)
    app.add_post_transform(AddTries)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
