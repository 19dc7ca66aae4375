"""Problem sets: made into what is handed out, and tried before that as students would try them.

There is no key to look up. So ``check`` derives right answers by general methods that know nothing
of a particular task; wrong answers are right ones with a usual mistake put in, and cheats are
programs. ``leaks`` looks for answers and tests in what is handed out.
"""
