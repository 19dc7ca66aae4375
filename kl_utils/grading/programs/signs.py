"""What the text of a program says about how it works, before anything runs.

Some of it settles the matter: a function was to be written, and the program imports it. Some of it
only looks like a way around the rules, and a person decides.
"""

import ast

from ...exercises.programs import lie_in, names_used

_DOUBTFUL_NAMES = {"exec", "eval", "compile", "__import__", "globals", "locals", "vars", "getattr"}
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
    names = names_used(tree)
    used = sorted(name for name in forbidden if lie_in(names, name))
    doubtful = {name for name in _DOUBTFUL_MODULES if lie_in(names, name)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in _DOUBTFUL_NAMES:
            doubtful.add(node.id)
        elif isinstance(node, ast.Attribute) and node.attr in _DOUBTFUL_ATTRIBUTES:
            doubtful.add(node.attr)
    return used, sorted(doubtful)
