"""The tests, in rooms that mirror what they test. `make quick` runs what matters while editing.

Helpers lie in the room that uses them, or in ``support`` if several do. The project's root and
``book/_ext`` are on the path (pyproject.toml), so imports are absolute, ``from tests.models …``.
"""
