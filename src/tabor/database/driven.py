"""The engine under a database, what is made for it, and who listens to its statements."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from time import time_ns
from typing import NamedTuple

from tabor.compile.compiler import Compiler
from tabor.database.plans import Plans
from tabor.database.url import Driver, Place, place_of, without_password
from tabor.database.watching import Listener, Watch, WatchedEngine
from tabor.engines.interface import Engine, Gauges, Health


class Drive(NamedTuple):
    """An engine at a URL, and what a database makes for it."""

    url: str
    driver: Driver
    plans: Plans
    watch: Watch
    watched: WatchedEngine


def drive(url: str, driver: Driver) -> Drive:
    """What a database needs to work with this engine."""
    engine, compiler = driver
    plans = Plans(compiler, engine)
    place = place_of(url, engine.capabilities.dialect)._replace(schema=engine.schema)
    watch = Watch(place, plans, time_ns)
    return Drive(url, driver, plans, watch, WatchedEngine(engine, watch))


class Driven:
    """A database as far as its engine goes; ``Database`` adds tables and queries."""

    url: str

    def _drive(self, driven: Drive, listeners: tuple[Listener, ...]) -> None:
        """Work with this engine from here on."""
        self._drives = driven
        self.url, self._driver, self._plans, self._watch, self._watched = driven
        self._engine, self._compiler = self._driver
        self._plan_for = self._plans.get
        self._listen(listeners)

    @contextmanager
    def driven_by(self, other: Drive) -> Generator[None]:
        """Work with another engine for a block, in which the database is opened and closed again; for tests."""
        own, listeners = self._drives, self._watch.listeners
        self._drive(other, listeners)
        try:
            yield
        finally:
            self._drive(own, listeners)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {without_password(self.url)}>"

    @property
    def engine(self) -> Engine:
        """The engine underneath."""
        return self._driver.engine

    @property
    def compiler(self) -> Compiler:
        """What turns its queries into SQL."""
        return self._compiler

    @property
    def place(self) -> Place:
        """Where the database is, without user and password."""
        return self._watch.place

    def health(self) -> Health:
        """Whether the database can serve right now, and if not, why."""
        return self._engine.health()

    def gauges(self) -> Gauges:
        """How busy the database is right now; raises ``DatabaseClosed`` where it is not open.

        Example: ``db.gauges().waiting`` is how many callers wait for a connection.
        """
        return self._engine.gauges()

    def on_statement(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with a ``StatementEvent`` after each statement, until the function given back is called.

        It runs in the task that ran the statement and must be quick; what it raises is logged by ``tabor.watch``.

        Example: ``stop = db.on_statement(lambda event: print(event.sql, event.seconds))``.
        """
        self._listen((*self._watch.listeners, listener))

        def stop() -> None:
            listeners = list(self._watch.listeners)
            if listener in listeners:
                listeners.remove(listener)
                self._listen(tuple(listeners))

        return stop

    def _listen(self, listeners: tuple[Listener, ...]) -> None:
        # Without listeners the engine is asked directly, so that nobody pays for a hook that nobody uses.
        self._watch.listeners = listeners
        self._engine = self._watched if listeners else self._driver.engine
        self._read_now = self._engine.read_now if self._engine.capabilities.reads_at_once else None
