"""Which of our modules a module imports, read from its text."""

import ast
from importlib.util import resolve_name
from pathlib import Path


def modules_below(package):
    """Return the modules of a package, but for its `__init__`: dotted names, and their files."""
    modules = {}
    for path in Path(package).rglob("*.py"):
        parts = path.relative_to(Path(package).parent).with_suffix("").parts
        modules[".".join(parts).removesuffix(".__init__")] = path
    del modules[Path(package).name]
    return modules


def imported(name, source, known, is_package=False):
    """Return those of the known modules that a module imports, at its top or inside a function."""
    package = name if is_package else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(source)):
        wanted = []
        if isinstance(node, ast.ImportFrom):
            start = resolve_name("." * node.level + (node.module or ""), package)
            wanted = [f"{start}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            wanted = [alias.name for alias in node.names]
        for dotted in wanted:
            while dotted and dotted not in known:
                dotted = dotted.rpartition(".")[0]
            found.add(dotted)
    return found - {"", name}
