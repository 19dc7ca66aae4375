"""The one way in which the package refuses an argument: its name, what was expected, what came."""


def require(holds, name, expected, got, error=ValueError):
    """Raise ``error`` with "name: expected …, got …" unless ``holds``."""
    if not holds:
        raise error(f"{name}: expected {expected}, got {got}")
