"""Held-out trials: proofs, wrong and right, that were written apart from the checker.

Each module holds a table ``TRIALS``. A wrong proof names the line that breaks, or several letters
where the one before has no value for the checker. ``Q1, P1, …`` stand in `meanings`.
"""

from tests.support.wrong_proofs import right, wrong


class Trials(list):
    """Triples of a kind, a proof, and the letters of the lines that may break."""

    kind = ""

    def wrong(self, at, given, *lines, **meanings):
        proof = wrong(" | ".join(lines), f"9.1{at[-1]}", given, *lines, **meanings)
        self.append((self.kind, proof, at))

    def right(self, given, *lines, **meanings):
        self.append((self.kind, right(" | ".join(lines), given, *lines, **meanings), ""))
