"""``Database``: opens an engine for a set of tables and runs their queries."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from os import PathLike
from types import TracebackType
from typing import Any, Self, TypeVar, cast

from tabor.database import explaining, persistence, raw, streaming
from tabor.database.driven import Drive, Driven, drive
from tabor.database.hand_rows import Hand
from tabor.database.plans import Plan
from tabor.database.readable import readable
from tabor.database.refusals import (
    by_attributes,
    explained_check,
    explained_reference,
    explained_unique,
)
from tabor.database.related import with_related
from tabor.database.synchronous import Portal
from tabor.database.transactional import Transactional
from tabor.database.url import COMMON, Options, driver_for, url_of, without_password
from tabor.database.watching import Listener
from tabor.database.writing import written_by
from tabor.engines.interface import Engine, Row
from tabor.engines.interface import Statement as EngineStatement
from tabor.errors import (
    CheckViolation,
    DatabaseClosed,
    DatabaseError,
    ForeignKeyViolation,
    IntegrityViolation,
    QueryError,
    TransactionMisuse,
    UniqueViolation,
)
from tabor.query import runner as slot
from tabor.query.explanation import Explanation
from tabor.query.runner import Question
from tabor.query.selection import no_row, wrong_key
from tabor.query.shape import COUNT
from tabor.schema.catalog import Catalog, definition
from tabor.schema.table import Table
from tabor.tree.statements import Raw, Select, Statement
from tabor.tree.writes import Insert

R = TypeVar("R")


class Database(Transactional, Driven):
    """A database and the tables in it.

    ``url`` is ``sqlite:///planner.db`` (a file), ``sqlite:////srv/planner.db`` (an absolute path) or
    ``sqlite:///:memory:``, ``postgresql://user:password@host/planner``, or the ``Path`` of a SQLite file;
    ``tables`` are the tables that it holds.  ``options`` (``SqliteOptions`` or ``PostgresOptions``) tune
    the engine, ``watch`` are functions that are told of every statement (see ``on_statement``).
    Open it with ``async with db:``, or pass ``lifespan=db.lifespan`` to an ASGI application.

    Raises ``ConfigurationError`` for a URL that is not understood, ``SchemaError`` for tables that cannot work.

    Example::

        db = Database("sqlite:///planner.db", tables=[User, Event])
        async with db:
            await db.create_tables()
            await Event.select()
    """

    def __init__(
        self,
        url: str | PathLike[str],
        *,
        tables: Iterable[type[Table]],
        options: Options | None = None,
        watch: Iterable[Listener] = (),
    ) -> None:
        super().__init__()
        self._is_open = False
        self.catalog: Catalog = Catalog(tables)
        self._by_token = {facts.source.token: facts for facts in self.catalog}
        self._drive(drive(url_of(url), driver_for(url, options)), tuple(watch))
        self._portal = Portal(self.open, self.close)
        for token in self._by_token:
            slot.known[token] = self

    def _drive(self, driven: Drive, listeners: tuple[Listener, ...]) -> None:
        if self._is_open:
            raise DatabaseError(f"The database {without_password(self.url)} is open; close it first.")
        super()._drive(driven, listeners)
        named = self.catalog.constraint_columns().items()
        self._constraints = {self._compiler.name(constraint): place for constraint, place in named}
        keys = self.catalog.keys().items()
        self._keys = {self._compiler.name(constraint): key for constraint, key in keys}

    # --- opening and closing ---

    async def open(self) -> None:
        """Connect and claim the tables; ``async with db:`` does it."""
        await self._engine.open()
        if self._is_open:
            # It was left open in an event loop that has ended.
            self._release()
        self._is_open = True
        self._portal.opened(asyncio.get_running_loop())
        for token in self._by_token:
            slot.claim(token, self)

    async def close(self) -> None:
        """Finish what is queued and disconnect; safe to call more than once."""
        self._release()
        self._is_open = False
        self._portal.closed()
        await self._engine.close()

    def _release(self) -> None:
        for token in self._by_token:
            slot.release(token, self)

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    @asynccontextmanager
    async def lifespan(self, app: object) -> AsyncGenerator[None]:
        """For ASGI applications: ``FastAPI(lifespan=db.lifespan)`` opens the database and closes it at the end."""
        async with self:
            yield

    @contextmanager
    def use(self) -> Generator[Self]:
        """Run the queries of the block on this database, whatever database claims their tables."""
        token = slot.override.set(self)
        try:
            yield self
        finally:
            slot.override.reset(token)

    # --- tables ---

    async def create_tables(self) -> None:
        """Create the tables and indexes that do not exist yet, all or none; existing ones are left as they are."""
        statements = self._definitions()
        if statements:
            await self._engine.write([EngineStatement(sql) for sql in statements])

    def schema_sql(self) -> str:
        """The statements of ``create_tables`` as text."""
        return "\n".join([f"{sql};" for sql in self._definitions()])

    def _definitions(self) -> list[str]:
        return self._compiler.create_tables([definition(facts) for facts in self.catalog.sorted()])

    # --- running queries: the slot's contract ---

    async def run(self, question: Question[R], /) -> R:
        """Run a query and give its result; what ``await query`` and ``query.run(db)`` call."""
        statement, shape = question.statement, question.shape
        key = (statement.key, shape.key)
        plan = self._plan_for(key) or self._plans.make(key, statement, shape)
        if not plan.reads:
            return await self._write(question, plan)
        parameters = plan.encode(statement.values)
        running = self._transaction.get()
        rows = self._read_now(plan.sql, parameters) if running is None and self._read_now is not None else None
        if rows is None:
            rows = await (running or self._engine).read(plan.sql, parameters)
        if plan.collections:
            return await self._finished(question, plan, rows)
        results: Any = plan.decode(rows)  # type: ignore[misc]  # pyright: ignore[reportOptionalCall]  # a select decodes
        return results if question.finish is None else question.finish(results)

    async def run_bound(self, question: Question[R], values: tuple[object, ...], /) -> R:
        """Run a prepared query with these values in place of its own."""
        plan = self._plan_for(question) or self._plans.bound(question)
        if not plan.reads:
            return await self._write(question, plan, values)
        parameters = plan.encode(values)
        running = self._transaction.get()
        rows = self._read_now(plan.sql, parameters) if running is None and self._read_now is not None else None
        if rows is None:
            rows = await (running or self._engine).read(plan.sql, parameters)
        return await self._finished(question, plan, rows)

    def run_now(self, question: Question[R], values: tuple[object, ...], /) -> R | None:
        """What ``run_bound`` would give, where nothing has to be waited for; else ``None``, and nothing was done."""
        plan, read_now = self._plan_for(question), self._read_now
        if read_now is None or plan is None or not plan.reads or plan.collections:
            return None
        if self._transaction.get() is not None:
            return None
        rows = read_now(plan.sql, plan.encode(values))
        if rows is None:
            return None
        results: Any = plan.decode(rows)  # type: ignore[misc]  # pyright: ignore[reportOptionalCall]  # a select decodes
        return results if question.finish is None else question.finish(results)

    async def get(self, question: Question[list[R]], key: object, /) -> R:
        """Run the query that reads one row by its key; raises ``NotFound`` where there is none."""
        plan = self._plan_for(question)
        if plan is None:
            plan = self._plans.make(question, question.statement, question.shape)
        values = cast("tuple[object, ...]", key) if type(key) is tuple else (key,)
        if len(values) != len(question.statement.source.identity):
            raise QueryError(wrong_key(question.statement.source, key))  # pyright: ignore[reportUnknownArgumentType]  # a key may be any tuple
        parameters = plan.encode(values)
        running = self._transaction.get()
        rows = self._read_now(plan.sql, parameters) if running is None and self._read_now is not None else None
        if rows is None:
            rows = await (running or self._engine).read(plan.sql, parameters)
        if not rows:
            raise no_row(question.statement.source, key)  # pyright: ignore[reportUnknownArgumentType]  # a key may be any tuple
        row: R = plan.decode(rows)[0]  # type: ignore[misc]  # pyright: ignore[reportOptionalCall]  # a select decodes
        return row

    async def _rows(self, sql: str, parameters: tuple[object, ...]) -> list[Row]:
        running = self._transaction.get()
        rows = self._read_now(sql, parameters) if running is None and self._read_now is not None else None
        return await (running or self._engine).read(sql, parameters) if rows is None else rows

    async def _finished(self, question: Question[R], plan: Plan, rows: list[Row]) -> R:
        assert plan.decode is not None
        results = plan.decode(rows)
        if plan.collections:
            # The plan knows the places; what is asked for there differs from query to query of the same shape.
            results = await with_related(results, question, plan.collections, self.run)
        return cast("R", results if question.finish is None else question.finish(results))

    async def _write(
        self, question: Question[R], plan: Plan, values: tuple[object, ...] | None = None, *, stepped: bool = False
    ) -> R:
        question.checked()
        if question.steps is not None and not stepped:
            write = partial(self._write, question, plan, values, stepped=True)
            return cast("R", await question.steps(self, question, write))
        statement = question.statement
        if isinstance(statement, Insert) and not statement.rows:
            return cast("R", 0) if plan.decode is None else await self._finished(question, plan, [])
        running = self._transaction.get()
        if running is None and isinstance(statement, Select):
            raise TransactionMisuse(
                "for_update() locks rows until a transaction ends, and none is open: run the query inside of "
                "`async with db.transaction():`."
            )
        try:
            result = await written_by(running or self._engine, plan, statement, values)
        except IntegrityViolation as error:
            explained = await self._explained(error, statement, statement.values if values is None else values)
            raise (explained if error.row is None else explained.in_row(error.row)) from error.__cause__
        if plan.decode is None:
            return cast("R", result.count)
        return await self._finished(question, plan, result.rows)

    async def _explained(
        self, error: IntegrityViolation, statement: Statement, values: tuple[object, ...]
    ) -> IntegrityViolation:
        """The refusal with what only the tables know added."""
        told = self._told(error)
        if isinstance(told, CheckViolation):
            return explained_check(told, self._constraints)
        if isinstance(told, UniqueViolation):
            return explained_unique(told, self._constraints)
        if isinstance(told, ForeignKeyViolation) and not told.references:
            return await explained_reference(told, statement, values, self._by_token, self.run)
        return told

    def _told(self, error: IntegrityViolation) -> IntegrityViolation:
        return by_attributes(error, self._by_token.values(), self._keys)

    async def explain(self, question: Question[object], /, *, analyze: bool) -> Explanation:
        """The plan of a query; what ``query.explain()`` calls."""
        plan = self._plans.fresh(question.statement, question.shape)
        sql, parameters = explaining.asked(question, plan, self._compiler, analyze=analyze)
        return explaining.explained(plan, self._compiler, await self._rows(sql, parameters))

    async def together(self, work: Callable[[], Awaitable[R]], /) -> R:
        """Run ``work`` in a transaction, or in a savepoint of the current one; what writes of many rows call."""
        async with self.transaction():
            return await work()

    def stream(self, question: Question[list[R]], size: int, /) -> AsyncIterator[R]:
        """Give the rows of a query page by page; what ``query.stream()`` calls."""
        facts = self._by_token[question.statement.source.token]
        return streaming.streamed(question, facts, size, self.run)

    def run_sync(self, work: Callable[[], Awaitable[R]], /) -> R:
        """Run asynchronous work to its end from code that is not asynchronous, opening the database if need be."""
        return self._portal.run(work)

    async def save(self, row: object, /) -> None:
        """Insert a new row or write the changed columns of a stored one; what ``row.save()`` calls."""
        query = (
            persistence.inserting(row) if persistence.is_new(row) else persistence.changing(row, self._engine.codecs)
        )
        if query is not None:
            await self._adopting(row, query)

    async def remove(self, row: object, /) -> None:
        """Delete a stored row or mark it as deleted; what ``row.remove()`` calls."""
        await self._adopting(row, persistence.removing(row, self._engine.codecs))

    async def restore(self, row: object, /) -> None:
        """Take back the mark of deletion; what ``row.restore()`` calls."""
        await self._adopting(row, persistence.restoring_row(row, self._engine.codecs))

    async def _adopting(self, row: object, query: Question[list[Any]]) -> None:
        """Run a write of one row and give the row what is stored now."""
        stored = await self.run(query)
        if not stored:
            raise await persistence.missed(row, self._engine.codecs, self.run)
        self.remember([row])
        persistence.adopt(row, stored)

    async def refresh(self, row: object, /, *names: str) -> None:
        """Read a stored row again, or these columns of it; what ``row.refresh()`` calls."""
        persistence.adopt(row, await self.run(persistence.reading(row, self._engine.codecs)), names)

    # --- SQL by hand ---

    def sql(self, text: str, /, *values: object) -> raw.RawQuery[tuple[object, ...]]:
        """A query by hand: ``{}`` in the text stands for a value, which is always bound.

        Values come back as the driver gives them; ``rows(Event)`` makes stored rows of them.  Raises ``QueryError`` for
        a wrong number of values, and, when it runs, ``StatementFailed`` for what the database refuses and for a text of
        more than one statement.

        Example: ``await db.sql("select title from event where id = {}", 5).values()``.
        """
        return raw.raw_query(text, values, Hand(self._run_raw, self._opened))

    async def _run_raw(self, statement: Raw) -> list[tuple[Any, ...]]:
        plan = self._plans.fresh(statement, COUNT)
        parameters = plan.encode(statement.values)
        if plan.reads:
            return await self._rows(plan.sql, parameters)
        written, running = EngineStatement(plan.sql, parameters), self._transaction.get()
        if running is not None:
            return (await running.write(written)).rows
        return (await self._engine.write([written]))[0].rows

    def _opened(self) -> Engine:
        if not self._is_open:
            raise DatabaseClosed(f"The database {without_password(self.url)} is not open; use `async with db:`.")
        return self._watched


def _rendered(statement: Statement) -> str:
    token = statement.source.token
    database = slot.claims.get(token) or slot.known.get(token)
    return readable(statement, database.compiler if isinstance(database, Database) else COMMON)


slot.renderers.append(_rendered)
