"""Problem sets, tried as students would try them: what solves them, errs in them, and cheats.

There is no key to look up, so right answers are derived here by general methods that know nothing
of a particular task. Wrong answers are right ones with a usual mistake put in.
"""
