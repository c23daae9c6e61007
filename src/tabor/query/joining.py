"""Joins on any condition, and along relations."""

from __future__ import annotations

from functools import reduce
from typing import Any, Self, TypeVar

from typing_extensions import TypeIs

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import condition
from tabor.expression.selectable import Outer
from tabor.query.combining import MaybeNamed, Named
from tabor.query.renaming import under
from tabor.tree.nodes import ColumnNode, Comparison, Entity, Source
from tabor.tree.related import Collection
from tabor.tree.statements import Join, Select

S = TypeVar("S")


class Joining:
    """What a query has for joining further tables."""

    __slots__ = ()

    def _joined(self, table: object, on: object, *, optional: bool) -> Self:
        raise NotImplementedError

    def join(self, table: type[object] | Named, on: Expr[bool | None] | Expr[list[S]]) -> Self:
        """Join another table, or ``alias(...)`` of one, on a condition or along a relation; only rows that fit stay.

        A foreign key needs no join: ``Event.creator.email`` joins by itself.  A named query, made by ``cte()``, joins
        on a condition.  Raises ``QueryError`` for what is no table, and, when it runs, for a second table of the same
        name.

        Example::

            other = alias(Event, "other")
            Event.select(Event.title, other.title).join(other, on=other.place == Event.place)
            User.select(User.email, Event.title).join(Event, on=User.events)
        """
        return self._joined(table, on, optional=False)

    def left_join(self, table: Outer[object] | MaybeNamed, on: Expr[bool | None] | Expr[list[S]]) -> Self:
        """Join ``optional(...)`` of a table, on a condition or along a relation; rows that nothing fits stay too.

        What is selected of the joined table may be None, and its type says so.  ``optional(...)`` of a named query,
        made by ``cte()``, joins on a condition.

        Example::

            event = optional(Event, "event")
            User.select(User.email, event, event(lambda row: row.title)).left_join(event, on=User.events)
            busy = optional(cte("busy", Event.select(Event.creator.id, count).group_by(Event.creator.id)))
            User.select(User.email, busy[count]).left_join(busy, on=busy[Event.creator.id] == User.id)
        """
        return self._joined(table, on, optional=True)


def joined(statement: Select, item: object, on: object, *, optional: bool) -> Select:
    """The select with the table ``item`` joined; raises ``QueryError`` for what is no table of this kind of join."""
    if isinstance(item, (Named, MaybeNamed)):
        return _adding(statement, _named(item.source, on, optional=optional))
    entity = getattr(item, "_tabor_entity_", None)
    if not isinstance(entity, Entity):
        raise QueryError(f"A table, or an alias of one, was expected to be joined, got {brief(item)}.")
    source = entity.source
    if source.parent is not None:
        raise QueryError(f"{source.hop} is a foreign key and joins by itself where it is used; join tables by join().")
    if source.optional != optional:
        raise QueryError(
            f"left_join() takes optional({source.table.title()}, name), join() a table or alias(...) of one: what is "
            f"selected of the right side of a left join may be None."
        )
    keys = tuple([column for column in entity.columns if column.name in source.identity])
    related = on.node if _is_expression(on) else None
    if isinstance(related, Collection):
        join = _along(related, source, keys)
    else:
        node = condition(on)
        join = Join(source, node if source.live is None else Comparison("and", node, source.live), keys)
    return _adding(statement, join)


def _adding(statement: Select, join: Join) -> Select:
    return statement.arranged(joins=(*statement.joins, join))


def _named(source: Source, on: object, *, optional: bool) -> Join:
    """The join of a named query."""
    if source.optional != optional:
        raise QueryError(
            f"left_join() takes optional({source.called}), join() a named query itself or alias(...) of one: what is "
            f"selected of the right side of a left join may be None."
        )
    if _is_expression(on) and isinstance(on.node, Collection):
        raise QueryError(f"The named query {source.called!r} joins on a condition, not along a relation.")
    return Join(source, condition(on))


def _is_expression(value: object) -> TypeIs[Expr[Any]]:
    """Whether ``value`` is an expression of any type."""
    return isinstance(value, Expr)


def _along(relation: Collection, source: Source, keys: tuple[ColumnNode, ...]) -> Join:
    """The join of the table of a relation, with the conditions of that."""
    child = relation.child
    if child.source.token != source.token:
        raise QueryError(f"The relation leads to {child.source.table}, and {source.table} is what is being joined.")
    if child.limit is not None or child.offset is not None:
        raise QueryError("A join along a relation takes all of its rows; limit() and offset() cannot count there.")
    placed = under(relation.alone(), source)
    conditions = (*placed.conditions, *placed.child.where)
    on = reduce(lambda one, other: Comparison("and", one, other), conditions)
    return Join(source, on, keys, placed.child.joins)
