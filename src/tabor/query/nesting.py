"""Rows within rows: what is selected as objects in objects and lists of them, for dicts and JSON.

The query's own row is the object itself.  The row behind a key is an object in place of the key, and related rows are a
list under the relation's name, in the row that they belong to where that is selected too; where it is not, they stand
under their dotted path, as single columns always do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tabor.errors import QueryError
from tabor.query.selection import name_of, shown, twice
from tabor.tree.nodes import ColumnNode, Entity, JsonObject, Node, Source
from tabor.tree.related import Collection
from tabor.tree.walk import flat_fields

to_json: Callable[[Any], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
"""What stands for a value in JSON as text, with the very bytes that a database would write."""

Assemble = Callable[[Iterator[Any]], Any]
"""From the values of one row, in the order of its fields, to the nested whole."""


def has_rows(columns: Sequence[Node]) -> bool:
    """Whether rows or lists of them are selected beside other things, so that the result nests."""
    if len(columns) == 1:
        return isinstance(columns[0], Collection)
    return any(isinstance(node, (Entity, Collection)) for node in columns)


def nested(source: Source, columns: Sequence[Node], *, plain: bool) -> JsonObject:
    """The selected things of a query on ``source`` as one object, secrets left out.

    ``plain`` asks for the values of related rows as they stand in JSON.  Raises ``QueryError`` where two things would
    have the same name, and for related rows that are turned into something else.
    """
    top = _Object(None)
    rows: dict[str, _Object] = {}
    for node in columns:
        if isinstance(node, Entity):
            key = node.source.key
            if key in rows:
                raise twice(name_of(node))
            rows[key] = top if key == source.key else _Object(node)
    for node in columns:
        if isinstance(node, Entity):
            _place_row(node, top, rows)
        elif isinstance(node, Collection):
            home = rows.get(node.place.key)
            listed = _listed(node, plain=plain)
            if home is None:
                top.put(name_of(node), listed)
            else:
                home.put(node.name, listed)
        else:
            top.put(name_of(node), node)
    return top.made()


def flat(form: JsonObject) -> tuple[Node, ...]:
    """The columns that a row brings for an object."""
    return tuple(flat_fields(form))


def assembler(form: JsonObject) -> Assemble:
    """The function from the values of ``flat(form)`` to dicts in dicts."""
    fields = [(name, assembler(field) if isinstance(field, JsonObject) else _next_value) for name, field in form.fields]
    optional = form.present is not None

    def build(values: Iterator[Any]) -> dict[str, Any] | None:
        present = not optional or next(values) is not None
        made = {name: field(values) for name, field in fields}
        return made if present else None

    return build


def dicts_of(form: JsonObject) -> Callable[[list[Any]], list[Any]]:
    """The last step in Python from tuples of ``flat(form)`` to nested dicts."""
    build = assembler(form)
    return lambda rows: [build(iter(row)) for row in rows]


def json_of(form: JsonObject) -> Callable[[list[Any]], bytes]:
    """The last step in Python from tuples of ``flat(form)``, as they stand in JSON, to the text of one array."""
    build = assembler(form)
    return lambda rows: to_json([build(iter(row)) for row in rows]).encode()


class _Object:
    """An object while it is put together."""

    def __init__(self, row: Entity | None) -> None:
        self.fields: dict[str, Node | _Object] = {}
        self.present: ColumnNode | None = None
        if row is not None:
            self.take(row)
            if row.nullable:
                self.present = _telling(row)

    def take(self, row: Entity) -> None:
        """Take the columns of a row, but for a key in whose place its row stands already."""
        for column in shown(row):
            if not isinstance(self.fields.get(column.name), _Object):
                self.put(column.name, column)

    def put(self, name: str, field: Node | _Object) -> None:
        """Add a field of a new name."""
        if name in self.fields:
            raise twice(name)
        self.fields[name] = field

    def put_row(self, key: str, row: _Object) -> None:
        """Put a row in the place of the key that leads to it."""
        if isinstance(self.fields.get(key), _Object):
            raise twice(key)
        self.fields[key] = row

    def made(self) -> JsonObject:
        """The finished object."""
        fields = [(name, field.made() if isinstance(field, _Object) else field) for name, field in self.fields.items()]
        return JsonObject(tuple(fields), present=self.present)


def _place_row(entity: Entity, top: _Object, rows: dict[str, _Object]) -> None:
    row = rows[entity.source.key]
    parent = entity.source.parent
    if row is top:
        top.take(entity)
    elif parent is not None and parent.key in rows:
        rows[parent.key].put_row(entity.source.hop, row)
    else:
        top.put(name_of(entity), row)


def _listed(collection: Collection, *, plain: bool) -> Collection:
    """A relation that gives dicts, or values where single values are selected."""
    child = collection.child
    if collection.finish is not None:
        raise QueryError(f"dicts() and json() take the rows of {collection.name} without into().")
    if collection.single and not isinstance(child.columns[0], Entity):
        (item,) = child.columns
        column = _listed(item, plain=plain) if isinstance(item, Collection) else item
        return collection.giving(child.arranged(columns=(column,)), plain=plain)
    form = nested(child.source, child.columns, plain=plain)
    return collection.giving(child.arranged(columns=flat(form)), single=False, finish=dicts_of(form), plain=plain)


def _telling(row: Entity) -> ColumnNode:
    """The column whose value tells whether the row is there."""
    for column in row.columns:
        if column.name in row.source.identity or not column.nullable:
            return column
    raise QueryError(f"{row.source.table} has no column that tells whether a row is there; select single columns.")


def _next_value(values: Iterator[Any]) -> Any:
    return next(values)
