"""What makes and checks the course, in rooms; a test says which may import which.

- ``commands``: what ``make`` or a person runs, ``python -m tools.commands.NAME`` from the root.
- ``provenance``: where published results come from, and whether they still belong to the code.
- ``course_text``: the chapters and pages, read from their files.
- ``problem_sets``: what is made from a problem set's file, and whether the sets hold.
- ``benchmarks``: what is timed, and how.

What a notebook or a page needs when it runs belongs into ``kl_utils`` or ``book/_ext`` instead.
"""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]  # of the project
