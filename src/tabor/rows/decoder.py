"""Makes the function that turns raw tuples into results, generated once for each shape.

Generated because it runs for every row of every query: it unpacks the tuple, converts only what needs it, and
fills the slots of a row without a call for each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from tabor.datatypes import Array, Json
from tabor.engines.interface import Codecs, Row
from tabor.errors import InvalidValue
from tabor.query.shape import ROW, Parted, PartedRows, Shape
from tabor.rows.arrow import arrow_decoder
from tabor.rows.json_text import json_builder, plain_decoder
from tabor.rows.stored_values import Stored
from tabor.schema.facts import TableFacts, telling_column
from tabor.schema.reference import reference_class
from tabor.schema.row_class import LOADED
from tabor.tree.nodes import ColumnNode, Entity, JsonObject, Node, Operation
from tabor.tree.related import Collection

Decode = Callable[[list[Row]], list[Any]]


def decoder(columns: Sequence[Node], shape: Shape, codecs: Codecs, built_here: JsonObject | None = None) -> Decode:
    """The function from the raw rows of these columns to results of this shape.

    For the shape ``json`` the database has built the text, but where the object is to be ``built_here``.
    """
    if isinstance(shape, Parted):
        return _parted(columns, shape.inner, codecs, built_here)
    if built_here is not None:
        return json_builder(built_here, codecs)
    if shape.kind == "arrow":
        return arrow_decoder(columns, shape.names, codecs)
    if shape.kind == "plain":
        return plain_decoder(columns, len(shape.names), codecs)
    return _ready_json if shape.kind == "json" else _Writer(columns, shape, codecs).made()


def _parted(columns: Sequence[Node], inner: Shape, codecs: Codecs, built_here: JsonObject | None) -> Decode:
    entity = columns[0]
    assert isinstance(entity, Entity)
    width = len(entity.columns)
    stored, beside = decoder([entity], ROW, codecs), decoder(columns[1:], inner, codecs, built_here)
    return lambda rows: [PartedRows(stored([row[:width] for row in rows]), [row[width:] for row in rows], beside)]


def _ready_json(rows: list[Row]) -> list[Any]:
    return [cast("str", text).encode() for (text,) in rows]


class _Writer:
    """Writes the source of one decoder."""

    def __init__(self, columns: Sequence[Node], shape: Shape, codecs: Codecs) -> None:
        self._columns = columns
        self._shape = shape
        self._codecs = codecs
        self._names: list[str] = []
        self._body: list[str] = []
        self._stored = Stored()
        self._namespace: dict[str, Any] = {"InvalidValue": InvalidValue, "refuse": self._stored.refuse}
        self._converts = False

    def made(self) -> Decode:
        """The finished function."""
        items = [self._item(column) for column in self._columns]
        if not self._converts and self._shape.kind == "tuple":
            return _as_they_are
        exec(self._source(self._result(items)), self._namespace)  # noqa: S102 - generated from numbers and checked column names
        return cast("Decode", self._namespace["decode"])

    def _source(self, result: str) -> str:
        unpacked = f"{', '.join(self._names)}," if self._names else "_"
        lines = [
            "def decode(rows):",
            "    out = []",
            "    append = out.append",
            # Costs nothing until something is raised.
            "    try:",
            "        for row in rows:",
            f"            {unpacked} = row",
            *[f"            {line}" for line in self._body],
            f"            append({result})",
            "    except InvalidValue as error:",
            "        refuse(row, error)",
            "    return out",
        ]
        return "\n".join(lines)

    def _result(self, items: list[str]) -> str:
        kind = self._shape.kind
        if kind in ("row", "value"):
            return items[0]
        if kind == "dict":
            pairs = zip(self._shape.names, items, strict=True)
            return "{" + ", ".join([f"{name!r}: {item}" for name, item in pairs]) + "}"
        return f"({', '.join(items)},)"

    def _item(self, column: Node) -> str:
        if isinstance(column, Entity):
            return self._entity(column)
        if isinstance(column, Collection) and len(column.owner) > 1:
            return self._key(column)
        return self._value(column)

    def _key(self, collection: Collection) -> str:
        """The key of several columns that related rows are fetched by, None where a part of it is."""
        self._converts = True
        start = len(self._names)
        key = f"({', '.join([self._value(column) for column in collection.owner])})"
        missing = " or ".join([f"{name} is None" for name in self._names[start:]])
        return f"(None if {missing} else {key})" if collection.nullable else key

    def _fresh(self) -> str:
        name = f"c{len(self._names)}"
        self._names.append(name)
        return name

    def _value(self, column: Node) -> str:
        name = self._fresh()
        codec = self._codecs.decoder(column.datatype)
        if codec is None:
            return name
        self._converts = True
        self._namespace[f"d_{name}"] = codec
        self._stored.note(len(self._names) - 1, codec, column)
        call, same = f"d_{name}({name})", self._codecs.same(column.datatype)
        if same:
            call = f"({name} if {same.format(name)} else {call})"
        # A condition may be neither true nor false, whatever it is made of.
        nullable = column.nullable or isinstance(column, Operation)
        return f"(None if {name} is None else {call})" if nullable else call

    def _entity(self, entity: Entity) -> str:
        facts = entity.row
        assert isinstance(facts, TableFacts)
        self._converts = True
        start = len(self._names)
        made = f"o{start}"
        self._namespace[f"Storage{start}"] = facts.storage
        self._namespace[f"Row{start}"] = facts.row
        lines = [f"{made} = Storage{start}()"]
        for column in entity.columns:
            lines += self._attribute(facts, column, made)
        whole = "row" if len(self._columns) == 1 else f"row[{start}:{len(self._names)}]"
        lines += [f"{made}.{LOADED} = {whole}", f"{made}.__class__ = Row{start}"]
        if entity.nullable:
            position = [column.name for column in entity.columns].index(telling_column(facts))
            lines = [
                f"if c{start + position} is None:",
                f"    {made} = None",
                "else:",
                *[f"    {line}" for line in lines],
            ]
        self._body += lines
        return made

    def _attribute(self, facts: TableFacts, column: ColumnNode, made: str) -> list[str]:
        value = self._value(column)
        if value == self._names[-1] and isinstance(column.datatype, Array):
            # The driver's own list stays as it was read, to tell what changed.
            if isinstance(column.datatype.item, (Array, Json)):
                self._namespace["copied"] = _copied
                value = f"copied({value})"
            else:
                copied = f"{value}.copy()"
                value = f"(None if {value} is None else {copied})" if column.nullable else copied
        key = facts.columns[column.name].key
        if key is None:
            return [f"{made}.{column.name} = {value}"]
        name = self._names[-1]
        self._namespace[f"Ref_{name}"] = reference_class(key.target)
        lines = [f"{made}.{column.name} = r_{name} = Ref_{name}()", f"r_{name}.id = {value}"]
        if not facts.columns[column.name].nullable:
            return lines
        return [f"if {name} is None:", f"    {made}.{column.name} = None", "else:", *[f"    {line}" for line in lines]]


def _copied(value: object) -> object:
    return [_copied(item) for item in cast("list[object]", value)] if isinstance(value, list) else value


def _as_they_are(rows: list[Row]) -> list[Any]:
    return rows
