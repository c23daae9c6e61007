"""The metaclass of tables: puts their classes together, and resolves their facts at first use."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from tabor.errors import SchemaError
from tabor.schema.annotations import register
from tabor.schema.column import Column
from tabor.schema.declare import Declared, declare, table_facts, tokens
from tabor.schema.facts import LinkFacts, TableBase, TableFacts, facts_of
from tabor.schema.foreign_key import ForeignKey
from tabor.schema.links import link_of
from tabor.schema.many import Many
from tabor.schema.naming import check_schema_name, check_table_name, table_name
from tabor.schema.path import Path, moved
from tabor.schema.searching import SearchIndex
from tabor.tree.names import TableName
from tabor.tree.nodes import ColumnNode, Entity, Source


class TableMeta(type):
    """Puts table classes together; what users see of it is ``Table``."""

    _declared_: dict[str, Declared]
    _links_: dict[str, ForeignKey[Any, Any]]
    _relations_: dict[str, Many[Any]]
    _searches_: dict[str, SearchIndex]
    _name_: str
    _token_: int
    _resolved_: TableFacts | None

    def __new__(
        mcs,
        class_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        name: str | None = None,
        schema: str | None = None,
    ) -> TableMeta:
        namespace.setdefault("__slots__", ())
        made = super().__new__(mcs, class_name, bases, namespace)
        if "_row_of_" in namespace:
            return made
        made._name_ = name or table_name(class_name)
        check_table_name(class_name, made._name_)
        if schema is not None:
            check_schema_name(class_name, schema)
            made._name_ = TableName(schema, made._name_)
        made._token_ = next(tokens)
        made._resolved_ = None
        if made.__init__ is not object.__init__:  # type: ignore[misc]  # compared, not called
            raise SchemaError(
                f"{class_name} has an __init__ of its own; a row is made from its columns. Give them defaults, or "
                "write a class method that makes the row."
            )
        _make_by(made, _made_first)
        made._declared_, made._links_, made._relations_, made._searches_ = {}, {}, {}, {}
        if TableBase not in bases:
            made._declared_, made._links_, made._relations_, made._searches_ = declare(made._table_)
            register(made._table_)
        return made

    def __init__(
        cls,
        class_name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        name: str | None = None,
        schema: str | None = None,
    ) -> None:
        super().__init__(class_name, bases, namespace)

    @property
    def _table_(cls) -> type[TableBase]:
        """This class, as what it is: every class made here is a ``Table``."""
        return cast("type[TableBase]", cls)

    @property
    def _tabor_entity_(cls) -> Entity:
        return cls._facts_().entity

    def _facts_(cls) -> TableFacts:
        """The resolved facts of the table, made at first use."""
        facts = cls._resolved_
        if facts is None:
            if not cls._declared_:
                raise SchemaError(f"{cls.__name__} declares no columns; annotate some, such as title: Column[str].")
            facts = cls._resolved_ = table_facts(cls._table_, cls._name_, cls._token_)
            _make_by(cls, facts.build)
        return facts

    def __repr__(cls) -> str:
        columns = ", ".join(cls._declared_)
        return f"<Table {cls.__name__}: {columns}>" if columns else super().__repr__()

    def _along_(cls, name: str, source: Source) -> object:
        """The attribute ``name`` of the table as reached by the path ``source``: a column, or a further path."""
        if name in cls._links_:
            return _landing(source, cls._link_(name))
        if name not in cls._declared_:
            if name in cls._relations_:
                return cls._relations_[name].at(source)
            if name in cls._searches_:
                return cls._searches_[name].at(source)
            known = ", ".join([*cls._declared_, *cls._links_])
            raise AttributeError(f"{cls.__name__} has no column {name!r}; it has {known}.")
        facts = cls._facts_()
        node, link = facts.nodes[name], facts.columns[name].link
        if link is None:
            if source.parent is not None and name in source.remote:
                return Column.at(_key_before(node, source.parent, source), cls._table_)
            return Column.at(moved(node, source), cls._table_)
        return _landing(source, link)

    def _link_(cls, name: str) -> LinkFacts:
        return link_of(cls._table_, name)


def _landing(source: Source, link: LinkFacts) -> object:
    """What stands for the row that a key leads to from ``source``."""
    target = facts_of(link.target)
    hop = Source(
        target.name,
        target.source.token,
        parent=source,
        hop=link.name,
        local=link.local,
        remote=link.remote,
        optional=link.nullable or source.optional,
        identity=target.primary_key,
        renamed=target.source.renamed,
    )
    path = Path(hop, target.table)
    return path.or_none() if link.nullable else path


def _key_before(node: ColumnNode, before: Source, source: Source) -> ColumnNode:
    """A part of the key of the row at the end of a path as it stands in the row before it: no join is needed."""
    local = source.local[source.remote.index(node.name)]
    return ColumnNode(before, local, node.datatype, nullable=source.optional, label=f"{source.hop}.{node.name}")


def _make_by(table: type, build: Callable[..., object]) -> None:
    """Have ``Event(...)`` call this with the class: ``__new__`` takes half of the time of a call of the metaclass."""
    type.__setattr__(table, "__new__", staticmethod(build))


def _made_first(table: TableMeta, /, *args: object, **values: object) -> object:
    """The first row of a table: its facts are resolved, and from then on their function makes the rows."""
    return table._facts_().build(table, *args, **values)  # pyright: ignore[reportPrivateUsage]  # the metaclass here
