"""Sphinx extension: the record of what was run, read from the run cards when the book is built.

Directives, none with arguments:

``{run-times}``          a table: how long each chapter took, with which data
``{run-versions}``       a table: with which versions, on what
``{results-table}``      a table: every run of ``results.json``
``{benchmark-figures}``  the figures in ``book/_assets/bench``; nothing where there are none
``{citation}``           the reference in ``CITATION.cff``, in words and for BibTeX
"""

import json
from collections import defaultdict
from pathlib import Path

import yaml
from sphinx.util.docutils import SphinxDirective

from kl_utils.pretrained.entries import read_entries
from kl_utils.pretrained.schema import Result


def run_cards(source):
    """Return (name of the page, title, run card) of each notebook that has a card, in order."""
    found = []
    for path in sorted((source / "notebooks").glob("*.ipynb")):
        notebook = json.loads(path.read_text("utf8"))
        card = notebook["metadata"].get("run_card")
        first = "".join(notebook["cells"][0]["source"])
        if card:
            found.append((path.stem, first.partition("\n")[0].lstrip("# "), card))
    return found


def table(header, rows, aligned):
    """Return a Markdown table; ``aligned`` has l or r for each column."""
    marks = {"l": ":--", "r": "--:"}
    lines = [header, [marks[side] for side in aligned], *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def run_times(source):
    """Return the table of run times, in whole seconds, and of memory."""
    rows = [
        [
            f"[{title}](../notebooks/{name}.ipynb)",
            f"{card['wall_seconds']:.0f} s",
            f"{card['peak_memory_mb']} MB" if card.get("peak_memory_mb") else "",
            card["data"]["name"].upper() if card["data"] else "none",
        ]
        for name, title, card in run_cards(source)
    ]
    return table(["Chapter", "Time", "Memory", "Data"], rows, "lrrl")


def run_versions(source):
    """Return the table of versions: a row for each set of them that published something."""
    cards = [
        (f"[{title}](../notebooks/{name}.ipynb)", card) for name, title, card in run_cards(source)
    ]
    cards += [(f"`{run['name']}`", run["run_card"]) for run in results(source)]
    published = defaultdict(list)
    for name, card in cards:
        order = sorted(card["versions"], key=["python", "numpy", "torch", "kl_utils"].index)
        versions = ", ".join(f"{package} {card['versions'][package]}" for package in order)
        published[versions, card["platform"], card["date"]].append(name)
    rows = [[", ".join(names), *what] for what, names in published.items()]
    return table(["Published", "Versions", "System", "Date"], rows, "llll")


def results_table(source):
    """Return the table of all runs in the results file, in nats per image."""
    space = "\N{NO-BREAK SPACE}"
    header = ["Model", "Active", "Distortion", "Rate", "−ELBO", "−log p(x)", "Training"]

    def trained(run):
        device = "CPU" if "CPU" in run["runtime"] else "GPU"
        return f"{run['train_seconds'] / 60:.1f}{space}min, {device}"

    rows = [
        [
            f"`{run['name']}`",
            f"{run['active_units']} of {run['model']['latent_size']}",
            *(f"{value:.2f}" for value in (run["distortion"], run["rate"], -run["elbo"])),
            f"{run['nll']:.2f} ±{space}{run['nll_standard_error']:.3f}",
            trained(run),
        ]
        for run in results(source)
    ]
    return table(header, rows, "l" + "r" * 6)


def benchmark_figures(source):
    """Return a figure for each picture in ``book/_assets/bench``, by name.

    A text file of the same name says what it shows: the alt text, a blank line, the caption.

    Raises
    ------
    ValueError
        If a picture has no such text.
    """
    figures = []
    folder = source / "book/_assets/bench"
    for picture in sorted([*folder.glob("*.svg"), *folder.glob("*.png")]):
        words = picture.with_suffix(".txt")
        alt, _, caption = words.read_text("utf8").partition("\n\n") if words.exists() else ("",) * 3
        if not (alt.strip() and caption.strip()):
            raise ValueError(f"{picture.name}: {words.name} must hold alt text and a caption")
        alt = " ".join(alt.split())
        figures.append(f"![{alt}](/book/_assets/bench/{picture.name})\n\n*{caption.strip()}*")
    return "\n\n".join(figures)


def citation(source):
    """Return the reference in ``CITATION.cff`` for a reader, and as a BibTeX entry."""
    cff = yaml.safe_load((source / "CITATION.cff").read_text("utf8"))
    authors = " and ".join(
        f"{{{author['name']}}}"
        if "name" in author
        else f"{author['family-names']}, {author['given-names']}"
        for author in cff["authors"]
    )
    fields = {
        "author": authors,
        "title": f"{{{cff['title']}}}",
        "version": cff["version"],
        "year": str(cff.get("date-released", ""))[:4],
        "url": cff.get("url") or cff.get("repository-code"),
        "note": f"Text under CC BY 4.0, code under {cff['license']}",
    }
    entry = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join(["```bibtex", "@software{kl_utils,", *entry, "}", "```"])


def results(source):
    """Return the runs of the results file."""
    return read_entries(source / "kl_utils/pretrained/results.json", Result)


class Record(SphinxDirective):
    """A directive that becomes the Markdown that a function makes of the source folder."""

    markdown = None

    def run(self):
        """Return what the Markdown says."""
        self.env.note_reread()  # what it reads is not among the files that Sphinx watches
        try:
            text = type(self).markdown(Path(self.env.srcdir))
        except ValueError as error:
            raise self.error(f"{self.name}: {error}") from None
        return self.parse_text_to_nodes(text) if text else []


def setup(app):
    """Register with Sphinx."""
    for markdown in (run_times, run_versions, results_table, benchmark_figures, citation):
        name = markdown.__name__.replace("_", "-")
        app.add_directive(name, type(name, (Record,), {"markdown": staticmethod(markdown)}))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
