"""Pages for people, each one file: no network, light and dark, on paper as on a phone.

No script runs but the one that a page is made with: its digest stands in the page's policy.

Text becomes HTML in one place, `element`, which escapes all that is not `Html` already. So nothing
that a student writes can become a part of the page.
"""

import base64
import hashlib
import html

_STYLE = """
:root { color-scheme: light dark; --paper: #fff; --ink: #1c1f24; --soft: #f3f4f6; --rule: #c9ced6;
  --quiet: #545b66; --wrong: #a3161b; --wrong-soft: #fdecec; --waits: #7a4a00;
  --waits-soft: #fff3da; --bar: #2f6690; }
@media (prefers-color-scheme: dark) { :root { --paper: #16181c; --ink: #e6e8eb; --soft: #22262c;
  --rule: #444b55; --quiet: #a6aeb9; --wrong: #ff9c98; --wrong-soft: #3a1e20; --waits: #f2c46d;
  --waits-soft: #362b14; --bar: #7db3dc; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 46rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere; }
body.wide { max-width: 80rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.2rem 0 .5rem; }
h3 { font-size: 1.05rem; margin: 1.2rem 0 .4rem; }
p, ul, ol { margin: .5rem 0; }
table { border-collapse: collapse; width: 100%; margin: .8rem 0;
  font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--quiet); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
  border-bottom: 1px solid var(--rule); overflow-wrap: break-word; }
tbody th { font-weight: 400; }
a { color: inherit; }
th.number, td.number { text-align: right; white-space: nowrap; overflow-wrap: normal; }
tfoot th, tfoot td { border-bottom: 0; font-weight: 600; }
code, pre { font: .93em/1.5 ui-monospace, "Cascadia Mono", Menlo, "DejaVu Sans Mono", monospace; }
pre { white-space: pre-wrap; background: var(--soft); padding: .7rem .8rem; border-radius: .3rem; }
.words { white-space: pre-wrap; background: var(--soft); padding: .7rem .8rem;
  border-radius: .3rem; }
.quiet { color: var(--quiet); }
.score { font-size: 1.35rem; font-weight: 600; margin: .3rem 0; }
.wrong, .waits { border-left: .25rem solid var(--wrong); background: var(--wrong-soft);
  padding: .35rem .7rem; margin: .35rem 0; border-radius: 0 .3rem .3rem 0; }
.wrong b { color: var(--wrong); }
.waits { border-color: var(--waits); background: var(--waits-soft); }
.waits b { color: var(--waits); }
ol.proof { list-style: none; padding: 0; margin: .8rem 0; }
ol.proof > li { display: grid; grid-template-columns: 1.8rem 1fr; padding: .3rem .5rem;
  border-bottom: 1px solid var(--rule); }
ol.proof > li > .number { color: var(--quiet); }
ol.proof > li > div > .reason { color: var(--quiet); padding-left: 1rem; }
ol.proof > li.held { background: var(--waits-soft); outline: 2px solid var(--waits);
  outline-offset: -1px; }
svg { display: block; width: 100%; max-width: 34rem; height: auto; }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: var(--ink); }
.beside { display: grid; gap: 2.5rem; grid-template-columns: minmax(0, 1fr) 22rem; }
.beside > aside { position: sticky; top: 0; align-self: start; max-height: 100vh; overflow: auto;
  order: 2; background: var(--soft); padding: .2rem 1rem 1rem; border-radius: .3rem; }
aside h2 { font-size: 1.05rem; margin: 1.2rem 0 .3rem; }
.form { border: 1px solid var(--rule); border-radius: .3rem; padding: .4rem .7rem; }
.form:not([hidden]) { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; }
.form fieldset { border: 0; margin: 0; padding: 0; white-space: nowrap; }
.form legend { float: left; padding-right: .4rem; font-weight: 600; }
.form.bare { border-color: var(--waits); }
.form input:not([type="radio"]) { max-width: 100%; }
.saving { position: sticky; top: 0; background: var(--paper); padding: .4rem 0; z-index: 1; }
.saving ~ .beside > aside { top: 4.5rem; max-height: calc(100vh - 4.5rem); }
article { border-top: 2px solid var(--rule); padding-bottom: 1rem; }
@media (max-width: 56rem) { .beside { display: block; } .beside > aside { position: static;
  max-height: none; } }
@media print { :root { color-scheme: light; --paper: #fff; --ink: #000; --soft: #f3f4f6;
  --rule: #999; --quiet: #333; --wrong: #a3161b; --wrong-soft: #fff; --waits: #7a4a00;
  --waits-soft: #fff; --bar: #555; } body { max-width: none; padding: 0; font-size: 10.5pt; }
  .form, .saving { display: none !important; }
  li, tr, svg, .wrong, .waits { break-inside: avoid; } h2, h3 { break-after: avoid; } }
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"


class Html(str):
    """Text that is HTML already; all other text is escaped where it becomes part of a page."""

    __slots__ = ()


def printable(text, keep="\n\t"):
    """A text without control signs, signs that turn the direction of what follows, surrogates."""
    lines = str(text).replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        sign if sign.isprintable() or sign in keep else "\N{REPLACEMENT CHARACTER}"
        for sign in lines
    )


def escaped(content):
    """Content as HTML."""
    return content if isinstance(content, Html) else Html(html.escape(printable(content)))


def element(tag, *contents, **attributes):
    """An element of HTML; ``class_`` stands for ``class``, ``aria_label`` for ``aria-label``."""
    said = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(printable(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{said}>{joined(contents)}</{tag}>")


def joined(contents, between=""):
    """Contents one after another, as HTML; None stands for nothing."""
    return Html(between.join(escaped(content) for content in contents if content is not None))


def sentence(text):
    """A sentence, in which what stands between backticks is set as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # one is left alone
        return escaped(text)
    return joined(element("code", part) if at % 2 else part for at, part in enumerate(parts))


def listed(items):
    """A list with a bullet for each item; None where there is none."""
    return element("ul", *(element("li", item) for item in items)) if items else None


def table(head, rows, caption, foot=None, numbers=()):
    """A table whose columns and rows have headings; columns of ``numbers`` are set to the right."""

    def cells(row, tag, scope=None):
        for place, cell in enumerate(row):
            is_head = tag == "th" or place == 0
            yield element(
                "th" if is_head else "td",
                cell,
                scope=scope or "row" if is_head else None,
                class_="number" if place in numbers else None,
            )

    body = (element("tr", *cells(row, "td")) for row in rows)
    return element(
        "table",
        element("caption", caption),
        element("thead", element("tr", *cells(head, "th", "col"))),
        element("tbody", *body),
        foot and element("tfoot", element("tr", *cells(foot, "td"))),
    )


def page(title, *contents, is_wide=False, script=None):
    """A whole page, as the text of its file; ``script`` is `Html`, and the only one that runs."""
    policy = _POLICY
    if script:
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        policy += f"; script-src 'sha256-{digest}'"
    head = joined(
        [
            Html('<meta charset="utf-8">'),
            Html(f'<meta http-equiv="Content-Security-Policy" content="{policy}">'),
            Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
            Html(
                '<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">'
            ),
            element("title", title),
            element("style", Html(_STYLE)),
        ],
        "\n",
    )
    main = element("main", element("h1", title), *contents)
    run = element("script", script) if script else None
    body = element("body", main, run, class_="wide" if is_wide else None)
    return f'<!doctype html>\n<html lang="en">\n<head>\n{head}\n</head>\n{body}\n</html>\n'


def write(path, text):
    """Write the text of a file, in folders that are made where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def number(value):
    """A number of points as people write it: ``7``, ``7.5``."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def points(value):
    """A number of points in words."""
    return several(value, "point")


def several(value, what):
    """A number of things in words: ``1 item``, ``2 items``."""
    return f"{number(value)} {what}" + ("" if value == 1 else "s")


def date(moment):
    """A time in ISO form, as people read it; empty where there is none."""
    return str(moment or "")[:16].replace("T", " ")
