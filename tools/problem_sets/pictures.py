"""Take the pictures of the Monday page from a rehearsed run.

    python -m tools.problem_sets.pictures ../class/results/divergence/RUN

`tools.problem_sets.rehearsal` makes the class, ``make grade`` the run.
"""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from tools import ROOT

FOLDER = ROOT / "book/_assets/monday"
HEIGHT = 560  # CSS pixels

# For each picture: the page, what to bring to the top, and the width.
PICTURES = {
    "feedback": ("feedback/*.html", "h2:has(+ p + .proof .wrong)", 760),
    "reading": ("reading/*.html", "h1", 1100),
    "class_report": ("class_report.html", "h1", 760),
}


def main():
    """Write the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path)
    run = parser.parse_args().run
    FOLDER.mkdir(exist_ok=True)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program)
        page = browser.new_page(device_scale_factor=1.25)
        for name, (pattern, top, width) in PICTURES.items():
            page.set_viewport_size({"width": width, "height": HEIGHT})
            for path in sorted(run.glob(pattern)):
                page.goto(path.resolve().as_uri())
                if page.query_selector(top):
                    break
            else:
                raise ValueError(f"{run}: no page of {pattern} has {top}")
            page.eval_on_selector(top, "part => scrollBy(0, part.getBoundingClientRect().top - 60)")
            page.screenshot(path=FOLDER / f"{name}.png")
        browser.close()


if __name__ == "__main__":
    main()
