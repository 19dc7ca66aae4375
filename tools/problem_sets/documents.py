"""Pages to print, as HTML with native MathML and as LaTeX, from one list of parts.

A page is a list of parts: ``("title", text)``, ``("heading", text)``, ``("text", Markdown)``,
``("space", centimetres)``, ``("figure", SVG)`` and ``("table", rows)``. The Markdown has
paragraphs, lists, fenced code, formulas in dollars, code in backticks, and ``**bold**``.
"""

import re
from functools import cache
from html import escape

from latex2mathml.converter import convert

from tools.problem_sets.figures import tikz

_INLINE = re.compile(r"(\$[^$]+\$|`[^`]*`|\*\*[^*]+\*\*)")
_STYLE = """\
@page { size: A4; margin: 2cm }
body { font: 11pt/1.4 Georgia, serif; max-width: 17cm; margin: auto; color: black }
section { break-after: page } section:last-child { break-after: auto }
h1 { font-size: 16pt } h2 { font-size: 12.5pt; margin: 1em 0 .3em; break-after: avoid }
p, ul { margin: .4em 0 } pre { font-size: 9pt; white-space: pre-wrap } svg { width: 11cm }
table { border-collapse: collapse } td, th { border: 1px solid #888; padding: .2em .5em;
text-align: left; vertical-align: top }
"""
_TEX = r"""\documentclass[11pt,a4paper]{article}
%% For LuaLaTeX or XeLaTeX, whose letters include those of the sets.
\usepackage{amsmath, amssymb, fontspec, tikz}
\usepackage[margin=2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{5pt}
\pagestyle{empty}
\begin{document}
%s
\end{document}
"""
_SPECIAL = {sign: "\\" + sign for sign in "&%$#_{}"}
_SPECIAL |= {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {"▢": r"$\square$", "‖": r"$\|$", "²": r"\textsuperscript{2}"}
_SPECIAL = str.maketrans(_SPECIAL)


def blocks(text):
    """Yield the blocks of a Markdown text, each with its kind."""
    for place, part in enumerate(re.split(r"^```.*(?:\n|\Z)", text, flags=re.MULTILINE)):
        if place % 2:
            yield "code", part.rstrip("\n")
            continue
        for block in re.split(r"\n\s*\n", part):
            if not block.strip():
                continue
            rows = re.split(r"^- ", block.strip(), flags=re.MULTILINE)
            if rows[0].strip():
                yield "paragraph", rows[0].strip()
            if rows[1:]:
                yield "list", [row.strip() for row in rows[1:]]


# HTML


def as_html(pages, title):
    """Pages as one HTML file, which needs nothing else."""
    body = "\n".join(f"<section>\n{''.join(map(_html_part, page))}</section>" for page in pages)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}'
        f"</title><style>\n{_STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _html_part(part):
    kind, value = part
    match kind:
        case "title":
            return f"<h1>{html_inline(value)}</h1>\n"
        case "heading":
            return f"<h2>{html_inline(value)}</h2>\n"
        case "space":
            return f'<div style="height: {value}cm"></div>\n'
        case "figure":
            return f"{value}\n"
        case "table":
            return f"<table>{''.join(map(_html_row, value))}</table>\n"
    return "".join(_html_block(*block) for block in blocks(value))


def _html_row(row):
    return f"<tr>{''.join(f'<td>{html_inline(str(cell))}</td>' for cell in row)}</tr>"


def _html_block(kind, content):
    if kind == "code":
        return f"<pre>{escape(content)}</pre>\n"
    if kind == "list":
        return f"<ul>{''.join(f'<li>{html_inline(row)}</li>' for row in content)}</ul>\n"
    return f"<p>{html_inline(content)}</p>\n"


def html_inline(text):
    """A line of Markdown as HTML."""
    return "".join(map(_html_piece, _INLINE.split(text)))


def _html_piece(piece):
    if piece.startswith("$"):
        return _mathml(" ".join(piece[1:-1].split()))
    if piece.startswith("`"):
        return f"<code>{escape(piece[1:-1])}</code>"
    if piece.startswith("**"):
        return f"<b>{escape(piece[2:-2])}</b>"
    return escape(piece)


_mathml = cache(convert)


# LaTeX


def as_tex(pages):
    """Pages as one LaTeX file."""
    bodies = ["\n".join(map(_tex_part, page)) for page in pages]
    return _TEX % "\n\\newpage\n".join(bodies)


def _tex_part(part):
    kind, value = part
    match kind:
        case "title":
            return rf"\section*{{{tex_inline(value)}}}"
        case "heading":
            return rf"\subsection*{{{tex_inline(value)}}}"
        case "space":
            return rf"\vspace*{{{value}cm}}"
        case "figure":
            return tikz(value)
        case "table":
            columns = "|".join("l" * len(value[0])) if len(value[0]) > 2 else "l|p{12cm}"
            rows = (" & ".join(tex_inline(str(cell)) for cell in row) for row in value)
            body = r" \\ ".join(rows)
            return rf"\begin{{tabular}}{{{columns}}} {body} \end{{tabular}}"
    return "\n\n".join(_tex_block(*block) for block in blocks(value))


def _tex_block(kind, content):
    if kind == "code":
        return f"\\begin{{verbatim}}\n{content}\n\\end{{verbatim}}"
    if kind == "list":
        rows = "\n".join(rf"\item {tex_inline(row)}" for row in content)
        return f"\\begin{{itemize}}\n{rows}\n\\end{{itemize}}"
    return tex_inline(content)


def tex_inline(text):
    """A line of Markdown as LaTeX."""
    return "".join(map(_tex_piece, _INLINE.split(text)))


def _tex_piece(piece):
    if piece.startswith("$"):
        return piece
    if piece.startswith("`"):
        return rf"\texttt{{{piece[1:-1].translate(_SPECIAL)}}}"
    if piece.startswith("**"):
        return rf"\textbf{{{piece[2:-2].translate(_SPECIAL)}}}"
    return piece.translate(_SPECIAL)
