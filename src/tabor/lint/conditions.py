"""Which expressions of a module belong to a query: columns, what is computed of them, conditions."""

from __future__ import annotations

import ast
from collections.abc import Generator, Iterator
from contextlib import contextmanager

from tabor.lint.meanings import (
    ANY_TABLE,
    CONDITION,
    EXPRESSIONS,
    MAYBE,
    NAMED_QUERIES,
    NAMED_QUERY,
    NOTHING,
    OPTIONAL,
    Meaning,
)
from tabor.lint.modules import RELATIONS, Module, Modules, annotation_head, dotted

# Methods of a column that give something that belongs elsewhere than into a condition.
_NO_EXPRESSION = frozenset({"to", "asc", "desc"})
_TYPES = ("Expr", "Column")
_ASKED = frozenset({"any", "none", "count"})

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Conditions:
    """Answers for one module; knows the local names of the function that is being read."""

    def __init__(self, modules: Modules, module: Module) -> None:
        self._modules = modules
        self._module = module
        self._scopes: list[dict[str, Meaning]] = [{}]

    # --- names ---

    @contextmanager
    def scope(self, node: Function, first: Meaning | None = None) -> Generator[None]:
        """The names of a function: a parameter hides what the module calls so, unless its type says more.

        ``first`` is what the first parameter stands for, where that is known from outside.
        """
        arguments = node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        names = {item.arg: self._typed(item.annotation) for item in (*positional, *arguments.kwonlyargs)}
        # What is annotated is each one of these, and the name holds them all.
        names |= {item.arg: NOTHING for item in (arguments.vararg, arguments.kwarg) if item is not None}
        if first is not None and positional:
            names[positional[0].arg] = first
        self._scopes.append(names)
        yield
        self._scopes.pop()

    def assign(self, target: ast.expr, value: ast.expr | None, annotation: ast.expr | None = None) -> None:
        """Take note of what a name stands for from here on."""
        if isinstance(target, ast.Name):
            typed = self._typed(annotation)
            meaning = typed if typed is not NOTHING or value is None else self._meaning(value)
            if meaning is not NOTHING or value is not None or self._local(target.id) is not None:
                self._scopes[-1][target.id] = meaning
        elif isinstance(target, (ast.Tuple, ast.List)):
            for item in target.elts:
                self.hide(item)

    def loop(self, target: ast.expr, over: ast.expr) -> None:
        """Take note of what the names of a loop stand for: conditions where it goes over a row of them."""
        self.hide(target)
        items = over.elts if isinstance(over, (ast.Tuple, ast.List)) else []
        if isinstance(target, ast.Name) and items and all(map(self.belongs, items)):
            self._scopes[-1][target.id] = CONDITION

    def hide(self, target: ast.expr) -> None:
        """Take note that the names of a target stand for something of no interest."""
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self._scopes[-1][node.id] = NOTHING

    def own_table(self, name: str) -> Meaning | None:
        """The table that a class of this module is, for its class methods; ``None`` where it is none."""
        columns = self._modules.table(self._module, name)
        return None if columns is None else Meaning(columns=columns)

    def given_to(self, call: ast.Call) -> Meaning | None:
        """What the parameter of a lambda stands for that is an argument of this call; ``None`` where nobody knows."""
        if self._ours(call.func, "recursive"):
            return NAMED_QUERY
        picks = isinstance(call.func, ast.Attribute) and self._is_column(call.func)
        named = isinstance(call.func, ast.Name) and self._local(call.func.id) is OPTIONAL
        return ANY_TABLE if picks or named else None

    def is_builtin(self, node: ast.expr, name: str) -> bool:
        """Whether an expression is a function of Python itself, not something else of the same name."""
        return isinstance(node, ast.Name) and node.id == name and self._local(name) is None

    # --- what belongs to a query ---

    def belongs(self, node: ast.expr) -> bool:
        """Whether an expression is a column, is computed of columns, or is a condition on them."""
        if isinstance(node, ast.Name):
            return (self._local(node.id) or NOTHING).condition
        if isinstance(node, ast.Attribute):
            return self._is_column(node)
        if isinstance(node, ast.Subscript):
            return isinstance(node.value, ast.Name) and self._is_named(node.value) and not self._table_of(node.slice)
        if isinstance(node, ast.Call):
            return self._gives(node)
        if isinstance(node, ast.NamedExpr):
            return self.belongs(node.value)
        return self._computed(node)

    def may_be_none(self, node: ast.expr) -> bool:
        """Whether None may stand there in place of a condition, so that ``is None`` is the question to ask."""
        return isinstance(node, ast.Name) and (self._local(node.id) or NOTHING).maybe

    def _computed(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp):
            return self.belongs(node.left) or self.belongs(node.right)
        if isinstance(node, ast.UnaryOp):
            return not isinstance(node.op, ast.Not) and self.belongs(node.operand)
        if isinstance(node, ast.Compare):
            compared = not isinstance(node.ops[0], (ast.Is, ast.IsNot, ast.In, ast.NotIn)) and len(node.ops) == 1
            return compared and (self.belongs(node.left) or self.belongs(node.comparators[0]))
        return False

    def _gives(self, node: ast.Call) -> bool:
        """Whether a call gives an expression: of a method of one, of a function of Tabor's or of this module."""
        func = node.func
        if isinstance(func, ast.Attribute):
            if func.attr in _ASKED and self._is_relation(func.value):
                return True
            if func.attr not in _NO_EXPRESSION and self.belongs(func.value):
                return True
            if self._is_column(func):
                return bool(node.args)  # a key that is followed by a function
        if isinstance(func, ast.Name):
            known = self._local(func.id)
            if known is not None:
                return known is OPTIONAL
            returns = self._module.returns.get(func.id)
            if returns is not None:
                return self._typed(returns) is CONDITION
        return any(self._ours(func, name) for name in EXPRESSIONS)

    def _is_relation(self, node: ast.expr) -> bool:
        """``User.events``, narrowed or not."""
        while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "where":
            node = node.func.value
        return isinstance(node, ast.Attribute) and self._kind(node) in RELATIONS

    def _is_column(self, node: ast.Attribute) -> bool:
        """``Event.title``, or ``Event.creator.email`` across keys."""
        return self._kind(node) not in (None, *RELATIONS)

    def _kind(self, node: ast.Attribute) -> str | None:
        """The kind of the column that a path of attributes leads to; ``None`` where it leads to none."""
        names = list(_names(node))
        root = names[0]
        if isinstance(root, (ast.Subscript, ast.Call)):
            return self._on(self._table_of(root), [name for name in names[1:] if isinstance(name, str)])
        path = [name for name in names if isinstance(name, str)]
        if len(path) < len(names):
            return None
        local = self._local(path[0])
        if local is not None:
            return self._on(local, path[1:])
        for length in range(1, len(path)):
            columns = self._modules.table(self._module, ".".join(path[:length]))
            if columns is not None:
                return self._on(Meaning(columns=columns), path[length:])
        return None

    @staticmethod
    def _on(table: Meaning | None, path: list[str]) -> str | None:
        """The kind of the column at a path from a table; behind a key every name is taken for a column."""
        if table is None or not path:
            return None
        kind = table.column(path[0])
        if kind is None or (len(path) > 1 and kind != "ForeignKey"):
            return None
        return "Column" if len(path) > 1 else kind

    # --- what names stand for ---

    def _meaning(self, node: ast.expr) -> Meaning:
        table = self._table_of(node)
        if table is not None:
            return table
        if isinstance(node, ast.Call):
            if any(self._ours(node.func, name) for name in NAMED_QUERIES):
                return NAMED_QUERY
            if self._ours(node.func, "optional"):
                return OPTIONAL
        return CONDITION if self.belongs(node) else NOTHING

    def _table_of(self, node: ast.expr) -> Meaning | None:
        """The table that an expression is: by its name, an alias of it, or that of a named query."""
        if isinstance(node, ast.Call) and self._ours(node.func, "alias") and node.args:
            return self._table_of(node.args[0])
        if isinstance(node, ast.Subscript):
            return self._table_of(node.slice) if self._is_named(node.value) else None
        name = dotted(node)
        local = self._local(name.partition(".")[0]) if name else None
        if local is not None:
            return local if local.table and "." not in name else None
        columns = self._modules.table(self._module, name) if name else None
        return None if columns is None else Meaning(columns=columns)

    def _is_named(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and (self._local(node.id) or NOTHING).named_query

    def _typed(self, annotation: ast.expr | None) -> Meaning:
        """What an annotation says: that a name holds an expression of a query, perhaps, or a table."""
        if annotation is None:
            return NOTHING
        if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
            empty = isinstance(annotation.right, ast.Constant) and annotation.right.value is None
            return MAYBE if empty and self._typed(annotation.left) is CONDITION else NOTHING
        head = annotation_head(annotation)
        if head in ("type", "Type") and isinstance(annotation, ast.Subscript):
            return self._table_of(annotation.slice) or NOTHING
        ours = bool(head) and any(self._modules.is_ours(self._module, head, kind) for kind in _TYPES)
        return CONDITION if ours else NOTHING

    def _ours(self, node: ast.expr, name: str) -> bool:
        """Whether an expression is Tabor's own function of this name."""
        path = dotted(node)
        return bool(path) and self._local(path) is None and self._modules.is_ours(self._module, path, name)

    def _local(self, name: str) -> Meaning | None:
        for scope in reversed(self._scopes):
            if name in scope:
                return scope[name]
        return None


def _names(node: ast.Attribute) -> Iterator[str | ast.expr]:
    """The parts of a path of attributes, from its beginning, which may be any expression."""
    if isinstance(node.value, ast.Attribute):
        yield from _names(node.value)
    else:
        yield node.value.id if isinstance(node.value, ast.Name) else node.value
    yield node.attr
