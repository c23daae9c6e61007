"""``alias()`` and ``optional()``: a table under another name in a query, there or perhaps missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from typing_extensions import TypeIs

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.query.conditions import node_moved_to
from tabor.query.select import Query, selecting
from tabor.schema.common_table import CommonTable, OptionalTable, again
from tabor.schema.facts import TableBase, facts_of
from tabor.schema.path import Maybe, Path
from tabor.tree.nodes import Source

M = TypeVar("M", bound=TableBase)
R = TypeVar("R")


class Alias(Path):
    """A table under another name; type checkers see it as the table class itself."""

    if not TYPE_CHECKING:

        def select(self, *columns: object) -> Query[object]:
            """A query that starts from the table under its other name."""
            return selecting(columns, self._tabor_entity_)


@overload
def alias(table: type[M], name: str) -> type[M]: ...
@overload
def alias(table: CommonTable[R], name: str) -> CommonTable[R]: ...
def alias(table: object, name: str) -> object:
    """The table under another name, to be joined to itself, or selected within a query on itself.

    A named query, made by ``cte()``, gets a second name likewise.  ``name`` is an identifier, and no other table of the
    query may have it.  Raises ``QueryError`` for another name.

    Example::

        other = alias(Event, "other")
        same_place = Event.select(Event.title, other.title).join(other, on=other.place == Event.place)
    """
    if _is_named(table):
        _check_name(name)
        return again(table, name, optional=False)
    return _alias(table, name, optional=False)


@overload
def optional(table: type[M], name: str) -> Maybe[M]: ...
@overload
def optional(table: CommonTable[R], name: str = "") -> OptionalTable[R]: ...
def optional(table: object, name: str = "") -> object:
    """The table under another name, to be joined by ``left_join``: its row may be missing.

    Select it for the row or None, or call it with a function that picks an expression of the row; ``.inner`` is the
    table itself, for the condition of the join.  A named query, made by ``cte()``, keeps its name unless it gets
    another, and ``[...]`` gives its columns, each a value or None.  Raises ``QueryError`` for a name that is no
    identifier.

    Example::

        event = optional(Event, "event")
        titles = User.select(User.email, event(lambda row: row.title))
        await titles.left_join(event, on=event.inner.creator.id == User.id)     # list[tuple[str, str | None]]
        busy = optional(cte("busy", Event.select(Event.creator.id, count).group_by(Event.creator.id)))
        counts = User.select(User.email, busy[count])
        await counts.left_join(busy, on=busy[Event.creator.id] == User.id)      # list[tuple[str, int | None]]
    """
    if _is_named(table):
        if name:
            _check_name(name)
        return OptionalTable(again(table, name, optional=True))
    return _alias(table, name, optional=True).or_none()


def _is_named(table: object) -> TypeIs[CommonTable[Any]]:
    """Whether it is a named query, of any rows."""
    return isinstance(table, CommonTable)


def _check_name(name: str) -> None:
    if not name.isidentifier():
        raise QueryError(f"The name of a table in a query is an identifier, such as other, got {brief(name)}.")


def _alias(table: object, name: str, *, optional: bool) -> Alias:
    given = table
    if not (isinstance(table, type) and issubclass(table, TableBase)):
        raise QueryError(f"A table was expected, such as Event, got {brief(given)}.")
    _check_name(name)
    facts = facts_of(table)
    own = facts.source
    source = Source(
        facts.name, own.token, alias=name, optional=optional, identity=facts.primary_key, renamed=own.renamed
    )
    if own.live is not None:
        source.live = node_moved_to(own.live, source)
    return Alias(source, table)
