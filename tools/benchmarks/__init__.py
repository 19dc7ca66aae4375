"""What is timed: a module for each part of ``make bench``, and how timings are taken.

Each part has ``measure(profile)``, which returns entries for the results file, and
``table(entries)``, which says them as text.
"""
