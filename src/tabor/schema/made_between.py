"""The table between two others that a many-to-many relation makes for itself."""

from __future__ import annotations

from typing import Annotated, Any, cast

from tabor.errors import SchemaError
from tabor.schema.between import Between, between
from tabor.schema.column import Column
from tabor.schema.facts import TableBase, facts_of
from tabor.schema.foreign_key import ForeignKey, key
from tabor.schema.options import ColumnOptions
from tabor.tree.names import bare_name, schema_of


def made_between(table: type[TableBase], target: type[TableBase], name: str, place: str) -> Between:
    """A table made for the relation ``place`` of ``table``: a key to each side, both together its primary key.

    It is called after the two sides unless it is given a ``name``, and is in the schema of ``table``.  Raises
    ``SchemaError`` where a side has no key, or a name that no column can have.
    """
    owner = facts_of(table).name
    one, other = bare_name(owner), bare_name(facts_of(target).name)
    theirs = f"other_{other}" if other == one else other
    class_name = f"{table.__name__}{target.__name__}"
    make = cast("Any", type(table))
    # The class Table stands above this module: it is the first class of its kind among the bases of every table.
    root = [base for base in table.__mro__ if isinstance(base, type(table))][-1]
    try:
        made: type[TableBase] = make(
            class_name,
            (root,),
            {
                "__module__": table.__module__,
                "__qualname__": f"{table.__qualname__}{target.__name__}",
                "__doc__": f"Which {one} belongs with which {other}.",
                **_attributes({one: table, theirs: target}),
            },
            name=name or f"{one}_{other}",
            schema=schema_of(owner) or None,
        )
        return between(made, one, theirs)
    except SchemaError as error:
        raise SchemaError(
            f"{place}: the table between cannot be made; declare it and give it by many(through=...). {error}",
            table=owner,
            column=place.rpartition(".")[2],
        ) from error


def _attributes(sides: dict[str, type[TableBase]]) -> dict[str, object]:
    """What a class declares for a foreign key to each side: for one of several columns them, and it over them.

    A column for a part of a key is called ``side_part`` and holds exactly what that part holds.
    """
    annotations: dict[str, object] = {}
    values: dict[str, object] = {}
    for side, table in sides.items():
        facts = facts_of(table)
        parts: list[Column[Any]] = []
        for part in facts.primary_key if len(facts.primary_key) > 1 else ():
            name = f"{side}_{part}"
            if name in annotations or name in sides:
                raise SchemaError(f"Two of its columns would be called {name}.")
            same = facts.columns[part]
            annotations[name] = Column[Annotated[object, same.datatype]]
            values[name] = column = Column[Any](ColumnOptions(primary_key=True, init=True, secret=same.secret))
            parts.append(column)
        annotations[side] = cast("Any", ForeignKey)[table]
        values[side] = _key_over(tuple(parts)) if parts else key(primary_key=True, on_delete="cascade")
    return {"__annotations__": annotations, **values}


def _key_over(columns: tuple[Column[Any], ...]) -> object:
    return key(columns=lambda: columns, on_delete="cascade")
