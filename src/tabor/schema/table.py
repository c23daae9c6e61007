"""``Table``: the base class of declared tables."""

from __future__ import annotations

from collections.abc import Coroutine, Sequence
from typing import Any, ClassVar, Literal, Self, TypeVar, dataclass_transform, overload

from tabor.datatypes import brief
from tabor.errors import InvalidValue, QueryError
from tabor.expression.expr import Expr
from tabor.expression.selectable import Selectable
from tabor.query.insert import ConflictTarget, InsertQuery
from tabor.query.runnable import Runnable
from tabor.query.runner import runner_for
from tabor.query.select import Query, selecting
from tabor.query.shape import ROW
from tabor.query.write import DeleteQuery, Setting, UpdateQuery, as_rows, updating
from tabor.schema.column import column
from tabor.schema.constraints import Constraint
from tabor.schema.definition import unique_over
from tabor.schema.filling import inserting_row
from tabor.schema.foreign_key import key
from tabor.schema.insert_from import Filled
from tabor.schema.many import many
from tabor.schema.meta import TableMeta
from tabor.schema.row import Row
from tabor.schema.searching import search_index
from tabor.schema.update_many import ManyRows, UpdateManyQuery, refused
from tabor.schema.upsert import finding, updating_or_creating
from tabor.tree.nodes import ColumnNode, Placeholder
from tabor.tree.statements import Select
from tabor.tree.writes import Delete, Insert

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
E = TypeVar("E")
F = TypeVar("F")
G = TypeVar("G")
H = TypeVar("H")


@dataclass_transform(kw_only_default=True, eq_default=False, field_specifiers=(column, key, many, search_index))
class Table(Filled, Row, metaclass=TableMeta):
    """Base class of tables.  Annotate columns; make rows with keyword arguments, checked against the annotations.

    The table's name is the class name in snake case (``UserProfile`` is ``user_profile``), or ``name="events"`` beside
    ``Table``; ``schema="planning"`` puts it in a schema, which SQLite, that has none, keeps as ``planning_event``.  The
    class docstring is the table's help text.

    Example::

        class Event(Table):
            id: Column[int] = column(primary_key=True)
            title: Column[str] = column(max_length=200)
            creator: ForeignKey[User]

        event = await Event.insert(Event(title="Pyramid Stage", creator=user)).one()
    """

    __slots__ = ()

    _everything_: ClassVar[Query[Any] | None]
    _by_key_: ClassVar[Query[Any] | None]

    def __init_subclass__(cls, *, name: str | None = None, schema: str | None = None) -> None:
        super().__init_subclass__()
        cls._everything_ = None
        cls._by_key_ = None

    @classmethod
    def constraints(cls) -> Sequence[Constraint]:
        """What the table promises beyond single columns: a list of ``unique()``, ``index()`` and ``check()``.

        Override it; ``cls`` is the table, so that a part can speak of the tables that take it over.  Those of the bases
        hold too, without a call of ``super()``.

        Example::

            @classmethod
            def constraints(cls) -> list[Constraint]:
                return [unique(cls.hall, cls.number), check(cls.ends_at > cls.starts_at, name="order")]
        """
        return ()

    # --- queries ---

    @overload
    @classmethod
    def select(cls) -> Query[Self]: ...
    @overload
    @classmethod
    def select(cls, a: Selectable[A] | type[A], /) -> Query[tuple[A]]: ...
    @overload
    @classmethod
    def select(cls, a: Selectable[A] | type[A], b: Selectable[B] | type[B], /) -> Query[tuple[A, B]]: ...
    @overload
    @classmethod
    def select(
        cls, a: Selectable[A] | type[A], b: Selectable[B] | type[B], c: Selectable[C] | type[C], /
    ) -> Query[tuple[A, B, C]]: ...
    @overload
    @classmethod
    def select(
        cls,
        a: Selectable[A] | type[A],
        b: Selectable[B] | type[B],
        c: Selectable[C] | type[C],
        d: Selectable[D] | type[D],
        /,
    ) -> Query[tuple[A, B, C, D]]: ...
    @overload
    @classmethod
    def select(
        cls,
        a: Selectable[A] | type[A],
        b: Selectable[B] | type[B],
        c: Selectable[C] | type[C],
        d: Selectable[D] | type[D],
        e: Selectable[E] | type[E],
        /,
    ) -> Query[tuple[A, B, C, D, E]]: ...
    @overload
    @classmethod
    def select(
        cls,
        a: Selectable[A] | type[A],
        b: Selectable[B] | type[B],
        c: Selectable[C] | type[C],
        d: Selectable[D] | type[D],
        e: Selectable[E] | type[E],
        f: Selectable[F] | type[F],
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
            everything = Query[Any](Select(entity.source, (entity,)), ROW)
            if entity.source.live is not None:
                everything.statement.where = (entity.source.live,)
            cls._everything_ = everything
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
    def _make_by_key_(cls) -> Query[Any]:
        facts = cls._facts_()
        if not facts.primary_key:
            raise QueryError(f"{cls.__name__} has no primary key; read it by a condition with select().where(...).")
        nodes = [facts.nodes[name] for name in facts.primary_key]
        keys = [Placeholder(node.datatype, nullable=False) for node in nodes]
        conditions = [Expr[Any](node) == place for node, place in zip(nodes, keys, strict=True)]
        cls._by_key_ = cls.select().where(*conditions)
        return cls._by_key_

    @overload
    @classmethod
    def insert(cls, *rows: Self) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert(cls, rows: Sequence[Self], /) -> InsertQuery[Self]: ...
    @overload
    @classmethod
    def insert(cls, *settings: Setting) -> InsertQuery[Self]: ...
    @classmethod
    def insert(cls, *rows: Self | Sequence[Self] | Setting) -> InsertQuery[Self]:
        """Insert these rows, or those of one list, all or none; or one row whose columns are set as in an update.

        Set by ``column.to(...)``, a column takes any value, a ``param()``, or an expression such as ``now()``.

        Raises ``QueryError`` for a row of another table, ``InvalidValue`` for a value that was changed in place to one
        that its column cannot hold; of many rows both name the row, counted from 0.

        Example: ``await Event.insert(*events)`` gives the number of rows.
        """
        facts = cls._facts_()
        given, new_row = as_rows(rows), facts.new_row
        for row in given:
            if type(row) is not new_row and not isinstance(row, facts.row):
                if isinstance(row, Setting):
                    return inserting_row(facts, rows)
                where = f"; row {given.index(row)}" if len(given) > 1 else ""
                raise QueryError(
                    f"{cls.__name__}.insert() takes rows made by {cls.__name__}(...){where}, got {brief(row)}."
                )
        try:
            values = facts.extract(given)
        except InvalidValue as error:
            raise refused(error, given, facts.extract) from None
        statement = Insert(facts.source, facts.insertable, values, columns_key=facts.insertable_key)
        return InsertQuery(statement, facts.entity, cls._unique_)

    @classmethod
    def _unique_(cls, name: str, columns: tuple[ColumnNode, ...]) -> ConflictTarget:
        return unique_over(cls._facts_(), name, columns)

    @classmethod
    async def get_or_create(cls, row: Self, /, *by: Expr[Any]) -> tuple[Self, bool]:
        """The stored row with the same values in the unique columns ``by``, or ``row`` inserted; and whether it was.

        A row that is there is found by one read.  Else one insert decides, which gives the stored row where another
        task was quicker, so that tasks that do the same at once get the same row and one of them made it.

        Raises ``QueryError`` where ``by`` names no column of the table or one that is empty in ``row``.

        Example: ``tag, created = await Tag.get_or_create(Tag(name="folk"), Tag.name)``.
        """
        facts, insert = cls._facts_(), cls.insert(row)
        found = await finding(insert, facts, by).first()
        return (found, False) if found is not None else await updating_or_creating(insert, facts, by, by)

    @classmethod
    def update_or_create(
        cls, row: Self, /, *by: Expr[Any], update: Sequence[Expr[Any] | Setting] = ()
    ) -> Runnable[tuple[Self, bool]]:
        """Insert ``row``, or update the stored row with the same values in the unique columns ``by``, in one statement.

        It gives the row as stored and whether it was inserted.  ``update`` are the changes, as ``on_conflict(...)``
        takes them; without it all columns of ``row`` are taken over, defaults too.

        Raises ``QueryError`` where ``by`` names no column of the table.

        Example: ``user, created = await User.update_or_create(User(email="a@x.io", name="Ann"), User.email)``.
        """
        return updating_or_creating(cls.insert(row), cls._facts_(), by, update)

    @classmethod
    def update_many(
        cls, rows: Sequence[Self], /, *columns: Expr[Any], missing: Literal["raise", "ignore"] = "raise"
    ) -> UpdateManyQuery[Self]:
        """Write these columns of the rows (of none given: all), each by its key; gives the number of stored rows.

        One statement takes up to 1,024 rows; all of them are written, or none.  Afterwards the rows hold what is
        stored; ``returning()`` gives it.  A row that was not read before needs its key only.  A table with a version
        writes a row that was read only as it was read.

        Raises ``RowsNotFound`` with the keys that no stored row has, where ``missing`` is not ``"ignore"``,
        ``StaleRow`` with the keys of rows that somebody else changed since they were read, and
        ``QueryError`` for two rows with the same key or a row without one.

        Example: ``await Event.update_many(events, Event.price, Event.title)``.
        """
        return UpdateManyQuery(ManyRows(cls._facts_(), rows, columns, missing))

    @classmethod
    def update(cls, *settings: Setting) -> UpdateQuery[Self]:
        """Change columns of the rows that ``where()`` names (or of ``everything()``).

        Example: ``await Event.update(Event.capacity.to(Event.capacity - 1)).where(Event.id == 5)``.
        """
        return updating(cls._facts_().entity, settings)

    @classmethod
    def delete(cls) -> DeleteQuery[Self]:
        """Delete the rows that ``where()`` names (or ``everything()``)."""
        return DeleteQuery(Delete(cls._facts_().source), cls._facts_().entity)
