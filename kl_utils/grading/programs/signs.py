"""What the text of a program says about how it works, before anything runs.

Some of it settles the matter: a function was to be written, and the program imports it. Some of it
only looks like a way around the rules, and a person decides.
"""

import ast

_DOUBTFUL_NAMES = {"exec", "eval", "compile", "__import__", "globals", "locals", "vars"}
_DOUBTFUL_NAMES |= {"setattr", "delattr", "breakpoint", "__builtins__", "__loader__", "__spec__"}
_DOUBTFUL_MODULES = {"importlib", "ctypes", "inspect", "gc", "builtins", "subprocess", "socket"}
_DOUBTFUL_MODULES |= {"multiprocessing", "pickle", "marshal", "runpy", "pkgutil", "imp", "code"}
_DOUBTFUL_MODULES |= {"_ctypes", "cffi", "signal", "sys.modules", "sys.meta_path", "sys.settrace"}
_DOUBTFUL_MODULES |= {"sys._getframe", "sys.addaudithook", "os.environ", "shutil", "__main__"}
_DOUBTFUL_ATTRIBUTES = {"__subclasses__", "__globals__", "__builtins__", "__code__", "__closure__"}
_DOUBTFUL_ATTRIBUTES |= {"__mro__", "__bases__", "__getattribute__", "f_back", "f_globals"}


def signs(program, forbidden):
    """What a program uses that it was not to use, and what a person should look at.

    Parameters
    ----------
    program : str
    forbidden : iterable of str
        Modules and functions: ``"scipy.stats"``, ``"torch.distributions.kl_divergence"``.

    Returns
    -------
    used, doubtful : list of str
        Names, such as ``"scipy.stats"`` and ``"eval"``. A text that is no Python uses nothing.
    """
    try:
        tree = ast.parse(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [], []
    chains = set(_chains(tree))
    used = sorted(name for name in forbidden if any(_lies_in(chain, name) for chain in chains))
    doubtful = {name for name in _DOUBTFUL_MODULES if any(_lies_in(c, name) for c in chains)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _DOUBTFUL_NAMES:
            doubtful.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in _DOUBTFUL_ATTRIBUTES:
            doubtful.add(node.attr)
        elif isinstance(node, ast.Name) and node.id == "getattr":
            doubtful.add("getattr")
    return used, sorted(doubtful)


def _lies_in(chain, name):
    return f"{chain}.".startswith(f"{name}.")


def _chains(tree):
    """The dotted names that a program imports or reaches through what it imported."""
    means = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
                first = alias.name.partition(".")[0]
                means[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield f"{node.module}.{alias.name}"
                means[alias.asname or alias.name] = f"{node.module}.{alias.name}"
                if alias.name == "*":
                    yield node.module
    for node in ast.walk(tree):
        if isinstance(node, (ast.Attribute, ast.Name)):
            parts = []
            while isinstance(node, ast.Attribute):
                parts.append(node.attr)
                node = node.value
            if isinstance(node, ast.Name) and node.id in means:
                yield ".".join([means[node.id], *reversed(parts)])
