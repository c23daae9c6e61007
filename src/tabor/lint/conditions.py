"""Which expressions of a module belong to a query: columns, what is computed of them, conditions."""

from __future__ import annotations

import ast
from collections.abc import Generator
from contextlib import contextmanager

from tabor.lint.modules import Module, Modules, annotation_head, dotted

# Methods of a column that give something that belongs elsewhere than into a condition.
_NO_EXPRESSION = frozenset({"to", "asc", "desc"})
_TYPES = ("Expr", "Column")


class Conditions:
    """Answers for one module; knows the local names of the function that is being read."""

    def __init__(self, modules: Modules, module: Module) -> None:
        self._modules = modules
        self._module = module
        self._scopes: list[dict[str, bool]] = [{}]

    @contextmanager
    def scope(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Generator[None]:
        """The names of a function: a parameter hides what the module calls so, unless its type says more."""
        arguments = node.args
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        given += [item for item in (arguments.vararg, arguments.kwarg) if item is not None]
        self._scopes.append({item.arg: self.is_typed(item.annotation) for item in given})
        yield
        self._scopes.pop()

    def assign(self, target: ast.expr, value: ast.expr | None, annotation: ast.expr | None = None) -> None:
        """Take note of what a name stands for from here on."""
        if isinstance(target, ast.Name):
            belongs = self.is_typed(annotation) or (value is not None and self.belongs(value))
            if belongs or value is not None or self._local(target.id) is not None:
                self._scopes[-1][target.id] = belongs
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.hide(item)

    def hide(self, target: ast.expr) -> None:
        """Take note that the names of a target stand for something of no interest."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._scopes[-1][node.id] = False

    def is_typed(self, annotation: ast.expr | None) -> bool:
        """Whether an annotation says that a name holds an expression of a query."""
        head = annotation_head(annotation) if annotation is not None else ""
        return bool(head) and any(self._modules.is_ours(self._module, head, kind) for kind in _TYPES)

    def belongs(self, node: ast.expr) -> bool:
        """Whether an expression is a column, is computed of columns, or is a condition on them."""
        if isinstance(node, ast.Name):
            return self._local(node.id) is True
        if isinstance(node, ast.Attribute):
            return self._is_column(node)
        if isinstance(node, ast.Call):
            return self._is_method(node.func)
        if isinstance(node, ast.BinOp):
            return self.belongs(node.left) or self.belongs(node.right)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.belongs(node.operand)
        if isinstance(node, ast.Compare):
            compared = not isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn)) and len(node.ops) == 1
            return compared and (self.belongs(node.left) or self.belongs(node.comparators[0]))
        return False

    def _is_method(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Attribute) and node.attr not in _NO_EXPRESSION and self.belongs(node.value)

    def _is_column(self, node: ast.Attribute) -> bool:
        """``Event.title``, or ``Event.creator.email`` across keys."""
        path = dotted(node).split(".")
        for length in range(1, len(path)):
            name = ".".join(path[:length])
            if self._local(path[0]) is not None:
                return False
            columns = self._modules.table(self._module, name)
            if columns is not None:
                first, *others = path[length:]
                kind = columns.get(first)
                return kind is not None and (not others or kind == "ForeignKey")
        return False

    def _local(self, name: str) -> bool | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None
