"""Several queries as one: their rows put together by a set operator, and their columns seen from outside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import copy

from tabor.errors import QueryError
from tabor.query.selection import name_of
from tabor.tree.calls import unnamed
from tabor.tree.derived import Combination, Derived, Output, SetOperator, place_names
from tabor.tree.nodes import ColumnNode, Entity, Key, Node, Source, Value
from tabor.tree.nulls import may_be_null
from tabor.tree.related import Collection, leaves
from tabor.tree.statements import Select


def combined(operator: SetOperator, left: Select, right: Select) -> Select:
    """The select of the rows of both; raises ``QueryError`` where they do not give the same columns."""
    parts = (*_chained(operator, left), right)
    for part in (left, right):
        if any(isinstance(column, Collection) for column in part.columns) or part.outline.lock:
            raise QueryError("Queries that select related rows or lock rows cannot be combined with others.")
    check_alike(parts[0], right)
    first = parts[0].columns
    body = Combination(operator, parts)
    source = Derived(body, parts[0].source, place_names(first))
    rows = [leaves(part.columns) for part in parts]
    nullable = [any(may_be_null(column) for column in place) for place in zip(*rows, strict=True)]
    columns = columns_of(source, source.names, first, nullable)
    source.outputs = {
        old.key: new
        for old, new in zip(leaves(first), leaves(columns), strict=True)
        if isinstance(new, Output) and not isinstance(old, Value)
    }
    if isinstance(parts[0].source, Derived):
        source.outputs = {**source.outputs, **_handed_on(parts[0].source.outputs, source.outputs)}
    return Select(source, columns)


def _handed_on(inner: Mapping[Key, Output], outer: Mapping[Key, Output]) -> dict[Key, Output]:
    """The columns of a combination of combinations by what the innermost query selected them by."""
    found: dict[Key, Output] = {}
    for key, output in inner.items():
        if output.key in outer:
            found[key] = copy(outer[output.key])
            found[key].given = output.given
    return found


def columns_of(
    source: Source, names: tuple[str, ...], selected: tuple[Node, ...], nullable: list[bool]
) -> tuple[Node, ...]:
    """What was selected, as it stands in the table that the select makes.

    ``names`` and ``nullable`` are for each of its leaves.
    """
    places = iter(zip(names, nullable, strict=True))
    return tuple([_seen(source, node, places) for node in selected])


class Named:
    """A named query as a table of others; ``source`` is what stands in their FROM."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        self.source: Source = source


class MaybeNamed:
    """A named query on the right side of a left join: a row of it may be missing."""

    __slots__ = ("source",)

    def __init__(self, source: Source) -> None:
        self.source: Source = source


def _chained(operator: SetOperator, left: Select) -> tuple[Select, ...]:
    """The parts of a combination by the same operator, to which another part may simply be added."""
    source = left.source
    if isinstance(source, Derived) and isinstance(source.body, Combination) and source.body.operator == operator:
        plain = Select(source, left.columns)
        if operator != "except" and plain.key == left.key and not source.name:
            return source.body.parts
    return (left,)


def _seen(source: Source, node: Node, places: Iterator[tuple[str, bool]]) -> Node:
    if isinstance(node, Entity):
        columns = [_output(source, column, *next(places)) for column in node.columns]
        entity = Entity(source, tuple(columns), node.row)
        entity.nullable = node.nullable or source.optional
        entity.key = (source.key, node.key)
        return entity
    return _output(source, node, *next(places))


def _output(source: Source, node: Node, place: str, nullable: bool) -> Output:
    column = unnamed(node)
    name, secret = (column.name, column.secret) if isinstance(column, ColumnNode) else (place, False)
    output = Output(source, place, name, node.datatype, nullable=nullable, secret=secret, label=name_of(node))
    output.given = node.values
    return output


def check_alike(left: Select, right: Select) -> None:
    """Raise ``QueryError`` where two selects do not give the same columns."""
    one, other = leaves(left.columns), leaves(right.columns)
    rows = [[column.row for column in part.columns if isinstance(column, Entity)] for part in (left, right)]
    if len(one) != len(other) or rows[0] != rows[1]:
        raise QueryError(
            f"Combined queries select the same; one selects {_shown(left)}, and the other {_shown(right)}."
        )
    for a, b in zip(one, other, strict=True):
        if a.datatype.bare.key != b.datatype.bare.key:
            raise QueryError(
                f"Combined queries select values of the same types; {name_of(a)} is {a.datatype.label}, and "
                f"{name_of(b)} is {b.datatype.label}."
            )


def _shown(statement: Select) -> str:
    return ", ".join([name_of(column) for column in statement.columns])
