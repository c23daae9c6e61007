"""The emission of expressions: places for values, columns, operations, JSON objects."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence

from tabor.compile.comparable import check_operands
from tabor.compile.dialect import Dialect, quoted
from tabor.datatypes import DataType, Float
from tabor.errors import QueryError
from tabor.tree.derived import Derived, Output
from tabor.tree.nodes import ColumnNode, Constant, Entity, JsonObject, Key, Node, Operation, Source, Value, Values
from tabor.tree.related import Collection
from tabor.tree.statements import Select, Subquery

INFIX = {
    "eq": "=",
    "ne": "<>",
    "lt": "<",
    "lte": "<=",
    "gt": ">",
    "gte": ">=",
    "and": "AND",
    "or": "OR",
    "concat": "||",
}
ARITHMETIC = {"add": "({} + {})", "subtract": "({} - {})", "multiply": "({} * {})", "negate": "(-{})"}
FUNCTIONS = {"lower", "upper", "length", "count", "count_distinct", "count_rows", "min", "max", "sum", "avg"}
TEMPLATES = {
    "is_null": "({} IS NULL)",
    "is_not_null": "({} IS NOT NULL)",
    "not": "(NOT {})",
    "between": "({} BETWEEN {} AND {})",
    "when": "CASE WHEN {} THEN {} END",
    "nullif": "nullif({}, {})",
    "in_rows": "({} IN {})",
    "not_in_rows": "({} NOT IN {})",
    "named": "{}",
}
LISTED = {"coalesce": "coalesce({})", "row": "({})", "rows": "(VALUES {})"}
CONNECTIVES = {"and", "or", "not"}


class Scope:
    """The tables that one select may name: its own, those joined to them so far, and those of the query around it."""

    __slots__ = ("grouped", "joins", "known", "outer", "roots", "told", "visible")

    def __init__(
        self,
        roots: frozenset[str] = frozenset(),
        outer: Scope | None = None,
        outputs: Mapping[Key, Output] = {},
    ) -> None:
        self.known: dict[Key, Output] = dict(outputs)
        if outer is not None:
            self.known = {**{key: column for key, column in outer.known.items() if _apart(key, roots)}, **self.known}
        self.roots: frozenset[str] = roots
        self.outer: Scope | None = outer
        self.joins: dict[str, str] = {}
        self.told: dict[Key, list[tuple[Values, str, int]]] | None = None
        self.grouped: frozenset[Key] = frozenset()
        self.visible: frozenset[str] = roots if outer is None else roots | outer.visible

    def of(self, source: Source) -> Scope:
        """The innermost scope that has the table at the start of the path; a path is joined where it starts."""
        root, scope = source.root.key, self
        while root not in scope.roots and scope.outer is not None:
            scope = scope.outer
        return scope


def _apart(key: Key, roots: frozenset[str]) -> bool:
    """Whether a column of this key is not one of the tables ``roots``."""
    return isinstance(key, str) and not any(key.startswith((f"{root}.", f"{root}>")) for root in roots)


class Expressions(ABC):
    """The making of one text: the places given out and the scope of the select at hand."""

    def __init__(self, dialect: Dialect, *, bare: bool = False) -> None:
        self._dialect = dialect
        self._bare = bare
        self._datatypes: list[DataType] = []
        self._secret: set[int] = set()
        self._secret_columns = 0
        self._beside: dict[int, ColumnNode] = {}
        self._scope = Scope()
        self._passed: list[tuple[int, int]] = []
        self._named: dict[str, tuple[Key, str, int]] = {}
        self._alike: list[tuple[str, slice, slice]] = []
        self._recursive: bool = False
        self._locks: bool = False
        self._unnamed: dict[Source, str] = {}
        self._grouped: set[str] = set()

    @abstractmethod
    def select(self, statement: Select, names: Sequence[str] = ()) -> str:
        """Emit a whole select, its columns by these names if there are any."""

    def node(self, node: Node) -> str:
        """Emit one expression."""
        start, before = len(self._datatypes), self._secret_columns
        text = self._emitted(node)
        if self._secret_columns != before and not (isinstance(node, Operation) and node.op in CONNECTIVES):
            self._hide(start)
        return text

    def _arguments(self, node: Operation, emitted: Callable[[Node], str]) -> list[str]:
        """The texts of the operands; a value that stands beside a column is remembered as one for it."""
        column = next((arg for arg in node.args if isinstance(arg, ColumnNode)), None)
        texts: list[str] = []
        for arg in node.args:
            texts.append(emitted(arg))
            if column is not None and isinstance(arg, Value):
                self._meant_for(column)
        return texts

    def _meant_for(self, column: ColumnNode) -> None:
        """Remember that the last value given a place is one for this column, which a refusal of it names."""
        self._beside[len(self._datatypes) - 1] = column

    def _hide(self, start: int) -> None:
        """Count the values since the place ``start`` as secret: they stand beside a secret column."""
        self._secret.update(range(start, len(self._datatypes)))

    def _met(self) -> int:
        """How many of the statement's values were met so far."""
        return len(self._datatypes) + sum([count for _, count in self._passed])

    def _pass_over(self, values: Values) -> None:
        """Leave out values that the statement has here and its text does not need again."""
        if values:
            self._passed.append((len(self._datatypes), len(values)))

    def _emitted(self, node: Node) -> str:
        output = self._scope.known.get(node.key)
        if output is not None and output.given == node.values:
            self._pass_over(node.values)
            return self._column(output)
        if isinstance(node, ColumnNode):
            return self._column(node)
        if isinstance(node, Value):
            return self._dialect.literal(node.values[0], node.datatype) if self._bare else self._place(node.datatype)
        if isinstance(node, Operation):
            return self._operation(node)
        if isinstance(node, Entity):
            return ", ".join([self._column(column) for column in node.columns])
        if isinstance(node, JsonObject):
            return self._json(node)
        if isinstance(node, Constant):
            return self._dialect.literal(node.value, node.datatype)
        if isinstance(node, Collection):
            return ", ".join([self._column(column) for column in node.owner])
        if isinstance(node, Subquery):
            return self._subquery(node)
        raise QueryError(f"{type(node).__name__} cannot stand in a statement.")

    def _column(self, column: ColumnNode) -> str:
        self._secret_columns += column.secret
        if self._bare:
            return quoted(column.stored_name)
        if column.source.parent is not None:
            self._join(column.source, self._scope.of(column.source).joins)
        return f"{self._alias(column.source)}.{quoted(column.stored_name)}"

    def _join(self, source: Source, joins: dict[str, str]) -> None:
        """Join the row at the end of a path, and those on the way to it, unless they are."""
        if source.parent is not None and source.key not in joins:
            self._join(source.parent, joins)
            alias, before = self._alias(source), self._alias(source.parent)
            local = [f"{before}.{quoted(source.parent.stored_name(name))}" for name in source.local]
            remote = [f"{alias}.{quoted(source.stored_name(name))}" for name in source.remote]
            on = " AND ".join([f"{one} = {other}" for one, other in zip(local, remote, strict=True)])
            kind = " LEFT JOIN" if source.optional else " JOIN"
            joins[source.key] = f"{kind} {self._dialect.table(source.table)} AS {alias} ON {on}"

    def _called_in_full(self, source: Source) -> str:
        """A table where a statement begins to speak of it, with what it is called from there on if that is another."""
        table, alias = self._dialect.table(source.table), self._alias(source)
        return table if table == alias else f"{table} AS {alias}"

    def _alias(self, source: Source) -> str:
        names: list[str] = []
        while source.parent is not None:
            names.append(source.hop)
            source = source.parent
        table = source.called
        if isinstance(source, Derived) and not source.name:
            table = self._unnamed[source]
        # A name with a dot in it cannot be told from a column where joins stand in parentheses.
        between = ">" if source.alias or source.key in self._grouped else "."
        return quoted(self._dialect.name(between.join([table, *reversed(names)])))

    def _place(self, datatype: DataType) -> str:
        self._datatypes.append(datatype)
        return self._dialect.place(len(self._datatypes), datatype)

    def _operation(self, node: Operation) -> str:
        op = node.op
        if not self._bare:
            check_operands(node)
        if op in ("in", "not_in") and len(node.args) == 1:
            # An empty list: nothing is in it, everything is not in it, whatever the values of the expression are.
            self._pass_over(node.args[0].values)
            return "(1 = 0)" if op == "in" else "(1 = 1)"
        if op in ARITHMETIC:
            return self._of_floats(node) if _is_float(node) else self._of_others(node)
        args = self._arguments(node, self.node)
        if op in INFIX:
            return f"({args[0]} {INFIX[op]} {args[1]})"
        if op in FUNCTIONS:
            return self._dialect.function(op, args, node)
        if op in TEMPLATES:
            return TEMPLATES[op].format(*args)
        if op in ("in", "not_in"):
            return f"({args[0]} {'NOT ' if op == 'not_in' else ''}IN ({', '.join(args[1:])}))"
        if op in LISTED:
            return LISTED[op].format(", ".join(args))
        if op == "case":
            return self._dialect.case(_branches(args), node)
        return self._dialect.special(op, args, node)

    def _subquery(self, node: Subquery) -> str:
        if node.form == "exists":
            return f"EXISTS ({self.select(node.statement)})"
        if node.form == "value":
            return f"({self.select(node.statement)})"
        if not node.nullable:
            return self.select(node.statement)
        # Nothing is "not in" a list with a null in it, so nulls are left out of the list.
        names = ["item", *[f"item{number}" for number in range(2, len(node.statement.columns) + 1)]]
        items = [quoted(name) for name in names]
        there = " AND ".join([f"{item} IS NOT NULL" for item in items])
        return f'SELECT {", ".join(items)} FROM ({self.select(node.statement, names)}) AS "listed" WHERE {there}'

    def _of_others(self, node: Operation) -> str:
        """Arithmetic of whole numbers, decimals and durations."""
        text = self._sum(node)
        # A column refuses by itself what does not fit it.
        return text if self._bare else self._dialect.checked(text, node.datatype)

    def _unchecked(self, node: Node) -> str:
        """A sum of sums as a whole: its parts are not checked one by one, what does not fit shows in the end."""
        whole = node.key in self._scope.grouped
        if isinstance(node, Operation) and node.op in ARITHMETIC and not _is_float(node) and not whole:
            return self._sum(node)
        return self.node(node)

    def _sum(self, node: Operation) -> str:
        return ARITHMETIC[node.op].format(*self._arguments(node, self._unchecked))

    def _of_floats(self, node: Operation) -> str:
        """Arithmetic of floats, whose parts are checked one by one.

        A product that is too small to be told from zero does not show in a sum, nor do two infinities.
        """
        if node.op == "multiply":
            return self._dialect.product(self._factors(node))
        if node.op == "negate":
            # Not -x, which some databases give a sign where x is zero.
            return "(0.0 - {})".format(*self._arguments(node, self.node))
        return self._dialect.checked(ARITHMETIC[node.op].format(*self._arguments(node, self.node)), node.datatype)

    def _factors(self, node: Operation) -> list[str]:
        """The texts of all that is multiplied, from left to right."""
        factors: list[str] = []

        def add(arg: Node) -> str:
            first = arg is node.args[0] and arg.key not in self._scope.grouped
            if first and isinstance(arg, Operation) and arg.op == "multiply" and _is_float(arg):
                factors.extend(self._factors(arg))
            else:
                factors.append(self.node(arg))
            return factors[-1]

        self._arguments(node, add)
        return factors

    def _json(self, node: JsonObject) -> str:
        present = None if node.present is None else self.node(node.present)
        pairs: list[tuple[str, str]] = []
        for name, field in node.fields:
            text = self.node(field)
            pairs.append(
                (name, text if isinstance(field, JsonObject) else self._dialect.json_field(text, field.datatype))
            )
        text = self._dialect.json_object(pairs)
        return text if present is None else f"CASE WHEN {present} IS NOT NULL THEN {text} END"


def _is_float(node: Node) -> bool:
    return isinstance(node.datatype, Float)


def _branches(args: Sequence[str]) -> str:
    """``CASE`` with its conditions and results in turn, and what stands for all else last."""
    pairs = zip(args[:-1:2], args[1::2], strict=True)
    return "CASE " + " ".join([f"WHEN {test} THEN {result}" for test, result in pairs]) + f" ELSE {args[-1]} END"
