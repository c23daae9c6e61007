"""``alias()`` and ``optional()``: a table under another name in a query, there or perhaps missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.query.conditions import node_moved_to
from tabor.query.select import Query, selecting
from tabor.schema.facts import TableBase, facts_of
from tabor.schema.path import Maybe, Path
from tabor.tree.nodes import Source

M = TypeVar("M", bound=TableBase)


class Alias(Path):
    """A table under another name; type checkers see it as the table class itself."""

    if not TYPE_CHECKING:

        def select(self, *columns: object) -> Query[object]:
            """A query that starts from the table under its other name."""
            return selecting(columns, self._tabor_entity_)


def alias(table: type[M], name: str) -> type[M]:
    """The table under another name, to be joined to itself, or selected within a query on itself.

    ``name`` is an identifier, and no other table of the query may have it.  Raises ``QueryError`` for another name.

    Example::

        other = alias(Event, "other")
        same_place = Event.select(Event.title, other.title).join(other, on=other.place == Event.place)
    """
    return cast("type[M]", Alias(_source(table, name, optional=False), table))


def optional(table: type[M], name: str) -> Maybe[M]:
    """The table under another name, to be joined by ``left_join``: its row may be missing.

    Select it for the row or None, or call it with a function that picks an expression of the row; ``.inner`` is the
    table itself, for the condition of the join.  Raises ``QueryError`` for a name that is no identifier.

    Example::

        event = optional(Event, "event")
        titles = User.select(User.email, event(lambda row: row.title))
        await titles.left_join(event, on=event.inner.creator.id == User.id)     # list[tuple[str, str | None]]
    """
    return cast("Maybe[M]", Alias(_source(table, name, optional=True), table).or_none())


def _source(table: object, name: str, *, optional: bool) -> Source:
    given = table
    if not (isinstance(table, type) and issubclass(table, TableBase)):
        raise QueryError(f"A table was expected, such as Event, got {brief(given)}.")
    if not name.isidentifier():
        raise QueryError(f"The name of a table in a query is an identifier, such as other, got {brief(name)}.")
    facts = facts_of(table)
    own = facts.source
    source = Source(
        facts.name, own.token, alias=name, optional=optional, identity=facts.primary_key, renamed=own.renamed
    )
    if own.live is not None:
        source.live = node_moved_to(own.live, source)
    return source
