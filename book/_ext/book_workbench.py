"""Sphinx extension: the workbench, where readers check proofs of their own in the page.

The page carries a button and a small script, `live/workbench.js`; it loads the rest when the button
is pressed, or at once where the address holds a proof. What the workbench offers is made here, as
a script: frames to start from, the kinds and distributions there are, and the language with its
LaTeX, from the rows of `kl_utils.derivation.functions`.
"""

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from kl_utils.derivation.calls import FAMILIES, KINDS
from kl_utils.derivation.functions import FUNCTIONS
from kl_utils.derivation.parsing import parse
from kl_utils.derivation.typeset import Style

FILE = "live/workbench-data.js"

# What a proof can start from: letters, the meanings of names, and first lines.
STARTS = {
    "A Gaussian and the standard one": (
        {"mu": "real()", "sigma": "positive()"},
        {"q": 'gaussian("mu", "sigma**2")', "p": 'gaussian("0", "1")'},
        [["KL(q, p)", ""], ["= E(log_q(z) - log_p(z))", "definition"]],
    ),
    "Two Gaussians": (
        {"mu_q": "real()", "sigma_q": "positive()", "mu_p": "real()", "sigma_p": "positive()"},
        {"q": 'gaussian("mu_q", "sigma_q**2")', "p": 'gaussian("mu_p", "sigma_p**2")'},
        [["KL(q, p)", ""], ["= H(q, p) - H(q)", "cross-entropy less entropy"]],
    ),
    "A Gaussian vector": (
        {"n": "range(1, 6)", "mu": 'vector("n")', "Sigma": 'covariance("n")'},
        {"q": 'gaussian("mu", "Sigma")', "p": 'gaussian("0", "I")'},
        [["KL(q, p)", ""], ["= E(log_q(z) - log_p(z))", "definition"]],
    ),
    "Finite distributions": (
        {"k": "range(1, 6)", "q": 'simplex("k")', "p": 'simplex("k", zeros=False)'},
        {},
        [["KL(q, p)", ""], ["= Sum(q(z)*log(q(z)/p(z)), z)", "definition"]],
    ),
    "A model: prior, likelihood, posterior": (
        {"w": "real()", "x": "real()", "mu": "real()", "sigma": "positive()"},
        {
            "q": 'gaussian("mu", "sigma**2")',
            "p(z)": 'gaussian("0", "1")',
            "p(x|z)": 'gaussian("w*z", "1", of="x")',
        },
        [["log(p(x))", "the evidence"], [">= E(log(p(x, z)) - log_q(z))", "the bound"]],
    ),
    "A mixture": (
        {"a": "between(0, 1)", "mu": "real()", "nu": "real()", "sigma": "positive()"},
        {"p(z)": "a*normal(z, mu, sigma**2) + (1 - a)*normal(z, nu, sigma**2)"},
        [["Int(z*p(z), z)", "the mean"], ["= a*mu + (1 - a)*nu", "the mean of each part"]],
    ),
    "Poisson counts": (
        {"lam": "positive()"},
        {"q": 'poisson("lam")'},
        [["Var(z)", ""], ["= E(z**2) - E(z)**2", "expand the square"]],
    ),
    "A gamma distribution": (
        {"a": "between(1, 5)", "b": "positive()"},
        {"q": 'gamma_density("a", "b")'},
        [["E(z)", ""], ["= a/b", "shape over rate"]],
    ),
    "An empty proof": ({}, {}, [["", ""]]),
}

BASICS = {
    "a**2": "power",
    "a/b": "quotient",
    "A@B": "product of matrices",
    "mu[i]": "entry of a vector",
    "A[i, j]": "entry of a matrix",
    "I": "identity matrix",
    "pi": "the circle constant",
}
DENSITIES = {
    "q(z)": "density or probability",
    "log_q(z)": "its logarithm",
    "p(x, z)": "joint",
    "p(z|x)": "conditional",
}
GROUPS = {
    "Numbers and matrices": BASICS,
    "Distributions": DENSITIES,
    "Sums, integrals, derivatives": {},
}
ABOUT_DISTRIBUTIONS = {"normal", "E", "Var", "mean", "KL", "H"}
BINDING = {"Sum", "Prod", "Int", "D"}


def palette():
    """Return the language by groups: what is typed, its LaTeX, and what it means in words.

    What is typed for letters and names has no LaTeX.
    """
    groups = {name: dict(forms) for name, forms in GROUPS.items()}
    numbers, distributions, binding = groups.values()
    for function in FUNCTIONS.values():
        group = numbers
        if function.name in ABOUT_DISTRIBUTIONS:
            group = distributions
        elif function.name in BINDING:
            group = binding
        group.update(function.forms)
    language = {
        name: [[form, Style().tex(parse(form)), in_words(words)] for form, words in forms.items()]
        for name, forms in groups.items()
    }
    frames = {"Kinds of letters": KINDS, "What a name can stand for": FAMILIES}
    return language | {
        name: [[form, "", ""] for form in forms.values()] for name, forms in frames.items()
    }


def in_words(meaning):
    """Return a meaning up to its first formula, for those who hear it."""
    first = re.split(r"[;,:$`]", meaning)[0].strip()
    return re.sub(r" (for|over|at|of|from|where)$", "", first)


def data():
    """Return what the workbench offers."""
    starts = [
        [words, {"version": 1, "frame": {"given": given, "meanings": meanings}, "lines": lines}]
        for words, (given, meanings, lines) in STARTS.items()
    ]
    return {
        "starts": starts,
        "kinds": [*KINDS.values(), "[1, 2, 1/2]"],
        "families": [*FAMILIES.values()],
        "palette": palette(),
    }


def script():
    """Return the file of what the workbench offers."""
    text = json.dumps(data(), ensure_ascii=False, separators=(",", ":"))
    return f"(window.kl ??= {{}}).workbenchData = {text};\n"


class Workbench(SphinxDirective):
    """The place of the workbench: a button, and without scripts what stands inside."""

    has_content = True

    def run(self):
        """Return the button, and the words for those who have no scripts."""
        self.env.metadata[self.env.docname]["workbench"] = True
        opener = (
            '<div class="workbench pst-js-only d-print-none">'
            '<button type="button" id="workbench-open">Open the workbench</button>'
            ' <span role="status"></span></div>'
        )
        without = nodes.container("", *self.parse_content_to_nodes(), classes=["workbench-without"])
        return [
            nodes.raw("", opener, format="html"),
            nodes.raw("", "<noscript>", format="html"),
            without,
            nodes.raw("", "</noscript>", format="html"),
        ]


def add_script(app, pagename, templatename, context, doctree):
    """Load the small script on the page of the workbench."""
    if app.env.metadata.get(pagename, {}).get("workbench"):
        app.add_css_file("live/workbench.css")
        app.add_js_file("live/load.js", defer="defer")
        app.add_js_file("live/workbench.js", defer="defer")


def write_file(app, exception):
    """Write the file of what the workbench offers."""
    if not exception and app.builder.name == "html":
        path = Path(app.outdir) / "_static" / FILE
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script(), "utf8")


def setup(app):
    """Register with Sphinx."""
    app.add_directive("workbench", Workbench)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write_file)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
