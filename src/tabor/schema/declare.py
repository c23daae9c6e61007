"""Puts a table together from its annotations: first its attributes, later (at first use) its facts."""

from __future__ import annotations

import itertools
import keyword
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, NamedTuple

from typing_extensions import Format, get_annotations

from tabor.datatypes import DataType, Integer, Uuid
from tabor.errors import InvalidValue, SchemaError
from tabor.schema.annotations import annotation_of, argument_of, datatype_of, head_of, owner_of
from tabor.schema.column import Column
from tabor.schema.facts import MISSING, Check, ColumnFacts, KeyFacts, Mark, Missing, TableBase, TableFacts
from tabor.schema.foreign_key import ForeignKey
from tabor.schema.many import Many
from tabor.schema.many_to_many import ManyToMany
from tabor.schema.naming import NAME_BYTES, check_stored_name, stored_names
from tabor.schema.options import ColumnOptions, KeyOptions, limited
from tabor.schema.row_class import checker, constructor, extractor, row_classes, storage_class, unnumbered
from tabor.schema.searching import SearchIndex, searches_by
from tabor.schema.server_set import filled_by_database, mark_source, marked_columns
from tabor.schema.uuid7 import uuid7
from tabor.tree.nodes import ColumnNode, Entity, Source

tokens: itertools.count[int] = itertools.count(1)

Declared = Column[Any] | ForeignKey[Any, Any]
KINDS: tuple[type[Any], ...] = (Column, ForeignKey, Many, ManyToMany)


def declared_by(table: type[TableBase]) -> dict[str, Declared]:
    """The columns and keys of a table by name."""
    return table._declared_  # pyright: ignore[reportPrivateUsage]  # same room


def links_by(table: type[TableBase]) -> dict[str, ForeignKey[Any, Any]]:
    """The foreign keys of several columns of a table by name."""
    return table._links_  # pyright: ignore[reportPrivateUsage]  # same room


class Attributes(NamedTuple):
    """What a class declares: columns and keys, foreign keys of several columns, relations, and search indexes."""

    columns: dict[str, Declared]
    links: dict[str, ForeignKey[Any, Any]]
    relations: dict[str, Many[Any]]
    searches: dict[str, SearchIndex]


def declare(table: type[TableBase]) -> Attributes:
    """Find the columns, keys and relations a class declares or inherits, and set each on the class.

    Raises ``SchemaError`` for a name that cannot be a column.
    """
    columns: dict[str, Declared] = {}
    relations: dict[str, Many[Any]] = {}
    for base in reversed(table.__mro__[1:]):
        for name, inherited in {**vars(base).get("_declared_", {}), **vars(base).get("_links_", {})}.items():
            columns[name] = type(inherited)(inherited.options)
        for name, relation in vars(base).get("_relations_", {}).items():
            relations[name] = type(relation)(relation.options)
    annotations: Mapping[str, object] = get_annotations(table, format=Format.FORWARDREF)
    module = vars(sys.modules[table.__module__]) if table.__module__ in sys.modules else {}
    for name, value in vars(table).items():
        if isinstance(value, KINDS) and name not in annotations:
            raise SchemaError(
                f"{table.__name__}.{name} has no annotation; write {name}: {type(value).__name__}[...] = ...",
                table=table.__name__,
                column=name,
            )
    for name, annotation in annotations.items():
        made = _declared(table, name, annotation, module)
        if isinstance(made, Many):
            relations[name] = made
        elif made is not None:
            columns[name] = made
    searches = _searches(table)
    for name, attribute in {**columns, **relations, **searches}.items():
        _bind(table, name, attribute)
    links = {n: c for n, c in columns.items() if isinstance(c, ForeignKey) and c.options.columns is not None}
    return Attributes({n: c for n, c in columns.items() if n not in links}, links, relations, searches)


def _bind(table: type[TableBase], name: str, attribute: Declared | Many[Any] | SearchIndex) -> None:
    _check_name(table, name)
    if isinstance(attribute, (Column, ForeignKey)) and attribute.options.name is not None:
        check_stored_name(table.__name__, name, attribute.options.name)
    attribute.bind(table, name)
    type.__setattr__(table, name, attribute)


def _searches(table: type[TableBase]) -> dict[str, SearchIndex]:
    """The search indexes that a class declares or inherits, each as one of its own."""
    inherited = [vars(base).get("_searches_", {}) for base in reversed(table.__mro__[1:])]
    own = {name: value for name, value in vars(table).items() if isinstance(value, SearchIndex)}
    return {name: SearchIndex(index.over) for group in (*inherited, own) for name, index in group.items()}


def _declared(
    table: type[TableBase], name: str, annotation: object, module: dict[str, Any]
) -> Declared | Many[Any] | None:
    head = head_of(annotation, module)
    value = vars(table).get(name, MISSING)
    kinds: dict[object, type[Any]] = {kind: kind for kind in KINDS}
    kind = kinds.get(head)
    if kind is None:
        if (
            isinstance(value, SearchIndex)
            or head is ClassVar
            or (name.startswith("_") and not isinstance(value, KINDS))
        ):
            return None
        raise SchemaError(
            f"{table.__name__}.{name} is annotated {annotation!r}; write Column[...], ForeignKey[...], Many[...] or "
            f"ManyToMany[...], imported at the top level of its module, or ClassVar[...] for what is no column.",
            table=table.__name__,
            column=name,
        )
    if value is MISSING and not issubclass(kind, Many):
        return kind()  # type: ignore[no-any-return]  # one of the first two classes above
    if kind is ManyToMany and type(value) is Many:
        return ManyToMany[Any](value.options)
    if type(value) is not kind:
        maker = "column" if kind is Column else "key" if kind is ForeignKey else "many"
        raise SchemaError(
            f"{table.__name__}.{name} is annotated {kind.__name__}[...] and set to {value!r}; use {maker}(...).",
            table=table.__name__,
            column=name,
        )
    return value  # type: ignore[no-any-return]  # checked to be one of these classes


def _check_name(table: type[TableBase], name: str) -> None:
    for base in table.__mro__[1:-1]:
        if not isinstance(vars(base).get(name, MISSING), (Missing, SearchIndex, *KINDS)):
            why = f"is taken by {base.__name__}.{name}"
            break
    else:
        plain = name == name.lower() and name.isidentifier() and not (name.startswith("_") or keyword.iskeyword(name))
        if plain and len(name.encode()) <= NAME_BYTES:
            return
        why = "must be lower case, no keyword, and not begin with an underscore"
        if plain:
            why = f"is longer than the {NAME_BYTES} bytes of a name"
    raise SchemaError(f"{table.__name__}.{name}: this name {why}; choose another.", table=table.__name__, column=name)


def key_target(table: type[TableBase], declared: ForeignKey[Any, Any]) -> tuple[type[TableBase], bool]:
    """The table that a foreign key leads to and whether the key may be empty."""
    place = f"{table.__name__}.{declared.name}"
    target, nullable = argument_of(annotation_of(table, declared.name), owner_of(table, declared.name), place)
    if not (isinstance(target, type) and issubclass(target, TableBase)):
        raise SchemaError(f"{place}: ForeignKey needs a table in brackets, got {target!r}.")
    return target, nullable


def column_facts(table: type[TableBase], declared: Declared) -> ColumnFacts:
    """Resolve one column; does not need the rest of the table."""
    if isinstance(declared, ForeignKey):
        return _key_facts(table, declared)
    place = f"{table.__name__}.{declared.name}"
    python_type, nullable = argument_of(annotation_of(table, declared.name), owner_of(table, declared.name), place)
    options = declared.options
    datatype = limited(datatype_of(python_type, place), options, place)
    if options.primary_key:
        return _primary_key(declared.name, datatype, nullable, options, place)
    mark: Mark = "version" if options.version else options.stamp
    return ColumnFacts(
        declared.name,
        datatype,
        nullable,
        server_default=filled_by_database(options, mark, datatype, nullable=nullable, place=place),
        computed=options.computed,
        mark=mark,
        unique=options.unique,
        index=options.index,
        secret=options.secret,
        help=options.help,
        default=options.default,
        default_factory=options.default_factory,
    )


def _primary_key(name: str, datatype: DataType, nullable: bool, options: ColumnOptions, place: str) -> ColumnFacts:
    facts = ColumnFacts(name, datatype, primary_key=True, help=options.help, default_factory=options.default_factory)
    if nullable:
        raise SchemaError(f"{place} is the primary key and cannot be empty.")
    if options.init or options.default_factory is not None:
        return facts
    if isinstance(datatype, Integer):
        return replace(facts, generated=True)
    if isinstance(datatype, Uuid):
        return replace(facts, default_factory=uuid7)
    raise SchemaError(f"{place}: a primary key that holds {datatype.label} needs init=True or a default_factory.")


def _key_facts(table: type[TableBase], declared: ForeignKey[Any, Any]) -> ColumnFacts:
    place = f"{table.__name__}.{declared.name}"
    target, nullable = key_target(table, declared)
    options: KeyOptions = declared.options
    primary = [c for c in declared_by(target).values() if c.options.primary_key]
    if len(primary) > 1:
        names = ", ".join([c.name for c in primary])
        raise SchemaError(
            f"{place}: the key of {target.__name__} is {names}; declare a column for each of them, and this key with "
            f"key(columns=lambda: (...)) over those."
        )
    if not primary:
        raise SchemaError(f"{place}: {target.__name__} needs a primary key to be referred to.")
    if options.primary_key and nullable:
        raise SchemaError(f"{place} is part of the primary key and cannot be empty.")
    if options.on_delete == "set null" and not nullable:
        raise SchemaError(
            f'{place}: on_delete="set null" needs a key that may be empty, ForeignKey[{target.__name__} | None].'
        )
    if options.on_delete == "set default" and (options.default is MISSING or options.default is None):
        raise SchemaError(
            f'{place}: on_delete="set default" needs default= with the key of the row that it leads to then; to empty '
            f'it write on_delete="set null".'
        )
    datatype = column_facts(target, primary[0]).datatype
    return ColumnFacts(
        declared.name,
        datatype,
        nullable,
        primary_key=options.primary_key,
        unique=options.unique,
        index=not options.unique,
        help=options.help,
        default=options.default,
        key=KeyFacts(target, primary[0].name, options.on_delete, deferrable=options.deferrable),
    )


def table_facts(table: type[TableBase], name: str, token: int) -> TableFacts:
    """Resolve the whole table."""
    columns = {n: column_facts(table, c) for n, c in declared_by(table).items()}
    columns = dict(sorted(columns.items(), key=lambda item: not item[1].primary_key))
    primary_key = tuple([n for n, c in columns.items() if c.primary_key])
    _check_numbering(table, columns, primary_key)
    given = {n: declared.options.name for n, declared in declared_by(table).items()}
    renamed = stored_names(table.__name__, given, searches_by(table))
    source = Source(name, token, identity=primary_key, renamed=renamed)
    nodes = {
        n: ColumnNode(source, n, c.datatype.bare, nullable=c.nullable, secret=c.secret) for n, c in columns.items()
    }
    checks = {n: checker(table, c) for n, c in columns.items()}
    _check_defaults(table, columns, checks)
    storage = storage_class(table.__name__, columns)
    row, new_row = row_classes(table, storage)
    insertable = [c for c in columns.values() if not c.server_set]
    marked = marked_columns(table, columns, nodes)
    facts = TableFacts(
        marked=marked,
        late=frozenset([c.name for c in columns.values() if c.server_default is not None and not c.read_only]),
        table=table,
        name=name,
        help=(table.__doc__ or "").strip(),
        columns=columns,
        primary_key=primary_key,
        source=source,
        nodes=nodes,
        entity=Entity(source, tuple(nodes.values())),
        storage=storage,
        row=row,
        new_row=new_row,
        insertable=tuple([nodes[c.name] for c in insertable]),
        insertable_key=tuple([nodes[c.name].key for c in insertable]),
        extract=unnumbered(extractor(insertable, checks), table, columns.values()),
        checks=checks,
        build=constructor(table, columns.values(), checks, new_row, storage),
    )
    facts.entity.row = facts
    mark_source(source, marked)
    return facts


def _check_numbering(table: type[TableBase], columns: Mapping[str, ColumnFacts], primary_key: tuple[str, ...]) -> None:
    if len(primary_key) > 1 and any(c.generated for c in columns.values()):
        raise SchemaError(
            f"{table.__name__}: only a key of one column can be numbered by the database; "
            f"declare the columns of {', '.join(primary_key)} with init=True."
        )


def _check_defaults(table: type[TableBase], columns: Mapping[str, ColumnFacts], checks: Mapping[str, Check]) -> None:
    """Raise ``SchemaError`` for a default that its own column refuses; a row made with it would fail much later."""
    for name, column in columns.items():
        if column.default is MISSING:
            continue
        try:
            checks[name](column.default)
        except InvalidValue as error:
            raise SchemaError(
                f"{table.__name__}.{name}: the default does not fit its own column: {error.reason}.",
                table=table.__name__,
                column=name,
            ) from None
