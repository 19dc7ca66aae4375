"""The code that a result can depend on: what is reached from a notebook or a function.

Names are followed as Python would resolve them, from each top-level function, class or assignment
to those that it uses, in the project's own files. Each gets a hash of its syntax tree, without
comments, docstrings and layout. So an unrelated new function changes nothing, and a changed
constant three modules down does.

Where a name can't be resolved by reading (a module handed on as a value, ``import_module``), the
whole module counts, or the whole package. One thing is not seen: a definition that is only reached
through a registry which a decorator fills.
"""

import ast
import hashlib
import symtable
from collections import defaultdict
from pathlib import Path

# Two names that no definition can have.
TOP_LEVEL = "<top level>"  # statements that run when the module is imported
WHOLE = "<whole module>"


class Module:
    """One source file: its top-level definitions and what its imports bind.

    ``definitions`` maps a name to the statements that define it; ``imports`` and ``lazy`` map a
    name to the dotted names that it may stand for.
    """

    def __init__(self, name, source, is_package=False):
        self.name, self.is_package = name, is_package
        self.definitions = {TOP_LEVEL: []}
        self.imports = defaultdict(set)
        self.lazy = defaultdict(set)
        tree = ast.parse(source)
        for statement in tree.body:
            self._define(statement)
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    self.imports[alias.asname or first].add(alias.name if alias.asname else first)
            elif isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    target = self._base(node) + ("" if alias.name == "*" else f".{alias.name}")
                    self.imports[alias.asname or alias.name].add(target)

    def _base(self, node):
        """Return the absolute name of the module that an ``ImportFrom`` node names."""
        parents = self.name.split(".")
        drop = node.level - self.is_package
        package = parents[: len(parents) - drop] if node.level else []
        return ".".join([*package, *filter(None, [node.module])])

    def _define(self, statement):
        if isinstance(statement, (ast.Import, ast.ImportFrom)) or _is_docstring(statement):
            return
        if isinstance(statement, ast.If) and "__main__" in ast.unparse(statement.test):
            return
        names = _bound_names(statement)
        simple = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
        if not names or not isinstance(statement, (*simple, ast.AugAssign)):
            names = names | {TOP_LEVEL}
        for name in names:
            self.definitions.setdefault(name, []).append(statement)
        if "_HOMES" in names:  # the lazy names of a package, see kl_utils/__init__.py
            for home, public in ast.literal_eval(statement.value).items():
                for name in public:
                    self.lazy[name].add(f"{self.name}.{home}.{name}")


class Code:
    """The project's own source code, found as Python finds it with ``folders`` as its path."""

    def __init__(self, *folders, package="kl_utils"):
        self.folders, self.package = folders, package
        self._modules = {}

    def module(self, name):
        """Return the module with this dotted name, or None if it is not the project's."""
        if name not in self._modules:
            stems = [folder.joinpath(*name.split(".")) for folder in self.folders]
            paths = [p for s in stems for p in (s / "__init__.py", s.with_name(f"{s.name}.py"))]
            path = next(filter(Path.is_file, paths), None)
            self._modules[name] = path and Module(
                name, path.read_text("utf-8"), is_package=path.name == "__init__.py"
            )
        return self._modules[name]

    def find(self, dotted):
        """Return what a dotted name stands for, as pairs (module, name of a definition)."""
        owners = self._modules_along(dotted)
        if not owners:
            return []
        module = owners[-1]
        rest = dotted.removeprefix(module.name).split(".")[1:]
        if not rest:
            return [(module, WHOLE)]
        name, *attributes = rest
        if name in module.definitions:
            return [(module, name)]
        targets = module.imports.get(name) or module.lazy.get(name) or ()
        longer = {".".join([target, *attributes]) for target in targets} - {dotted}
        if longer:
            return [pair for target in longer for pair in self.find(target)]
        return [(module, WHOLE)]

    def reach(self, pairs):
        """Follow pairs (module, name) to all they use.

        Returns
        -------
        hashes : dict
            ``"module.name"`` of each definition reached, and the hash of its syntax tree.
        strings : set of str
            All string constants in them.
        """
        queue, seen, hashes, strings = list(pairs), set(), {}, set()
        while queue:
            module, name = queue.pop()
            if (module.name, name) in seen:
                continue
            seen.add((module.name, name))
            if name == WHOLE:
                queue += self._everything_in(module)
                continue
            if name == TOP_LEVEL:
                queue += self._run_by_imports(module)
            queue.append((module, TOP_LEVEL))
            statements = module.definitions[name]
            bindings = []
            for dotted in sorted(_names_read(statements)):
                queue += self._used(module, dotted)
                root = dotted.partition(".")[0]
                bindings += [f"{root}={target}" for target in sorted(module.imports.get(root, ()))]
            if statements:
                hashes[f"{module.name}.{name}"] = tree_hash([statements, bindings])
            nodes = (node for statement in statements for node in ast.walk(statement))
            values = (node.value for node in nodes if isinstance(node, ast.Constant))
            strings.update(value for value in values if isinstance(value, str))
        return dict(sorted(hashes.items())), strings

    def _used(self, module, dotted):
        """Return the pairs that ``dotted`` stands for inside ``module``."""
        root, *attributes = dotted.split(".")
        pairs = [(module, root)] if root in module.definitions else []
        for target in module.imports.get(root, ()):
            pairs += self.find(".".join([target, *attributes]))
        if dotted in ("globals", "eval", "exec"):
            pairs.append((module, WHOLE))
        if dotted.rpartition(".")[2] in ("import_module", "__import__"):
            pairs += self.find(self.package)
        return pairs

    def _everything_in(self, module):
        pairs = [(module, name) for name in module.definitions]
        for targets in [*module.imports.values(), *module.lazy.values()]:
            pairs += [pair for target in targets for pair in self.find(target)]
        if module.is_package:
            folders = [folder.joinpath(*module.name.split(".")) for folder in self.folders]
            stems = {path.stem for folder in folders for path in folder.glob("*.py")}
            stems |= {path.parent.name for folder in folders for path in folder.glob("*/*.py")}
            for stem in stems - {"__init__"}:
                pairs += self.find(f"{module.name}.{stem}")
        return pairs

    def _run_by_imports(self, module):
        """Return the top-level statements that run because ``module`` is imported."""
        targets = {module.name}.union(*module.imports.values())
        pairs = [(m, TOP_LEVEL) for target in targets for m in self._modules_along(target)]
        for star in module.imports.get("*", ()):
            pairs += self.find(star)
        return pairs

    def _modules_along(self, dotted):
        """Return the project's modules among the prefixes of a dotted name, outermost first."""
        parts = dotted.split(".")
        prefixes = (".".join(parts[:length]) for length in range(1, len(parts) + 1))
        return [module for module in map(self.module, prefixes) if module]


def tree_hash(tree, digits=12):
    """Return a hash of syntax trees that is the same for all Python versions."""
    return hashlib.sha256(_canonical(tree).encode()).hexdigest()[:digits]


def _canonical(node):
    # ast.dump and ast.unparse would do, but what they print differs between Python versions.
    if isinstance(node, list):
        return f"[{','.join(_canonical(item) for item in node if not _is_docstring(item))}]"
    if not isinstance(node, ast.AST):
        return ascii(node)
    fields = ((name, _canonical(value)) for name, value in ast.iter_fields(node) if name != "kind")
    present = (f"{name}={text}" for name, text in fields if text not in ("[]", "None"))
    return f"{type(node).__name__}({','.join(present)})"


def _is_docstring(node):
    text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return text and isinstance(node.value.value, str)


def _bound_names(node):
    """Return the names that a statement assigns to, defines, or changes an element of."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {node.name}
    if isinstance(node, ast.comprehension):
        return set()
    names = set()
    if isinstance(getattr(node, "ctx", None), (ast.Store, ast.Del)):
        inner = node
        while isinstance(inner, (ast.Attribute, ast.Subscript)):
            inner = inner.value
        if isinstance(inner, ast.Name):
            names.add(inner.id)
    return names.union(*map(_bound_names, ast.iter_child_nodes(node)))


def _names_read(statements):
    """Return the dotted names that statements read from their module, such as ``data.load``."""
    tables = [symtable.symtable("\n".join(map(ast.unparse, statements)), "<definition>", "exec")]
    for table in tables:
        tables += table.get_children()
    # In a function, local variables don't count, unless an import inside it binds them.
    ours = {
        symbol.get_name()
        for table in tables
        for symbol in table.get_symbols()
        if table.get_type() != "function" or symbol.is_global() or symbol.is_imported()
    }
    dotted = (name for statement in statements for name in _dotted_names(statement))
    return {name for name in dotted if name.partition(".")[0] in ours}


def _dotted_names(node):
    """Yield every name read in ``node``, with its attributes: ``a.b.c`` once, as a whole."""
    inner, attributes = node, []
    while isinstance(inner, ast.Attribute):
        attributes.insert(0, inner.attr)
        inner = inner.value
    if isinstance(inner, ast.Name):
        if isinstance(inner.ctx, ast.Load):
            yield ".".join([inner.id, *attributes])
    else:
        for child in ast.iter_child_nodes(node):
            yield from _dotted_names(child)
