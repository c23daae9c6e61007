"""What a module calls its tables, found in the syntax of the files alone: nothing is imported.

An imported name is followed to the file that defines it, wherever that stands beside or above the importing file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

RELATIONS = frozenset({"Many", "ManyToMany"})
COLUMNS = frozenset({"Column", "ForeignKey"}) | RELATIONS
_ROOT = "tabor"
_HOPS = 20


@dataclass(slots=True)
class Module:
    """One file: its syntax, its classes by name, and where its imported names come from.

    ``stars`` are the modules all of whose names it imports, ``returns`` the annotations of what its functions give.
    """

    path: Path
    tree: ast.Module
    classes: dict[str, ast.ClassDef] = field(default_factory=dict[str, ast.ClassDef])
    imports: dict[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    stars: list[str] = field(default_factory=list[str])
    returns: dict[str, ast.expr] = field(default_factory=dict[str, ast.expr])


class Modules:
    """Files read once, and the tables that a name in one of them stands for."""

    def __init__(self) -> None:
        self._modules: dict[Path, Module | None] = {}
        self._tables: dict[tuple[Path, str], Mapping[str, str] | None] = {}

    def read(self, path: Path) -> Module:
        """The file as a module; raises ``SyntaxError``, ``UnicodeDecodeError`` or ``OSError``."""
        module = self._modules.get(path)
        if module is None:
            module = Module(path, ast.parse(path.read_bytes(), str(path)))
            for node in ast.walk(module.tree):
                _note(module, node)
            self._modules[path] = module
        return module

    def table(self, module: Module, name: str) -> Mapping[str, str] | None:
        """The columns of the table that ``name`` means in a module, each with its kind; ``None`` where it is none.

        A name with a dot is looked up in the module before the dot.
        """
        return self._table(module, name, _HOPS)

    def is_ours(self, module: Module, name: str, wanted: str) -> bool:
        """Whether ``name`` means Tabor's own ``wanted`` in a module: ``Column``, ``Table`` and the like."""
        head, _, rest = name.partition(".")
        source, original = self._origin(module, head)
        if source.partition(".")[0] != _ROOT:
            return False
        return (original == wanted and not rest) or (not original and rest.rpartition(".")[2] == wanted)

    def _table(self, module: Module, name: str, hops: int) -> Mapping[str, str] | None:
        key = (module.path, name)
        if key not in self._tables:
            self._tables[key] = None  # where classes are each other's bases, neither is a table
            self._tables[key] = self._found(module, name, hops) if hops else None
        return self._tables[key]

    def _origin(self, module: Module, name: str, otherwise: str = "") -> tuple[str, str]:
        """The module that an imported name comes from, and its name there."""
        known = module.imports.get(name)
        if known is not None or name in module.classes:
            return known or (otherwise, "")
        for source in module.stars:
            star = self._module(module, source)
            if star is not None and name in {*star.classes, *star.imports}:
                passed_on = star.imports.get(name, ("", ""))
                return passed_on if passed_on[0].partition(".")[0] == _ROOT else (source, name)
        return (_ROOT, name) if _ROOT in module.stars else (otherwise, "")

    def _found(self, module: Module, name: str, hops: int) -> Mapping[str, str] | None:
        head, _, rest = name.partition(".")
        if not rest and head in module.classes:
            return self._declared(module, module.classes[head], hops - 1)
        # A package has its modules as attributes once somebody has imported them.
        below = f".{head}" if rest and module.path.name == "__init__.py" else ""
        source, original = self._origin(module, head, below)
        if not source or bool(rest) == bool(original and not self._file(module, f"{source}.{original}")):
            return None
        target = self._module(module, f"{source}.{original}" if rest and original else source)
        return self._table(target, rest or original, hops - 1) if target is not None else None

    def _declared(self, module: Module, node: ast.ClassDef, hops: int) -> Mapping[str, str] | None:
        columns: dict[str, str] = {}
        is_table = False
        for base in reversed(node.bases):
            name = dotted(base)
            if self.is_ours(module, name, "Table"):
                is_table = True
            else:
                inherited = self._table(module, name, hops) if name else None
                is_table = is_table or inherited is not None
                columns.update(inherited or {})
        if not is_table:
            return None
        columns.update(self._columns(module, node))
        return columns

    def _columns(self, module: Module, node: ast.ClassDef) -> Iterator[tuple[str, str]]:
        for item in node.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                head = annotation_head(item.annotation)
                for kind in COLUMNS:
                    if self.is_ours(module, head, kind):
                        yield item.target.id, kind

    def _module(self, module: Module, source: str) -> Module | None:
        path = self._file(module, source)
        try:
            return self.read(path) if path is not None else None
        except (SyntaxError, ValueError, OSError):
            return None

    def _file(self, module: Module, source: str) -> Path | None:
        """The file of an imported module, below one of the folders above the importing file."""
        level = len(source) - len(source.lstrip("."))
        parts = [part for part in source.split(".") if part]
        folders = [module.path.parents[level - 1]] if 0 < level <= len(module.path.parents) else module.path.parents
        for folder in folders:
            base = folder.joinpath(*parts)
            for candidate in (base.with_suffix(".py") if parts else base / "__init__.py", base / "__init__.py"):
                if candidate.is_file():
                    return candidate
        return None


def _note(module: Module, node: ast.AST) -> None:
    """Take note of what a node declares or imports."""
    if isinstance(node, ast.ClassDef):
        module.classes.setdefault(node.name, node)
    elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if node.returns is not None and isinstance(node, ast.FunctionDef):
            module.returns.setdefault(node.name, node.returns)
    elif isinstance(node, ast.ImportFrom):
        source = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                module.stars.append(source)
            else:
                module.imports[alias.asname or alias.name] = (source, alias.name)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            top = alias.name.partition(".")[0]
            module.imports[alias.asname or top] = (alias.name if alias.asname else top, "")


def dotted(node: ast.expr) -> str:
    """``tables.Event`` of a name or a chain of attributes; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else ""
    return ""


def annotation_head(node: ast.expr) -> str:
    """The name before the brackets of an annotation, written in quotes or not."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return annotation_head(ast.parse(node.value, mode="eval").body)
        except SyntaxError:
            return ""
    return dotted(node.value) if isinstance(node, ast.Subscript) else dotted(node)
