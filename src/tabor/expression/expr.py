"""``Expr[T]``: a typed expression over columns, whose operators build tree nodes.

Nothing is computed in Python; an expression says what the database shall compute.  The methods of each concept stand
in a class of their own.  Those that give an ``Expr`` of whatever they are of are in this module; those that give a few
kinds of it are told them by ``Expr``, and stand in modules of their own (``texts``, ``mathematics``, ``parts``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn, TypeAlias, TypeVar, overload

from tabor.datatypes import BOOLEAN, JsonValue
from tabor.expression import arithmetic, framing, lists, moments, structures
from tabor.expression.kinds import (
    FLOAT,
    INTEGER,
    TEXT,
    Addable,
    Clock,
    Day,
    ExactNumber,
    Finer,
    Fraction,
    Moment,
    N,
    Number,
    Summand,
    Unit,
)
from tabor.expression.mathematics import MathMethods
from tabor.expression.operand import Operand, between, comparison, condition, distinction, membership, name_given
from tabor.expression.order import OrderMethods
from tabor.expression.parts import PartMethods
from tabor.expression.rows import Rows
from tabor.expression.texts import TextMethods
from tabor.tree.calls import Named
from tabor.tree.nodes import ColumnNode, Comparison, Node, Operation, Value, compared

T_co = TypeVar("T_co", covariant=True)
S = TypeVar("S")
J = TypeVar("J", bound=Mapping[str, object] | JsonValue)
Kept: TypeAlias = "JsonValue | Mapping[str, object] | Sequence[object] | Expr[JsonValue]"
"""What ``with_key`` puts into a JSON object."""
Listed: TypeAlias = "Sequence[S | Expr[S]] | Rows[tuple[S | None]] | Rows[S | None] | Expr[Sequence[S]]"
"""Where ``is_in`` looks: a list, a query of one column, a ``param()`` for a list."""


_new = object.__new__


if TYPE_CHECKING:

    def _wrap(node: Node) -> Expr[bool]: ...
    def _compared(op: str, node: Node, other: object) -> Expr[bool]: ...
else:
    # Made without __init__: conditions are built on the hot path.
    def _wrap(node: Node) -> Expr[bool]:
        expr = _new(Expr)
        expr.node = node
        return expr

    def _compared(op: str, node: Node, other: object) -> Expr[bool]:
        expr, kind = _new(Expr), type(other)
        plain = (kind is int or kind is str) and type(node) is ColumnNode
        expr.node = compared(op, node, other) if plain else comparison(op, node, other)
        return expr


class NumberMethods(Operand[T_co]):
    """What numbers can do.

    A result that does not fit raises ``ValueOutOfRange``, a division by zero ``DivisionByZero``, on every database.
    """

    __slots__ = ()

    @overload
    def __add__(self: NumberMethods[Moment], other: timedelta | Expr[timedelta]) -> Expr[Moment]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # no null is a moment or number, and the first that fits is meant
    @overload
    def __add__(self: NumberMethods[Summand], other: Summand | Expr[Summand]) -> Expr[Summand]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __add__(self: NumberMethods[Summand | None], other: Summand | Expr[Summand | None]) -> Expr[Summand | None]: ...  # type: ignore[overload-overlap]  # null alone is neither, and the first that fits is meant
    @overload
    def __add__(self: NumberMethods[ExactNumber], other: ExactNumber | Expr[ExactNumber]) -> Expr[Decimal]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __add__(  # type: ignore[overload-cannot-match, overload-overlap]  # the first that fits is meant
        self: NumberMethods[ExactNumber | None], other: ExactNumber | Expr[ExactNumber | None]
    ) -> Expr[Decimal | None]: ...
    @overload
    def __add__(self: NumberMethods[float], other: float | Expr[float]) -> Expr[float]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __add__(self: NumberMethods[float | None], other: float | Expr[float | None]) -> Expr[float | None]: ...  # type: ignore[overload-cannot-match, overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __add__(self: NumberMethods[list[S]], other: Expr[list[S]]) -> Expr[list[S]]: ...
    @overload
    def __add__(self: NumberMethods[list[S] | None], other: Expr[list[S] | None]) -> Expr[list[S] | None]: ...
    def __add__(self: NumberMethods[object], other: object) -> Expr[object]:
        return Expr(arithmetic.added("add", self.node, other))

    @overload
    def __radd__(self: NumberMethods[Moment], other: timedelta) -> Expr[Moment]: ...  # type: ignore[overload-overlap]  # no null is a moment or number, and the first that fits is meant
    @overload
    def __radd__(self: NumberMethods[Addable], other: Addable) -> Expr[Addable]: ...  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __radd__(self: NumberMethods[ExactNumber], other: ExactNumber) -> Expr[Decimal]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __radd__(self: NumberMethods[ExactNumber | None], other: ExactNumber) -> Expr[Decimal | None]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __radd__(self: NumberMethods[float], other: float) -> Expr[float]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __radd__(self: NumberMethods[float | None], other: float) -> Expr[float | None]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    def __radd__(self: NumberMethods[object], other: object) -> Expr[object]:
        return Expr(arithmetic.added_to("add", other, self))

    @overload
    def __sub__(self: NumberMethods[Moment], other: timedelta | Expr[timedelta]) -> Expr[Moment]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # no null is a moment or number, and the first that fits is meant
    @overload
    def __sub__(self: NumberMethods[date], other: date | Expr[date]) -> Expr[timedelta]: ...
    @overload
    def __sub__(self: NumberMethods[date | None], other: date | Expr[date | None]) -> Expr[timedelta | None]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # no null is a moment or number, and the first that fits is meant
    @overload
    def __sub__(self: NumberMethods[N], other: N | Expr[N]) -> Expr[N]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __sub__(self: NumberMethods[N | None], other: N | Expr[N | None]) -> Expr[N | None]: ...
    @overload
    def __sub__(self: NumberMethods[ExactNumber], other: ExactNumber | Expr[ExactNumber]) -> Expr[Decimal]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __sub__(  # type: ignore[overload-cannot-match, overload-overlap]  # the first that fits is meant
        self: NumberMethods[ExactNumber | None], other: ExactNumber | Expr[ExactNumber | None]
    ) -> Expr[Decimal | None]: ...
    @overload
    def __sub__(self: NumberMethods[float], other: float | Expr[float]) -> Expr[float]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __sub__(self: NumberMethods[float | None], other: float | Expr[float | None]) -> Expr[float | None]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    def __sub__(self: NumberMethods[object], other: object) -> Expr[object]:
        return Expr(arithmetic.added("subtract", self.node, other))

    @overload
    def __rsub__(self: NumberMethods[date], other: date) -> Expr[timedelta]: ...
    @overload
    def __rsub__(self: NumberMethods[date | None], other: date) -> Expr[timedelta | None]: ...
    @overload
    def __rsub__(self: NumberMethods[Number], other: Number) -> Expr[Number]: ...  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __rsub__(self: NumberMethods[ExactNumber], other: ExactNumber) -> Expr[Decimal]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __rsub__(self: NumberMethods[ExactNumber | None], other: ExactNumber) -> Expr[Decimal | None]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __rsub__(self: NumberMethods[float], other: float) -> Expr[float]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __rsub__(self: NumberMethods[float | None], other: float) -> Expr[float | None]: ...  # type: ignore[overload-cannot-match]  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    def __rsub__(self: NumberMethods[object], other: object) -> Expr[object]:
        return Expr(arithmetic.added_to("subtract", other, self))

    @overload
    def __mul__(self: NumberMethods[N], other: int | Expr[int] | N | Expr[N]) -> Expr[N]: ...  # pyright: ignore[reportOverlappingOverload]  # the first that fits is meant
    @overload
    def __mul__(self: NumberMethods[N | None], other: int | N | Expr[int | N | None]) -> Expr[N | None]: ...
    @overload
    def __mul__(self: NumberMethods[int], other: Finer | Expr[Finer]) -> Expr[Finer]: ...  # type: ignore[overload-cannot-match]  # mypy takes whole numbers for all kinds of numbers here, and yet chooses it
    @overload
    def __mul__(self: NumberMethods[int | None], other: Finer | Expr[Finer | None]) -> Expr[Finer | None]: ...  # type: ignore[overload-cannot-match]  # mypy takes whole numbers for all kinds of numbers here, and yet chooses it
    def __mul__(self: NumberMethods[object], other: object) -> Expr[object]:
        return Expr(arithmetic.multiplied(self.node, other))

    @overload
    def __rmul__(self: NumberMethods[Number], other: int | Number) -> Expr[Number]: ...
    @overload
    def __rmul__(self: NumberMethods[int], other: Finer) -> Expr[Finer]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    @overload
    def __rmul__(self: NumberMethods[int | None], other: Finer) -> Expr[Finer | None]: ...  # type: ignore[overload-cannot-match]  # the first that fits is meant
    def __rmul__(self: NumberMethods[object], other: object) -> Expr[object]:
        return Expr(arithmetic.multiplied(self.node, other))

    @overload
    def __floordiv__(self: NumberMethods[int], other: int | Expr[int]) -> Expr[int]: ...
    @overload
    def __floordiv__(self: NumberMethods[int | None], other: int | Expr[int | None]) -> Expr[int | None]: ...
    def __floordiv__(self: NumberMethods[int | None], other: object) -> Expr[int] | Expr[int | None]:
        return Expr(arithmetic.whole_division("floor_divide", self.node, other))

    @overload
    def __rfloordiv__(self: NumberMethods[int], other: int) -> Expr[int]: ...
    @overload
    def __rfloordiv__(self: NumberMethods[int | None], other: int) -> Expr[int | None]: ...
    def __rfloordiv__(self: NumberMethods[int | None], other: int) -> Expr[int] | Expr[int | None]:
        return Expr(arithmetic.whole_division("floor_divide", Value(INTEGER, other), self))

    @overload
    def __mod__(self: NumberMethods[int], other: int | Expr[int]) -> Expr[int]: ...
    @overload
    def __mod__(self: NumberMethods[int | None], other: int | Expr[int | None]) -> Expr[int | None]: ...
    def __mod__(self: NumberMethods[int | None], other: object) -> Expr[int] | Expr[int | None]:
        return Expr(arithmetic.whole_division("modulo", self.node, other))

    @overload
    def __rmod__(self: NumberMethods[int], other: int) -> Expr[int]: ...
    @overload
    def __rmod__(self: NumberMethods[int | None], other: int) -> Expr[int | None]: ...
    def __rmod__(self: NumberMethods[int | None], other: int) -> Expr[int] | Expr[int | None]:
        return Expr(arithmetic.whole_division("modulo", Value(INTEGER, other), self))

    def __neg__(self: NumberMethods[Number]) -> Expr[Number]:
        return Expr(arithmetic.of_one("negate", self.node))

    def abs(self: NumberMethods[Number]) -> Expr[Number]:
        """The number without its sign."""
        return Expr(arithmetic.of_one("abs", self.node))

    def round(self: NumberMethods[Fraction], digits: int = 0) -> Expr[Fraction]:
        """The number rounded to ``digits`` places behind the point, halves away from zero.

        A decimal then has that many places; a float is the nearest one.
        """
        return Expr(arithmetic.rounded(self.node, digits))


class MomentMethods(Operand[T_co]):
    """What days, moments and durations can do besides: moments in UTC, or in the ``zone`` of a name."""

    __slots__ = ()

    @overload
    def date(self: MomentMethods[datetime], *, zone: str = "UTC") -> Expr[Day]: ...
    @overload
    def date(self: MomentMethods[datetime | None], *, zone: str = "UTC") -> Expr[Day | None]: ...
    def date(self: MomentMethods[datetime | None], *, zone: str = "UTC") -> Expr[Day] | Expr[Day | None]:
        """The day of the moment, in UTC or in ``zone``."""
        return Expr(moments.day_of(self.node, zone))

    @overload
    def time(self: MomentMethods[datetime], *, zone: str = "UTC") -> Expr[Clock]: ...
    @overload
    def time(self: MomentMethods[datetime | None], *, zone: str = "UTC") -> Expr[Clock | None]: ...
    def time(self: MomentMethods[datetime | None], *, zone: str = "UTC") -> Expr[Clock] | Expr[Clock | None]:
        """The time of day of the moment, in UTC or by the clocks of ``zone``."""
        return Expr(moments.time_of(self.node, zone))

    def trunc(self: MomentMethods[Moment], unit: Unit, *, zone: str = "UTC") -> Expr[Moment]:
        """The beginning of the ``unit`` in which the moment lies; a week begins on Monday.

        Example: ``Event.starts_at.trunc("month", zone="Europe/Berlin")``.
        """
        return Expr(moments.trunc(unit, self.node, zone))

    @overload
    def total_seconds(self: MomentMethods[timedelta]) -> Expr[float]: ...
    @overload
    def total_seconds(self: MomentMethods[timedelta | None]) -> Expr[float | None]: ...
    def total_seconds(self: MomentMethods[timedelta | None]) -> Expr[float] | Expr[float | None]:
        """The length of a duration in seconds."""
        return Expr(moments.seconds(self.node))


class StructureMethods(Operand[T_co]):
    """What lists and JSON can do."""

    __slots__ = ()

    __iter__ = None
    __contains__ = None

    def has(self: StructureMethods[list[S] | None], item: S) -> Expr[bool]:
        """True where the list contains ``item``."""
        return _wrap(lists.has(self.node, item))

    def has_any(self: StructureMethods[list[S] | None], items: Sequence[S]) -> Expr[bool]:
        """True where the list contains one of ``items`` at least; of no items, nowhere."""
        return _wrap(lists.compared("has_any", self.node, items))

    def has_all(self: StructureMethods[list[S] | None], items: Sequence[S]) -> Expr[bool]:
        """True where the list contains each of ``items``; of no items, wherever there is a list."""
        return _wrap(lists.compared("has_all", self.node, items))

    @overload
    def append(self: StructureMethods[list[S]], *items: S) -> Expr[list[S]]: ...
    @overload
    def append(self: StructureMethods[list[S] | None], *items: S) -> Expr[list[S] | None]: ...
    def append(self: StructureMethods[list[S] | None], *items: S) -> Expr[list[S]] | Expr[list[S] | None]:
        """The list with ``items`` after its own: ``Event.update(Event.tags.to(Event.tags.append("late")))``."""
        return Expr(lists.joined(self.node, lists.beside(self.node, items)))

    @overload
    def without(self: StructureMethods[list[S]], item: S) -> Expr[list[S]]: ...
    @overload
    def without(self: StructureMethods[list[S] | None], item: S) -> Expr[list[S] | None]: ...
    def without(self: StructureMethods[list[S] | None], item: S) -> Expr[list[S]] | Expr[list[S] | None]:
        """The list without ``item``, as often as it is there: ``Event.tags.to(Event.tags.without("late"))``."""
        return Expr(lists.without(self.node, item))

    @overload
    def __getitem__(self: StructureMethods[list[S] | None], key: int) -> Expr[S | None]: ...  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]  # a JSON value may be a list, too
    @overload
    def __getitem__(self: StructureMethods[Mapping[str, object] | JsonValue], key: str | int) -> Expr[JsonValue]: ...
    def __getitem__(self: StructureMethods[object], key: str | int) -> Expr[object]:
        return Expr(structures.at(self.node, key))

    def as_text(self: StructureMethods[Mapping[str, object] | JsonValue]) -> Expr[str | None]:
        """The text that the JSON value is; null where it is something else, or is not there."""
        return Expr(structures.plain("json_text", self.node, TEXT))

    def as_int(self: StructureMethods[Mapping[str, object] | JsonValue]) -> Expr[int | None]:
        """The whole number, written without a fraction, that the JSON value is; null where it is something else."""
        return Expr(structures.plain("json_integer", self.node, INTEGER))

    def as_float(self: StructureMethods[Mapping[str, object] | JsonValue]) -> Expr[float | None]:
        """The number that the JSON value is; null where it is something else, or is not there."""
        return Expr(structures.plain("json_float", self.node, FLOAT))

    def as_bool(self: StructureMethods[Mapping[str, object] | JsonValue]) -> Expr[bool | None]:
        """The true or false that the JSON value is; null where it is something else, or is not there."""
        return Expr(structures.plain("json_boolean", self.node, BOOLEAN))

    def has_key(self: StructureMethods[Mapping[str, object] | JsonValue], name: str) -> Expr[bool]:
        """True where the JSON value is an object with this key, whatever its value, null included."""
        return _wrap(structures.has_key(self.node, name))

    def contains_json(
        self: StructureMethods[Mapping[str, object] | JsonValue], part: Mapping[str, object] | Sequence[object]
    ) -> Expr[bool]:
        """True where the JSON value has everything that ``part``, an object or a list, has, and perhaps more.

        Objects within are compared in the same way; a list has to have each item of the list in ``part``, or one that
        has everything that the item has, in any order.

        Example: ``Event.details.contains_json({"gates": [{"name": "north", "open": True}]})``.
        """
        return _wrap(structures.contains(self.node, part))

    def with_key(self: StructureMethods[J], *path: str, value: Kept) -> Expr[J]:
        """The JSON object with ``value`` at a key, or at the end of a path of keys through objects in it.

        Objects that are not there are made; where something else than an object stands on the way, nothing changes.
        ``value`` may be an expression of text, whole numbers, true and false, or JSON.

        Example: ``Event.update(Event.details.to(Event.details.with_key("address", "city", value="York")))``.
        """
        return Expr(structures.with_key(self.node, path, value))

    def without_key(self: StructureMethods[J], *path: str) -> Expr[J]:
        """The JSON object without a key, or without the one at the end of a path; where it is not, nothing changes."""
        return Expr(structures.without_key(self.node, path))


class Expr(
    TextMethods[T_co, "Expr[bool]", "Expr[str]", "Expr[str | None]", "Expr[int]", "Expr[int | None]"],
    NumberMethods[T_co],
    MathMethods[T_co, "Expr[int]", "Expr[int | None]", "Expr[float]", "Expr[float | None]"],
    PartMethods[T_co, "Expr[int]", "Expr[int | None]"],
    MomentMethods[T_co],
    StructureMethods[T_co],
    OrderMethods[T_co],
):
    """An expression of type ``T_co``; compare, combine and order with it.

    ``==``, ``<`` and the like give ``Expr[bool]`` for ``where``; combine those with ``&``, ``|`` and ``~``
    (Python's ``and``, ``or``, ``not`` and ``in`` cannot be overloaded and raise ``TypeError``).

    Example: ``Event.select().where((Event.capacity > 100) | Event.title.contains("stage"))``.
    """

    __slots__ = ()

    def __init__(self, node: Node) -> None:
        self.node = node

    _expression = staticmethod(_wrap)

    # --- comparison: an operand is a value of the same type or an expression of it ---

    @overload  # type: ignore[override]  # == builds a condition here, by design
    def __eq__(self, other: T_co | Expr[T_co] | None) -> Expr[bool]: ...
    @overload
    def __eq__(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def __eq__(self, other: object) -> Expr[bool]:  # pyright: ignore[reportIncompatibleMethodOverride]  # == builds a condition here, by design
        if other is None:
            return _wrap(Operation("is_null", (self.node,), BOOLEAN))
        return _compared("eq", self.node, other)

    @overload  # type: ignore[override]  # != builds a condition here, by design
    def __ne__(self, other: T_co | Expr[T_co] | None) -> Expr[bool]: ...
    @overload
    def __ne__(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def __ne__(self, other: object) -> Expr[bool]:  # pyright: ignore[reportIncompatibleMethodOverride]  # != builds a condition here, by design
        if other is None:
            return _wrap(Operation("is_not_null", (self.node,), BOOLEAN))
        return _compared("ne", self.node, other)

    @overload
    def __lt__(self, other: T_co | Expr[T_co]) -> Expr[bool]: ...
    @overload
    def __lt__(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def __lt__(self, other: object) -> Expr[bool]:
        return _compared("lt", self.node, other)

    @overload
    def __le__(self, other: T_co | Expr[T_co]) -> Expr[bool]: ...
    @overload
    def __le__(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def __le__(self, other: object) -> Expr[bool]:
        return _compared("lte", self.node, other)

    @overload
    def __gt__(self, other: T_co | Expr[T_co]) -> Expr[bool]: ...
    @overload
    def __gt__(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def __gt__(self, other: object) -> Expr[bool]:
        return _compared("gt", self.node, other)

    @overload
    def __ge__(self, other: T_co | Expr[T_co]) -> Expr[bool]: ...
    @overload
    def __ge__(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def __ge__(self, other: object) -> Expr[bool]:
        return _compared("gte", self.node, other)

    @overload
    def between(self, low: T_co | Expr[T_co], high: T_co | Expr[T_co]) -> Expr[bool]: ...
    @overload
    def between(
        self: Expr[Decimal | None], low: ExactNumber | Expr[ExactNumber], high: ExactNumber | Expr[ExactNumber]
    ) -> Expr[bool]: ...
    def between(self, low: object, high: object) -> Expr[bool]:
        """True where ``low <= self <= high``, both ends included."""
        return _wrap(between(self.node, low, high))

    @overload
    def is_in(self, values: Listed[T_co]) -> Expr[bool]: ...
    @overload
    def is_in(self: Expr[Decimal | None], values: Sequence[ExactNumber | Expr[ExactNumber]]) -> Expr[bool]: ...
    def is_in(self, values: Listed[object]) -> Expr[bool]:
        """True where the value is one of ``values``; an empty list matches no row.

        They are a list, a query of one column (nulls are left out), or ``param(list[int])``, a list that comes later.

        Example: ``Event.creator.id.is_in(User.select(User.id).where(User.name == "Ann"))``.
        """
        return _wrap(membership("in", self.node, values))

    @overload
    def not_in(self, values: Listed[T_co]) -> Expr[bool]: ...
    @overload
    def not_in(self: Expr[Decimal | None], values: Sequence[ExactNumber | Expr[ExactNumber]]) -> Expr[bool]: ...
    def not_in(self, values: Listed[object]) -> Expr[bool]:
        """True where the value is none of ``values``, which are as for ``is_in``; an empty list matches every row."""
        return _wrap(membership("not_in", self.node, values))

    @overload
    def is_distinct_from(self, other: T_co | Expr[T_co | None] | None) -> Expr[bool]: ...
    @overload
    def is_distinct_from(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def is_distinct_from(self, other: object) -> Expr[bool]:
        """True where the two differ, null being a value like any other; never null, unlike ``!=``.

        Example: ``Event.update(...).where(Event.place.is_distinct_from(Event.former_place))``.
        """
        return _wrap(distinction("distinct_from", self.node, other))

    @overload
    def is_not_distinct_from(self, other: T_co | Expr[T_co | None] | None) -> Expr[bool]: ...
    @overload
    def is_not_distinct_from(self: Expr[Decimal | None], other: int | Expr[int | None]) -> Expr[bool]: ...
    def is_not_distinct_from(self, other: object) -> Expr[bool]:
        """True where the two are equal, or both null; never null, unlike ``==``."""
        return _wrap(distinction("not_distinct_from", self.node, other))

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

    # --- aggregates ---

    def count(self, *, distinct: bool = False) -> Aggregate[int]:
        """The number of rows in which the expression has a value, or of its different values."""
        return Aggregate(Operation("count_distinct" if distinct else "count", (self.node,), INTEGER))

    def min(self) -> Aggregate[T_co | None]:
        """The smallest value, or null where there is no row."""
        return Aggregate(Operation("min", (self.node,), self.node.datatype, nullable=True))

    def max(self) -> Aggregate[T_co | None]:
        """The largest value, or null where there is no row."""
        return Aggregate(Operation("max", (self.node,), self.node.datatype, nullable=True))

    def sum(self, *, distinct: bool = False) -> Aggregate[T_co | None]:
        """The sum, or that of the different values, or null where there is no row."""
        return Aggregate(framing.aggregate("sum", arithmetic.numeric(self.node, "sum"), self.node.datatype, distinct))

    def avg(self, *, distinct: bool = False) -> Aggregate[float | None]:
        """The mean as a float, or that of the different values, or null where there is no row."""
        return Aggregate(framing.aggregate("avg", arithmetic.averaged(self.node), FLOAT, distinct))

    # --- name ---

    def named(self, name: str) -> Expr[T_co]:
        """The same expression, called ``name`` in dicts, JSON, Arrow tables and by the fields of models.

        Raises ``QueryError`` for a name that is no identifier.

        Example: ``Event.select(Event.place, Event.seats.sum().named("seats")).group_by(Event.place).dicts()``.
        """
        return Expr(Named(name_given(name), self.node))


class Aggregate(Expr[T_co]):
    """An expression over many rows; it can be told which of them count, or over which window of them it runs."""

    __slots__ = ()

    def filter(self, *conditions: Expr[bool]) -> Aggregate[T_co]:
        """The same of the rows alone for which every condition is true: ``count().filter(Event.seats > 3)``."""
        return Aggregate(framing.filtered(self.node, conditions))

    def over(
        self,
        *,
        partition_by: framing.Partition = (),
        order_by: framing.Terms = (),
        rows: framing.Rows | None = None,
        range_: framing.Range | None = None,
    ) -> Expr[T_co]:
        """The same beside each row, over the rows like it in ``partition_by``; with an order, up to that row.

        ``rows=(start, end)`` counts rows from the current one, ``range_`` measures by the one ``order_by``: negative
        is before it, 0 the row itself, ``None`` the end.  Raises ``QueryError`` for a frame that means nothing.

        Example: ``Event.seats.sum().over(partition_by=Event.place, order_by=Event.id, rows=(-2, 0))``.
        """
        return Expr(framing.over(self.node, partition_by, order_by, rows, range_))
