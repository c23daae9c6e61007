"""Makes the classes behind a table's rows: the storage that decoders fill and the constructor users call.

A row is an instance of a hidden subclass of the declared table whose attributes are slots.  So reading an
attribute costs what a slot costs, ``Event.title`` on the class stays the ``Column``, and tables may inherit from
several mixins.  Code is generated once for each table, as dataclasses do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from tabor.datatypes import INT64_MAX, INT64_MIN, Array, Boolean, Bytes, DateTime, Integer, Json, Text
from tabor.errors import InvalidValue
from tabor.schema.facts import MISSING, Check, ColumnFacts, Extract, TableBase
from tabor.schema.misgiven import misgiven, number_given
from tabor.schema.reference import key_of, reference_class

LOADED = "_loaded"
"""The slot that keeps the raw values a row was read with; empty on a new row."""

_INT64 = f"{INT64_MIN} <= {{0}} <= {INT64_MAX}"


def storage_class(name: str, columns: Iterable[str]) -> type:
    """The plain class with one slot for each column."""
    return type(name, (), {"__slots__": (*columns, LOADED)})


def row_classes(table: type[TableBase], storage: type) -> tuple[type, type]:
    """The class of stored rows and the class of rows that are not stored yet.

    Only the second explains an attribute that is missing: the explanation would make every read slower.
    """
    meta = cast("Any", type(table))
    named = {"__slots__": (), "_row_of_": table, "__qualname__": table.__qualname__, "__module__": table.__module__}

    def explain(row: object, name: str) -> object:
        if name in table._declared_:  # pyright: ignore[reportPrivateUsage]  # same room
            raise AttributeError(f"This {table.__name__} has no {name!r} yet; it gets one when it is saved.")
        raise AttributeError(f"{table.__name__} has no attribute {name!r}.")

    row = meta.__new__(meta, table.__name__, (storage, table), {**named, "__doc__": table.__doc__})
    new_row = meta.__new__(meta, table.__name__, (row,), {**named, "__doc__": table.__doc__, "__getattr__": explain})
    return row, new_row


def checker(table: type[TableBase], column: ColumnFacts) -> Check:
    """The function that gives the value to keep in a row for ``column`` or raises ``InvalidValue`` naming it."""
    check, name, place, nullable = _kept(column), column.name, table.__name__, column.nullable
    secret = column.secret
    if column.read_only:
        return _refusing(place, name)

    def checked(value: object) -> object:
        if value is None:
            if nullable:
                return None
            raise InvalidValue("a value is needed here, not None", code="null", table=place, column=name)
        try:
            return check(value)
        except InvalidValue as error:
            told = error.at(place, name)
            raise (told.hidden() if secret else told) from None

    return checked


def _refusing(place: str, name: str) -> Check:
    def refused(value: object) -> object:
        reason = "it is set by the database and cannot be given"
        raise InvalidValue(reason, code="read_only", value=value, table=place, column=name)

    return refused


def _kept(column: ColumnFacts) -> Check:
    """The function from a value that is there to what a row keeps: the value as its type has it, or a reference."""
    check = column.datatype.check
    if column.key is None:
        return check
    target, target_column = column.key.target, column.key.target_column
    reference = reference_class(target)

    def referred(value: object) -> object:
        made = reference.__new__(reference)
        made.id = check(key_of(value, target, target_column))
        return made

    return referred


def _quick_test(column: ColumnFacts) -> str:
    """Source of a test that accepts the usual good value without a call, empty where there is none."""
    datatype, name = column.datatype, column.name
    test = ""
    if column.key is not None:
        return ""
    if isinstance(datatype, Integer) and datatype.minimum is None and datatype.maximum is None:
        test = f"_type({name}) is _int and {_INT64.format(name)}"
    elif isinstance(datatype, Text) and not (datatype.formed or datatype.min_length):
        bound = f" and _len({name}) <= {datatype.max_length}" if datatype.max_length is not None else ""
        test = f"_type({name}) is _str and {name}.isascii() and '\\0' not in {name}{bound}"
    elif isinstance(datatype, DateTime):
        test = f"_type({name}) is _datetime and {name}.tzinfo is _utc"
    elif isinstance(datatype, Boolean):
        test = f"_type({name}) is _bool"
    elif isinstance(datatype, Bytes) and datatype.max_length is None and not datatype.min_length:
        test = f"_type({name}) is _bytes"
    if test and column.nullable:
        test = f"{name} is None or {test}"
    return test


def _plain_texts(value: object) -> list[object] | None:
    """A copy of a list of texts that need no closer look; None for anything else, and an empty one may be either."""
    if type(value) is not list:
        return None
    items = cast("list[object]", value)
    for item in items:
        if type(item) is not str or not item.isascii() or "\0" in item:
            return None
    return items.copy()


def _quick_copy(column: ColumnFacts) -> str:
    """Source of an expression for the usual good list, false where it has to be checked, empty where there is none."""
    return f"_plain_texts({{0}}{column.name}) or " if column.datatype == Array() else ""


# What generated constructors use, under names that no column can have: a column may well be called ``type``.
_USED: dict[str, Any] = {
    "_MISSING": MISSING,
    "_bool": bool,
    "_bytes": bytes,
    "_datetime": datetime,
    "_int": int,
    "_len": len,
    "_misgiven": misgiven,
    "_plain_texts": _plain_texts,
    "_str": str,
    "_type": type,
    "_utc": UTC,
}


def constructor(
    table: type[TableBase], columns: Iterable[ColumnFacts], checks: Mapping[str, Check], new_row: type, storage: type
) -> Callable[..., TableBase]:
    """What ``Event.__new__`` becomes: keyword-only, one parameter for each column that a new row may be given."""
    namespace: dict[str, Any] = {**_USED, "_Row": new_row, "_Storage": storage}
    parameters: list[str] = []
    body: list[str] = ["if _given or _others: raise _misgiven(_table, _given, _others)", "_self = _Storage()"]
    for column in columns:
        if not column.server_set:
            namespace[f"_check_{column.name}"] = checks[column.name]
            parameters.append(_parameter(column, namespace))
            body += _attribute(column, namespace)
    body += [f"_self.{LOADED} = None", "_self.__class__ = _Row", "return _self"]
    head = f"def {table.__name__}({', '.join(['_table', '/', '*_given', *parameters, '**_others'])}):"
    exec("\n    ".join([head, *body]), namespace)  # noqa: S102 - names were checked to be identifiers
    made = cast("Callable[..., TableBase]", namespace[table.__name__])
    made.__qualname__ = table.__qualname__
    made.__module__ = table.__module__
    return made


def _parameter(column: ColumnFacts, namespace: dict[str, Any]) -> str:
    """The parameter of a constructor for a column, with its default."""
    if column.required:
        return column.name
    namespace[f"_default_{column.name}"] = column.default if column.default_factory is None else MISSING
    return f"{column.name}=_default_{column.name}"


def _attribute(column: ColumnFacts, namespace: dict[str, Any]) -> list[str]:
    """The lines of a constructor that check a value and keep it."""
    name = column.name
    lines: list[str] = []
    if column.default_factory is not None:
        namespace[f"_make_{name}"] = column.default_factory
        lines.append(f"if {name} is _MISSING: {name} = _make_{name}()")
    if column.key is not None and isinstance(column.datatype, Integer):
        namespace[f"_Ref_{name}"] = reference_class(column.key.target)
        return [
            *lines,
            f"if _type({name}) is _int and {_INT64.format(name)}:",
            f"    _self.{name} = _ref = _Ref_{name}()",
            f"    _ref.id = {name}",
            f"else: _self.{name} = _check_{name}({name})",
        ]
    quick = _quick_test(column)
    before = f"{name} if {quick} else " if quick else _quick_copy(column).format("")
    return [*lines, f"_self.{name} = {before}_check_{name}({name})"]


def extractor(columns: Iterable[ColumnFacts], checks: Mapping[str, Check]) -> Extract:
    """The function that gives the values of these columns of each of some rows, keys in place of references.

    A value that can change in place is checked again: the row does not see it change.
    """
    parts: list[str] = []
    namespace: dict[str, Any] = {"_plain_texts": _plain_texts}
    for column in columns:
        if isinstance(column.datatype, (Json, Array)):
            namespace[f"check_{column.name}"] = checks[column.name]
            parts.append(f"{_quick_copy(column).format('row.')}check_{column.name}(row.{column.name})")
        elif column.key is None:
            parts.append(f"row.{column.name}")
        elif column.nullable:
            parts.append(f"None if row.{column.name} is None else row.{column.name}.id")
        else:
            parts.append(f"row.{column.name}.id")
    values = f"({', '.join(parts)}{',' if parts else ''})"
    exec(f"def extract(rows):\n    return [{values} for row in rows]", namespace)  # noqa: S102 - as above
    return cast("Extract", namespace["extract"])


def unnumbered(extract: Extract, table: type[TableBase], columns: Iterable[ColumnFacts]) -> Extract:
    """The same for rows to be inserted, refusing a new one with a number where the database would give it another.

    It may have one until then: to be written by ``update_many()``, a row needs its key and need not be read.
    """
    column = next((column for column in columns if column.generated), None)
    if column is None:
        return extract
    name, numbered = column.name, column

    def extracted(rows: Sequence[object]) -> list[tuple[object, ...]]:
        for row in rows:
            if hasattr(row, name) and getattr(row, LOADED) is None:
                raise number_given(table, numbered, getattr(row, name))
        return extract(rows)

    return extracted
