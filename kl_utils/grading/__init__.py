"""Grading a class: from the files that were handed in to feedback, a gradebook and a report.

Nothing leaves the machine, and no grade counts before a person releases it. What an instructor
types is in `command_line`.

To read the code, in the order in which a class is graded: `roster` says who takes the course, and
`policy` what lateness costs. `folders` and `downloads` find out who handed in which file, and
`clocks` when; `attempts` puts files together, and `shares` says which attempt counts for whom.
`runs` has all of it graded, by `jobs` in processes of their own (`workers`); a program is run by
the package `programs`. `records` keeps what came out, with the `overrides` of people, and says
what changed since the last run. Out of a record come the `gradebook`, `feedback` for students, the
`class_report`, the `reading_queue` of what waits for a person, and `similarity`; `release` is the
last step. `tables` reads and writes CSV for all of them.
"""
