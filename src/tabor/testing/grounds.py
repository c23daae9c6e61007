"""The databases of one test run: filled once, and given to each test as it was then."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from tabor.database.database import Database
from tabor.database.driven import drive
from tabor.database.trial import Trial, trial_for
from tabor.database.url import Driver
from tabor.engines.interface import Engine
from tabor.testing.loop_thread import LoopThread
from tabor.testing.one_transaction import OneTransaction
from tabor.testing.remote import RemoteEngine
from tabor.testing.series import shared

Prepare = Callable[[Database], Awaitable[object]]
"""Makes the tables, and the rows that every test finds."""


class Grounds:
    """All databases of a test run, by the program's database and the URL at which it is tried.

    Example::

        grounds = Grounds(folder)
        with grounds.test(db, "sqlite://", Database.create_tables, copy=False) as database:
            ...
        grounds.close()
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = LoopThread()
        self._trials: dict[str, Trial] = {}
        self._grounds: dict[tuple[Database, str, Prepare], Ground] = {}

    @contextmanager
    def test(self, database: Database, url: str, prepare: Prepare, *, copy: bool) -> Generator[Database]:
        """Open the program's database for one test: in a transaction that is rolled back, or on a copy.

        Raises ``ConfigurationError`` for a URL at which no tests can be made, ``DatabaseUnavailable`` where its server
        cannot be reached, ``DatabaseError`` where the database is open already.
        """
        key = (database, url, prepare)
        if key not in self._grounds:
            if url not in self._trials:
                self._trials[url] = trial_for(url, self._folder)
            self._grounds[key] = Ground(self._thread, self._trials[url], database, prepare)
        with self._grounds[key].test(copy=copy):
            yield database

    def close(self) -> None:
        """Disconnect, and remove the databases."""
        for ground in self._grounds.values():
            ground.close()
        for trial in self._trials.values():
            self._thread.run(trial.scratch.close())
        self._thread.close()


class Ground:
    """One program's database at one URL: a filled original to which nobody is connected, and a copy for all tests."""

    def __init__(self, thread: LoopThread, trial: Trial, database: Database, prepare: Prepare) -> None:
        self._thread = thread
        self._scratch, compiler = trial
        self._database = database
        self._original = thread.run(self._scratch.create())
        engine = self._scratch.engine(self._original, patient=False)
        self._remote = RemoteEngine(thread, engine.capabilities, engine.codecs)
        self._drive = drive(self._original, Driver(self._remote, compiler))
        self._lasting: Engine | None = None
        with database.driven_by(self._drive):
            thread.run(self._prepared(engine, prepare))

    @contextmanager
    def test(self, *, copy: bool) -> Generator[None]:
        """Have the program's database answer from here, as it was when it was filled."""
        shared().restart()
        with self._database.driven_by(self._drive):
            url = self._thread.run(self._scratch.copy(self._original)) if copy else ""
            self._thread.run(self._given(self._scratch.engine(url, patient=False) if copy else None))
            try:
                yield
            finally:
                self._thread.run(self._taken_back())
                if copy:
                    self._thread.run(self._scratch.drop(url))

    def close(self) -> None:
        """Disconnect."""
        if self._lasting is not None:
            self._thread.run(self._lasting.close())

    # --- on the thread's loop ---

    async def _prepared(self, engine: Engine, prepare: Prepare) -> None:
        await engine.open()
        self._remote.engine = engine
        try:
            async with self._database:
                await prepare(self._database)
        finally:
            self._remote.engine = None
            await engine.close()

    async def _given(self, engine: Engine | None) -> None:
        if engine is None:
            if self._lasting is None:
                lasting = self._scratch.engine(await self._scratch.copy(self._original), patient=True)
                await lasting.open()
                self._lasting = lasting
            engine = OneTransaction(self._lasting)
        await engine.open()
        self._remote.engine = engine
        await self._database.open()

    async def _taken_back(self) -> None:
        await self._database.close()
        engine, self._remote.engine = self._remote.engine, None
        assert engine is not None
        await engine.close()
