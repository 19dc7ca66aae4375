"""What ``make`` or a person runs, each module a command: arguments in, a few sentences out.

They run from the root, ``python -m tools.commands.NAME``. What others could use as well belongs
into another room. ``environment`` and ``repository`` run before anything is installed.
"""
