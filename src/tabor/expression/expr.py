"""``Expr[T]``: a typed expression over columns, whose operators build tree nodes.

Nothing is computed in Python; an expression says what the database shall compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from tabor.datatypes import BOOLEAN, DataType, Decimal, Float, Integer, Pattern, Text
from tabor.errors import QueryError
from tabor.expression.rows import Rows
from tabor.expression.selectable import Selectable
from tabor.tree.nodes import Comparison, Node, Operation, Ordering, Value

T_co = TypeVar("T_co", covariant=True)
S = TypeVar("S")

TEXT = Text()
INTEGER = Integer()
FLOAT = Float()
LIKE = Pattern()
ILIKE = Pattern(ignore_case=True)
PADDED_AT_MOST = 8_192
"""Longer lists are rare, and their padding might not fit into one statement."""


class Expr(Selectable[T_co]):
    """An expression of type ``T_co``; compare, combine and order with it.

    ``==``, ``<`` and the like give ``Expr[bool]`` for ``where``; combine those with ``&``, ``|`` and ``~``
    (Python's ``and``, ``or``, ``not`` and ``in`` cannot be overloaded and raise ``TypeError``).

    Example: ``Event.select().where((Event.capacity > 100) | Event.title.contains("stage"))``.
    """

    __slots__ = ("node",)

    node: Node

    def __init__(self, node: Node) -> None:
        self.node = node

    # --- comparison: an operand is a value of the same type or an expression of it ---

    def __eq__(self, other: T_co | Expr[T_co] | None) -> Expr[bool]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # == builds a condition here, by design
        if other is None:
            return _wrap(Operation("is_null", (self.node,), BOOLEAN))
        return _wrap(Comparison("eq", self.node, _operand(self.node, other)))

    def __ne__(self, other: T_co | Expr[T_co] | None) -> Expr[bool]:  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]  # != builds a condition here, by design
        if other is None:
            return _wrap(Operation("is_not_null", (self.node,), BOOLEAN))
        return _wrap(Comparison("ne", self.node, _operand(self.node, other)))

    def __lt__(self, other: T_co | Expr[T_co]) -> Expr[bool]:
        return _wrap(Comparison("lt", self.node, _operand(self.node, other)))

    def __le__(self, other: T_co | Expr[T_co]) -> Expr[bool]:
        return _wrap(Comparison("lte", self.node, _operand(self.node, other)))

    def __gt__(self, other: T_co | Expr[T_co]) -> Expr[bool]:
        return _wrap(Comparison("gt", self.node, _operand(self.node, other)))

    def __ge__(self, other: T_co | Expr[T_co]) -> Expr[bool]:
        return _wrap(Comparison("gte", self.node, _operand(self.node, other)))

    def between(self, low: T_co | Expr[T_co], high: T_co | Expr[T_co]) -> Expr[bool]:
        """True where ``low <= self <= high``, both ends included."""
        node = self.node
        return _wrap(Operation("between", (node, _operand(node, low), _operand(node, high)), BOOLEAN))

    def is_in(self, values: Sequence[T_co] | Rows[tuple[T_co | None]] | Rows[T_co | None]) -> Expr[bool]:
        """True where the value is one of ``values``, which are a list or a query of one column; nulls are left out.

        An empty list matches no row.

        Example: ``Event.creator.id.is_in(User.select(User.id).where(User.name == "Ann"))``.
        """
        return _wrap(_membership("in", self.node, values))

    def not_in(self, values: Sequence[T_co] | Rows[tuple[T_co | None]] | Rows[T_co | None]) -> Expr[bool]:
        """True where the value is none of ``values``, which are a list or a query of one column; nulls are left out.

        An empty list matches every row.
        """
        return _wrap(_membership("not_in", self.node, values))

    def is_null(self) -> Expr[bool]:
        """True where there is no value."""
        return _wrap(Operation("is_null", (self.node,), BOOLEAN))

    def is_not_null(self) -> Expr[bool]:
        """True where there is a value."""
        return _wrap(Operation("is_not_null", (self.node,), BOOLEAN))

    # --- logic ---

    def __and__(self, other: Expr[bool]) -> Expr[bool]:
        return _wrap(Comparison("and", self.node, condition(other)))

    def __or__(self, other: Expr[bool]) -> Expr[bool]:
        return _wrap(Comparison("or", self.node, condition(other)))

    def __invert__(self) -> Expr[bool]:
        return _wrap(Operation("not", (self.node,), BOOLEAN))

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "A condition on columns has no truth value in Python. Combine conditions with & | ~ (each side in "
            "parentheses) instead of and, or, not; use .is_in([...]) instead of in, and .between(a, b) instead of "
            "a < x < b."
        )

    def __hash__(self) -> int:
        return id(self)

    # --- text ---

    def like(self: Expr[str] | Expr[str | None], pattern: str) -> Expr[bool]:
        """True where the text fits ``pattern``: ``%`` any text, ``_`` one character, backslash escapes."""
        return _wrap(Comparison("like", self.node, Value(LIKE, pattern)))

    def ilike(self: Expr[str] | Expr[str | None], pattern: str) -> Expr[bool]:
        """Like ``like``, ignoring the case of letters (on SQLite of the letters A to Z)."""
        return _wrap(Comparison("ilike", self.node, Value(ILIKE, pattern)))

    def contains(self: Expr[str] | Expr[str | None], text: str) -> Expr[bool]:
        """True where ``text`` stands somewhere in the value, upper and lower case told apart."""
        return _wrap(Comparison("contains", self.node, Value(TEXT, text)))

    def icontains(self: Expr[str] | Expr[str | None], text: str) -> Expr[bool]:
        """Like ``contains``, ignoring the case of letters (on SQLite of the letters A to Z)."""
        return _wrap(Comparison("ilike", self.node, Value(ILIKE, f"%{_literal(text)}%")))

    def starts_with(self: Expr[str] | Expr[str | None], text: str) -> Expr[bool]:
        """True where the value begins with ``text``, upper and lower case told apart."""
        return _wrap(Comparison("like", self.node, Value(LIKE, f"{_literal(text)}%")))

    def ends_with(self: Expr[str] | Expr[str | None], text: str) -> Expr[bool]:
        """True where the value ends with ``text``, upper and lower case told apart."""
        return _wrap(Comparison("like", self.node, Value(LIKE, f"%{_literal(text)}")))

    def lower(self: Expr[str]) -> Expr[str]:
        """The text in lower case (on SQLite the letters A to Z only)."""
        return Expr(Operation("lower", (self.node,), TEXT, nullable=self.node.nullable))

    def upper(self: Expr[str]) -> Expr[str]:
        """The text in upper case (on SQLite the letters A to Z only)."""
        return Expr(Operation("upper", (self.node,), TEXT, nullable=self.node.nullable))

    def length(self: Expr[str]) -> Expr[int]:
        """The number of characters."""
        return Expr(Operation("length", (self.node,), INTEGER, nullable=self.node.nullable))

    # --- lists ---

    def has(self: Expr[list[S]], item: S) -> Expr[bool]:
        """True where the list contains ``item``."""
        return _wrap(Comparison("has", self.node, Value(_item_type(self.node), item)))

    # --- arithmetic ---

    def __add__(self, other: T_co | Expr[T_co]) -> Expr[T_co]:
        op = "concat" if isinstance(self.node.datatype, Text) else "add"
        return _arithmetic(op, self.node, _operand(self.node, other))

    def __sub__(self, other: T_co | Expr[T_co]) -> Expr[T_co]:
        return _arithmetic("subtract", self.node, _operand(self.node, other))

    def __mul__(self, other: int | Expr[int]) -> Expr[T_co]:
        return _arithmetic("multiply", self.node, other.node if isinstance(other, Expr) else Value(INTEGER, other))

    # --- aggregates ---

    def count(self) -> Expr[int]:
        """The number of rows in which the expression has a value."""
        return Expr(Operation("count", (self.node,), INTEGER))

    def min(self) -> Expr[T_co | None]:
        """The smallest value, or null where there is no row."""
        return Expr(Operation("min", (self.node,), self.node.datatype, nullable=True))

    def max(self) -> Expr[T_co | None]:
        """The largest value, or null where there is no row."""
        return Expr(Operation("max", (self.node,), self.node.datatype, nullable=True))

    def sum(self) -> Expr[T_co | None]:
        """The sum, or null where there is no row."""
        _numeric(self.node, "sum")
        return Expr(Operation("sum", (self.node,), self.node.datatype, nullable=True))

    def avg(self) -> Expr[float | None]:
        """The mean as a float, or null where there is no row."""
        _numeric(self.node, "avg")
        return Expr(Operation("avg", (self.node,), FLOAT, nullable=True))

    # --- order ---

    def asc(self, *, nulls_last: bool | None = None) -> Order:
        """Ascending; nulls come first unless ``nulls_last``."""
        return Order(Ordering(self.node, nulls_last=nulls_last))

    def desc(self, *, nulls_last: bool | None = None) -> Order:
        """Descending; nulls come last unless ``nulls_last=False``."""
        return Order(Ordering(self.node, descending=True, nulls_last=nulls_last))


class Order:
    """A term of ``order_by`` with its direction, made by ``asc()`` or ``desc()``."""

    __slots__ = ("term",)

    def __init__(self, term: Ordering) -> None:
        self.term: Ordering = term


_new = object.__new__


if TYPE_CHECKING:

    def _wrap(node: Node) -> Expr[bool]: ...
else:
    # Made without __init__: conditions are built on the hot path.
    def _wrap(node: Node) -> Expr[bool]:
        expr = _new(Expr)
        expr.node = node
        return expr


def _operand(node: Node, other: object) -> Node:
    if isinstance(other, Expr):
        right = other.node
        if right.datatype.key != node.datatype.key and isinstance(right.datatype, Decimal):
            raise QueryError("Decimal columns with different decimal_places cannot be compared or added in a query.")
        return right
    return Value(node.datatype, other)


def operand(expr: object) -> Node:
    """The node of any expression; raises ``QueryError`` for anything that is not one."""
    if isinstance(expr, Expr):
        return expr.node
    raise QueryError(f"A column or an expression was expected, such as Event.title, got {expr!r}.")


def condition(expr: object) -> Node:
    """The node of a condition; raises ``QueryError`` for anything that is not one."""
    if isinstance(expr, Expr) and expr.node.datatype is BOOLEAN:
        return expr.node
    raise QueryError(
        f"A condition was expected, such as Event.title == 'x', got {expr!r}. "
        "Combine conditions with & | ~ in parentheses."
    )


def _membership(op: str, node: Node, values: Sequence[object] | Rows[object]) -> Node:
    if isinstance(values, Rows):
        listed: object = getattr(values, "_tabor_rows_", None)
        assert isinstance(listed, Node)
        return Operation(op, (node, _operand(node, Expr[object](listed))), BOOLEAN)
    if isinstance(values, (str, bytes)) or not hasattr(values, "__iter__"):
        raise QueryError(f"is_in and not_in take a list of values, got {values!r}.")
    items = list(values)
    if any(item is None for item in items):
        raise QueryError("None in is_in or not_in never matches in SQL; use .is_null() beside it.")
    if 1 < len(items) <= PADDED_AT_MOST:
        # Padded to a power of two with the last value, so that few lengths need a statement of their own.
        size = 1 << (len(items) - 1).bit_length()
        items += [items[-1]] * (size - len(items))
    return Operation(op, (node, *[_operand(node, item) for item in items]), BOOLEAN)


def _literal(text: str) -> str:
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # callers without a checker
        raise QueryError(f"Text was expected, got {text!r}.")
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _item_type(node: Node) -> DataType:
    item = getattr(node.datatype, "item", None)
    if not isinstance(item, DataType):
        raise QueryError("has() needs a column that holds a list of values of one type.")
    return item


def _numeric(node: Node, function: str) -> None:
    if type(node.datatype).__name__ not in ("Integer", "Float", "Decimal", "Duration"):
        raise QueryError(f"{function}() needs numbers, and this expression gives {node.datatype.label}.")


def _arithmetic(op: str, left: Node, right: Node) -> Expr[Any]:
    if op != "concat":
        _numeric(left, op)
    return Expr(Operation(op, (left, right), left.datatype, nullable=left.nullable or right.nullable))
