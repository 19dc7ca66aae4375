"""Write the course's address on GitHub wherever it has to stand (``make repository``).

    python -m tools.commands.repository https://github.com/OWNER/NAME [BRANCH]   set it
    python -m tools.commands.repository --reset                                  forget it
    python -m tools.commands.repository                                          say what is set

PLACES lists where it stands. Everything else that needs it (the buttons of the pages, the link in
their footer) takes it from _config.yml when the book is built: see book/_ext/book_launch.py.
"""

import os
import re
import sys
from typing import NamedTuple

from tools import ROOT

URL = re.compile(r"https://github\.com/([A-Za-z\d][A-Za-z\d-]*)/([\w.-]+?)(?:\.git)?/?", re.ASCII)
BRANCH = re.compile(r"[A-Za-z\d][\w.-]*", re.ASCII)


class Refused(Exception):
    """The address is none, or there is no place for it."""


class Address(NamedTuple):
    """A repository on GitHub and one of its branches or tags."""

    owner: str
    name: str
    branch: str

    @property
    def url(self):
        return f"https://github.com/{self.owner}/{self.name}"

    @property
    def pages(self):
        """Where GitHub publishes the repository's pages."""
        host = f"{self.owner.lower()}.github.io"
        return f"https://{host}/" if self.name.lower() == host else f"https://{host}/{self.name}/"

    def fill(self, text):
        """Return a text with ``{owner}``, ``{name}``, ``{branch}``, ``{url}``, ``{pages}`` set."""
        return text.format(**self._asdict(), url=self.url, pages=self.pages)


class Place(NamedTuple):
    """Files in which one group of one pattern, which matches once, says where the course lives."""

    files: str
    pattern: str
    text: str
    unset: str = ""


PLACES = [
    Place("_config.yml", r'^  url: "(.*)"$', "{url}"),
    Place("_config.yml", r'^  branch: "(.*)"$', "{branch}", unset="main"),
    Place("_config.yml", r'^  baseurl: "(.*)"$', "{pages}"),
    Place("notebooks/*.ipynb", r'^ +"REPOSITORY = \\"(.*)\\"\\n",$', "{url}@{branch}"),
    Place(
        "CITATION.cff",
        r"^license: MIT\n((?:repository-code: .*\nurl: .*\n)?)",
        "repository-code: {url}\nurl: {pages}\n",
    ),
    Place(
        "README.md",
        r"<!-- make repository -->((?:.|\n)*?)<!-- end -->",
        """
**[Read the book]({pages})**, or run it:
[![Open chapter 1 in Colab](https://colab.research.google.com/assets/colab-badge.svg)]\
(https://colab.research.google.com/github/{owner}/{name}/blob/{branch}/notebooks/01_kl_univariate.ipynb)
[![Launch on Binder](https://mybinder.org/badge_logo.svg)]\
(https://mybinder.org/v2/gh/{owner}/{name}/{branch}?urlpath=lab/tree/notebooks)

Found a mistake? [Report it]({url}/issues/new?template=erratum.md).
""",
    ),
]


def parse(url, branch):
    """Return the address that a URL and a branch name.

    Raises
    ------
    Refused
        If one of them is not what GitHub, Colab, Binder and pip all understand.
    """
    found = URL.fullmatch(url)
    if not found or not found[2].strip("."):
        raise Refused(f"URL must look like https://github.com/OWNER/NAME; got {url!r}.")
    if not BRANCH.fullmatch(branch):
        raise Refused(
            "BRANCH must be the name of a branch or a tag, of letters, digits, dots, hyphens and "
            f"underscores; got {branch!r}."
        )
    return Address(*found.groups(), branch)


def new_texts(root, address):
    """Return the files that have to change for an address, or for None, with their new texts.

    Raises
    ------
    Refused
        If a place is not there, or is there twice.
    """
    old, new = {}, {}
    for place in PLACES:
        paths = sorted(root.glob(place.files))
        if not paths:
            raise Refused(f"There is no file {place.files}.")
        for path in paths:
            if path not in old:
                old[path] = new[path] = path.read_text("utf-8")
            start, end = find(place, path, new[path]).span(1)
            text = address.fill(place.text) if address else place.unset
            new[path] = new[path][:start] + text + new[path][end:]
    return {path: text for path, text in new.items() if text != old[path]}


def find(place, path, text):
    """Return the one match of a place's pattern in the text of a file."""
    found = list(re.finditer(place.pattern, text, re.MULTILINE))
    if len(found) != 1:
        raise Refused(
            f"{path.name} must have one place for the address, {place.pattern}, "
            f"but has {len(found)}; no file was changed."
        )
    return found[0]


def current(root):
    """Return the address that _config.yml names, or None."""
    text = (root / "_config.yml").read_text("utf-8")
    url, branch = (find(place, root / "_config.yml", text)[1] for place in PLACES[:2])
    return parse(url, branch) if url else None


def write(texts):
    """Replace files, each whole or not at all."""
    for path, text in texts.items():
        partial = path.with_name(f"{path.name}.partial")
        partial.write_text(text, "utf-8")
        os.replace(partial, path)


def main(arguments, root=ROOT):
    try:
        if arguments not in ([], ["--reset"]):
            url, branch = (*arguments, "main")[:2]
            write(new_texts(root, parse(url, branch)))
        elif arguments:
            write(new_texts(root, None))
        address = current(root)
    except Refused as error:
        print(error, file=sys.stderr)
        return 1
    if address:
        print(f"The course lives at {address.url}, branch {address.branch}.")
        print(f"Its pages: {address.pages}")
    else:
        print("The course has no address. To give it one:")
        print("make repository URL=https://github.com/OWNER/NAME [BRANCH=main]")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
