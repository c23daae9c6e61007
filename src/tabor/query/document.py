"""Rows as JSON text: which fields, objects nested along foreign keys, and key values beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Union

from tabor.query.conditions import Expression
from tabor.query.runnable import Runnable
from tabor.query.select import Query
from tabor.query.shape import DOCUMENTS
from tabor.query.write import UpdateQuery
from tabor.tree.giving import giving
from tabor.tree.nodes import ColumnNode, JsonObject, Key, Node, Source
from tabor.tree.writes import Insert

Fields = Mapping[str, Union[Expression, "Nested"]]
"""What stands in an object: an expression, or an object in turn, by name."""

RawRow = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Nested:
    """An object within an object; null where ``present``, if there is one, has no value."""

    fields: Fields
    present: Expression | None = None


class Documents:
    """The rows of an answer as JSON text, and the values of their keys.

    >>> Documents(['{"id":7}'], [('{"id":7}', 7)], lambda row: row[1:]).key(0)
    (7,)
    """

    __slots__ = ("_key", "_rows", "texts")

    def __init__(self, texts: list[str], rows: Sequence[RawRow], key: Callable[[RawRow], tuple[object, ...]]) -> None:
        self.texts: list[str] = texts
        self._rows = rows
        self._key = key

    def key(self, index: int) -> tuple[object, ...]:
        """The values of the key expressions of one row."""
        return self._key(self._rows[index])


class Document:
    """What to show of each row, to be read, or given back by a write.

    ``keys`` are expressions whose values are wanted beside the text, for reading on or for an address.

        page = Document({"title": title, "creator": Nested({"name": name}, present=creator)}, [key])
        documents = await db.run(page.of(Event.select().limit(10)))
    """

    __slots__ = ("_columns",)

    def __init__(self, fields: Fields, keys: Sequence[Expression] = ()) -> None:
        self._columns: tuple[Node, ...] = (_object(fields), *[key.node for key in keys])

    def of(self, query: Query[Any]) -> Runnable[Documents]:
        """The rows of ``query`` as documents."""
        return Runnable(query.statement.arranged(columns=self._columns), DOCUMENTS, _only)

    def inserted(
        self, source: Source, columns: tuple[ColumnNode, ...], columns_key: Key, values: RawRow
    ) -> Runnable[Documents]:
        """The insert of one row with these values, which were checked, giving it back as stored."""
        return Runnable(Insert(source, columns, [values], self._columns, columns_key=columns_key), DOCUMENTS, _only)

    def updated(self, query: UpdateQuery[Any]) -> Runnable[Documents]:
        """The update, giving back the rows that it changed."""
        query.checked()
        return Runnable(giving(query.statement, self._columns), DOCUMENTS, _only)


def _object(fields: Fields, present: Node | None = None) -> JsonObject:
    pairs: list[tuple[str, Node]] = []
    for name, field in fields.items():
        if isinstance(field, Nested):
            pairs.append((name, _object(field.fields, None if field.present is None else field.present.node)))
        else:
            pairs.append((name, field.node))
    return JsonObject(tuple(pairs), present=present)


def _only(results: list[Documents]) -> Documents:
    return results[0]
