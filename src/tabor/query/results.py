"""What the rows of a query or of a write can become: one value each, what a callable makes, dicts, JSON, Arrow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from tabor.errors import MultipleFound, NotFound, QueryError
from tabor.query.arrow import ArrowTable
from tabor.query.nesting import dicts_of, flat, has_rows, json_of, nested
from tabor.query.records import fitted
from tabor.query.runnable import Runnable
from tabor.query.selection import named, selected
from tabor.query.shape import PLAIN, TUPLE, Shape
from tabor.tree.nodes import JsonObject, Key, Node
from tabor.tree.related import Collection

R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

Finish = Callable[[list[Any]], list[Any]]


class Form(NamedTuple):
    """What is given back for each row: the columns, their shape, and the last step in Python."""

    columns: tuple[Node, ...]
    shape: Shape
    finish: Finish | None = None


class Results(Runnable[list[R_co]]):  # pyright: ignore[reportInvalidTypeArguments]  # every await gives a list of its own, so that rows may be covariant
    """What gives rows.

    The forms that keep the type of the query are made of what ``_made_into`` and ``_as_dicts`` give.
    """

    __slots__ = ()

    @property
    def _selected(self) -> tuple[Node, ...]:
        """What is given of each row."""
        raise NotImplementedError

    def _asking(self, columns: tuple[Node, ...], shape: Shape, finish: Callable[[list[Any]], R]) -> Runnable[R]:
        """The same question for other columns, in another shape."""
        raise NotImplementedError

    def json(self) -> Runnable[bytes]:
        """All rows as one JSON array of objects, in bytes, secrets left out; built by the database where it can.

        Rows behind keys and related rows are nested as ``dicts()`` nests them.
        """
        self._direct()
        columns = self._selected
        if not has_rows(columns):
            form = JsonObject(named(columns))
        else:
            form = nested(self.statement.source, columns, plain=True)
            leaves = flat(form)
            if any(isinstance(column, Collection) for column in leaves):
                return self._asking(leaves, PLAIN, json_of(form))
        return self._asking((form,), Shape("json"), _json_array)

    def arrow(self) -> Runnable[ArrowTable]:
        """All rows as one ``pyarrow.Table``, secrets left out, for pandas, polars and whoever takes Arrow.

        Types are exact and the same on every database: ``int64``, ``float64``, ``decimal128``, ``bool``, ``string``,
        ``binary``, ``date32``, ``time64[us]``, ``timestamp[us, UTC]``, ``duration[us]`` and lists of these; UUIDs and
        members of enumerations are their values, JSON is text.

        Raises ``ConfigurationError`` where pyarrow is not installed: ``pip install "tabor[arrow]"``.

        Example: ``frame = polars.from_arrow(await Event.select(Event.title, Event.price).arrow())``.
        """
        self._direct()
        if has_rows(self._selected):
            raise QueryError("arrow() takes columns or one table; a row or list within a row is no column of a table.")
        pairs = named(self._selected)
        shape = Shape("arrow", tuple([name for name, _ in pairs]))
        return self._asking(tuple([node for _, node in pairs]), shape, first_of)

    def _tuples(self, refusal: str) -> None:
        if self.shape is not TUPLE or self.finish is not None:
            raise QueryError(refusal)

    def _with_also(self, item: object) -> tuple[Node, ...]:
        """What is given with one thing more."""
        self._tuples(
            "also() adds a column to select(column, ...) or returning(column, ...); this gives something else."
        )
        return (*self._selected, selected(item))

    def _made_into(self, make: Callable[..., object], key: Key) -> Finish:
        """The last step that makes each row by a class or function; ``key`` stands for the columns."""
        self._tuples(
            "into() follows select(column, ...) or returning(column, ...); this gives something else than tuples."
        )
        taking = fitted(make, self._selected, key)
        return lambda rows: [taking(*row) for row in rows]

    def _check_single(self) -> None:
        if len(self._selected) != 1 or self.shape is not TUPLE or self.finish is not None:
            raise QueryError("values() follows a select() or returning() of exactly one column.")

    def _as_dicts(self) -> Form:
        """The form of a dict for each row, rows within it nested."""
        self._direct()
        columns = self._selected
        if has_rows(columns):
            form = nested(self.statement.source, columns, plain=False)
            return Form(flat(form), TUPLE, dicts_of(form))
        pairs = named(columns)
        return Form(tuple([node for _, node in pairs]), Shape("dict", tuple([name for name, _ in pairs])))

    def _direct(self) -> None:
        if self.finish is not None or self.shape.kind not in ("row", "tuple"):
            raise QueryError(
                "dicts(), json() and arrow() follow select() or returning() directly, without into(), values() or each "
                "other."
            )


def then(finish: Callable[[list[Any]], list[Any]] | None, last: Callable[[list[Any]], R]) -> Callable[[list[Any]], R]:
    """The last step after another one, if there is one."""
    return last if finish is None else lambda rows: last(finish(rows))


def first_of(rows: list[Any]) -> Any:
    """The first row, None where there is none."""
    return rows[0] if rows else None


def only_of(table: str) -> Callable[[list[R]], R]:
    """The function that takes the only row: raises ``NotFound`` of none, ``MultipleFound`` of more."""

    def only(rows: list[R]) -> R:
        if not rows:
            raise NotFound(table)
        if len(rows) > 1:
            raise MultipleFound(table)
        return rows[0]

    return only


def _json_array(rows: list[bytes]) -> bytes:
    return b"[" + b",".join(rows) + b"]"
