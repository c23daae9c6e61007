"""``Table``: the base class of declared tables, and what a row can do."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, dataclass_transform, overload

from typing_extensions import Self

from tabor.errors import QueryError, SchemaError
from tabor.expression.expr import Expr
from tabor.query.runnable import Runnable
from tabor.query.runner import runner_for
from tabor.query.select import Query, selecting
from tabor.query.shape import ROW
from tabor.query.write import DeleteQuery, InsertQuery, Setting, UpdateQuery, as_rows, updating
from tabor.schema.annotations import tables_by_name
from tabor.schema.column import Column, column
from tabor.schema.declare import Declared, declare, key_target, table_facts, table_name, tokens
from tabor.schema.facts import TableFacts
from tabor.schema.foreign_key import key
from tabor.schema.many import Many, many
from tabor.schema.path import Maybe, Path, moved
from tabor.schema.row_class import LOADED, Check, checker, constructor
from tabor.tree.nodes import Entity, Placeholder, Source
from tabor.tree.statements import Delete, Insert, Select

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")


class TableMeta(type):
    """Puts table classes together; what users see of it is ``Table``."""

    _declared_: dict[str, Declared]
    _relations_: dict[str, Many[Any]]
    _name_: str
    _token_: int
    _resolved_: TableFacts | None
    _row_of_: type[Table] | None
    _build_: Any
    _everything_: Query[Any] | None
    _by_key_: Runnable[list[Any]] | None

    def __new__(
        mcs, class_name: str, bases: tuple[type, ...], namespace: dict[str, Any], *, name: str | None = None
    ) -> TableMeta:
        namespace.setdefault("__slots__", ())
        made = super().__new__(mcs, class_name, bases, namespace)
        if "_row_of_" in namespace:
            return made
        made._name_ = name or table_name(class_name)
        made._token_ = next(tokens)
        made._resolved_ = None
        made._row_of_ = None
        made._build_ = None
        made._everything_ = None
        made._by_key_ = None
        made._declared_, made._relations_ = {}, {}
        if bases:
            made._declared_, made._relations_ = declare(made)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # every class made here is a Table
            tables_by_name.setdefault(class_name, []).append(made)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # as above
        return made

    def __init__(cls, class_name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: object) -> None:
        super().__init__(class_name, bases, namespace)

    if not TYPE_CHECKING:

        def __call__(cls, *args, **values):
            build = cls._build_ or cls._make_build_()
            return build(*args, **values)

    @property
    def _tabor_entity_(cls) -> Entity:
        return cls._facts_().entity

    def _facts_(cls) -> TableFacts:
        """The resolved facts of the table, made at first use."""
        facts = cls._resolved_
        if facts is None:
            if not cls._declared_:
                raise SchemaError(f"{cls.__name__} declares no columns; annotate some, such as title: Column[str].")
            facts = cls._resolved_ = table_facts(cls, cls._name_, cls._token_)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # every class made here is a Table
        return facts

    def _along_(cls, name: str, source: Source) -> Any:
        """The attribute ``name`` of the table as reached by the path ``source``: a column, or a further path."""
        declared = cls._declared_.get(name)
        if declared is None:
            raise AttributeError(f"{cls.__name__} has no column {name!r}; it has {', '.join(cls._declared_)}.")
        table: Any = cls
        if isinstance(declared, Column):
            if source.parent is not None and name == source.remote[0]:
                # The key of the row at the end of a path stands in the row before it: no join is needed.
                before = source.parent
                node = table._facts_().nodes[name]
                moved_node = moved(node, before)
                moved_node.name, moved_node.nullable = source.hop, source.optional
                moved_node.key = f"{before.key}.{source.hop}"
                return Column.at(moved_node, table)
            return Column.at(moved(table._facts_().nodes[name], source), table)
        target, nullable = key_target(table, declared)
        facts = target._facts_()
        identity = facts.primary_key
        hop = Source(
            facts.name,
            facts.source.token,
            parent=source,
            hop=name,
            local=(name,),
            remote=identity,
            optional=nullable or source.optional,
            identity=identity,
        )
        path: Any = Path(hop, target)
        if not nullable:
            return path
        return Maybe(path, moved(table._facts_().nodes[name], source))

    def _declared_by_(cls, token: int) -> TableFacts:
        """The facts of the table with this token."""
        for tables in tables_by_name.values():
            for table in tables:
                if table._token_ == token:
                    return table._facts_()
        raise SchemaError(f"No table has the token {token}.")


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(column, key, many))
class Table(metaclass=TableMeta):
    """Base class of tables.  Annotate columns; make rows with keyword arguments, checked against the annotations.

    The table's name is the class name in snake case (``UserProfile`` is ``user_profile``), or
    ``class Event(Table, name="events")``.  The class docstring is the table's help text.

    Example::

        class Event(Table):
            id: Column[int] = column(primary_key=True)
            title: Column[str] = column(max_length=200)
            creator: ForeignKey[User]

        event = await Event.insert(Event(title="Pyramid Stage", creator=user)).one()
    """

    __slots__ = ()

    _build_: ClassVar[Any] = None
    _checks_: ClassVar[dict[str, Check]]

    if TYPE_CHECKING:

        @classmethod
        def _facts_(cls) -> TableFacts: ...
        @classmethod
        def _along_(cls, name: str, source: Source) -> Any: ...
        @classmethod
        def _declared_by_(cls, token: int) -> TableFacts: ...

        _declared_: ClassVar[dict[str, Declared]]
        _relations_: ClassVar[dict[str, Many[Any]]]
        _token_: ClassVar[int]
        _everything_: ClassVar[Query[Any] | None]
        _by_key_: ClassVar[Runnable[list[Any]] | None]

    def __init_subclass__(cls, *, name: str | None = None) -> None:
        super().__init_subclass__()

    @classmethod
    def _make_build_(cls) -> Any:
        facts = cls._facts_()
        table = facts.table
        cls_checks = {name: checker(table, c, c.datatype) for name, c in facts.columns.items()}
        table._checks_ = cls_checks
        table._build_ = staticmethod(constructor(table, facts.columns.values(), cls_checks, facts.new_row, facts.storage))
        return table._build_

    @classmethod
    def _checked_(cls, name: str, value: object) -> object:
        """The value to bind for the column ``name``, checked as a row's value would be; keys for references."""
        table = cls._facts_().table
        if table._build_ is None:
            table._make_build_()
        kept = table._checks_[name](value)
        return getattr(kept, "id") if cls._facts_().columns[name].key is not None and kept is not None else kept  # noqa: B009 - a Ref

    # --- queries ---

    @overload
    @classmethod
    def select(cls) -> Query[Self]: ...
    @overload
    @classmethod
    def select(cls, a: Expr[A] | type[A], /) -> Query[tuple[A]]: ...
    @overload
    @classmethod
    def select(cls, a: Expr[A] | type[A], b: Expr[B] | type[B], /) -> Query[tuple[A, B]]: ...
    @overload
    @classmethod
    def select(cls, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], /) -> Query[tuple[A, B, C]]: ...
    @overload
    @classmethod
    def select(
        cls, a: Expr[A] | type[A], b: Expr[B] | type[B], c: Expr[C] | type[C], d: Expr[D] | type[D], /
    ) -> Query[tuple[A, B, C, D]]: ...
    @overload
    @classmethod
    def select(
        cls,
        a: Expr[A] | type[A],
        b: Expr[B] | type[B],
        c: Expr[C] | type[C],
        d: Expr[D] | type[D],
        e: Expr[E] | type[E],
        /,
    ) -> Query[tuple[A, B, C, D, E]]: ...
    @overload
    @classmethod
    def select(
        cls,
        a: Expr[A] | type[A],
        b: Expr[B] | type[B],
        c: Expr[C] | type[C],
        d: Expr[D] | type[D],
        e: Expr[E] | type[E],
        f: Expr[F] | type[F],
        /,
    ) -> Query[tuple[A, B, C, D, E, F]]: ...
    @classmethod
    def select(cls, *columns: object) -> Query[Any]:
        """A query of whole rows, or of the given columns, expressions, tables across keys and related rows.

        Up to six things here; more with ``.also(...)``.  Raises ``QueryError`` for anything that cannot be selected.

        Example: ``await Event.select(Event.title, Event.creator.email)`` gives ``list[tuple[str, str]]``.
        """
        if columns:
            return selecting(columns, cls._facts_().entity)
        everything = cls._everything_
        if everything is None:
            entity = cls._facts_().entity
            everything = cls._everything_ = Query[Any](Select(entity.source, (entity,)), ROW)
        return everything

    @classmethod
    def get(cls, key: object, /) -> Coroutine[Any, Any, Self]:
        """The row with this primary key, awaited; raises ``NotFound`` where there is none.

        ``key`` is one value, or a tuple for a key of several columns.

        Example: ``event = await Event.get(5)``.
        """
        query = cls._by_key_ or cls._make_by_key_()
        return runner_for(query.statement.source).get(query, key)

    @classmethod
    def _make_by_key_(cls) -> Runnable[list[Any]]:
        facts = cls._facts_()
        if not facts.primary_key:
            raise SchemaError(f"{cls.__name__} has no primary key; read it by a condition with select().where(...).")
        nodes = [facts.nodes[name] for name in facts.primary_key]
        keys = [Placeholder(node.datatype, nullable=False) for node in nodes]
        conditions = [Expr[Any](node) == place for node, place in zip(nodes, keys, strict=True)]
        cls._by_key_ = Query[Any](Select(facts.source, (facts.entity,)), ROW).where(*conditions)
        return cls._by_key_

    @classmethod
    def insert(cls, *rows: Self) -> InsertQuery[Self]:
        """Insert these rows, all or none.  Raises ``QueryError`` for none at all or a row of another table."""
        facts = cls._facts_()
        given = as_rows(rows)
        for row in given:
            if not isinstance(row, cls):
                raise QueryError(f"{cls.__name__}.insert() takes rows made by {cls.__name__}(...), got {row!r}.")
        values = list(map(facts.extract, given))
        return InsertQuery(Insert(facts.source, facts.insertable, values, (), facts.insertable_key), facts.entity)

    @classmethod
    def update(cls, *settings: Setting) -> UpdateQuery:
        """Change columns of the rows that ``where()`` names (or of ``everything()``).

        Example: ``await Event.update(Event.capacity.to(Event.capacity - 1)).where(Event.id == 5)``.
        """
        return updating(cls._facts_().entity, settings)

    @classmethod
    def delete(cls) -> DeleteQuery:
        """Delete the rows that ``where()`` names (or ``everything()``)."""
        return DeleteQuery(Delete(cls._facts_().source))

    # --- one row ---

    async def save(self) -> None:
        """Insert this row if it is new, else write the columns that changed since it was read.

        After an insert the key is there.  Raises ``NotFound`` where the stored row is gone, and the refusals of the
        database's constraints.
        """
        await runner_for(type(self)._facts_().source).save(self)

    async def remove(self) -> None:
        """Delete this row; raises ``NotFound`` where it is gone already, ``QueryError`` where it was never saved."""
        await runner_for(type(self)._facts_().source).remove(self)

    async def refresh(self) -> None:
        """Read this row's columns again, dropping unsaved changes; raises ``NotFound`` where it is gone."""
        await runner_for(type(self)._facts_().source).refresh(self)

    if not TYPE_CHECKING:

        def __setattr__(self, name, value):
            facts = type(self)._facts_()
            if facts.table._build_ is None:
                facts.table._make_build_()
            check = facts.table._checks_.get(name)
            if check is None:
                raise AttributeError(
                    f"{facts.table.__name__} has no column {name!r}; it has {', '.join(facts.columns)}."
                )
            object.__setattr__(self, name, check(value))

        def __reduce__(self):
            facts = type(self)._facts_()
            values = {n: getattr(self, n) for n in facts.columns if hasattr(self, n)}
            return restored, (facts.table, values, getattr(self, LOADED))

    def __repr__(self) -> str:
        facts = type(self)._facts_()
        shown = [
            f"{name}={getattr(self, name)!r}"
            for name, c in facts.columns.items()
            if not c.secret and hasattr(self, name)
        ]
        return f"{facts.table.__name__}({', '.join(shown)})"


def restored(table: type[Table], values: dict[str, object], loaded: tuple[object, ...] | None) -> Table:
    """A row put together again from its values (for copying and pickling)."""
    row: Table = object.__new__(table._facts_().row)  # pyright: ignore[reportPrivateUsage]  # same module
    for name, value in values.items():
        object.__setattr__(row, name, value)
    object.__setattr__(row, LOADED, loaded)
    return row


