"""Work of every kind on the table of gigs, each task cancelled at a random moment, on any engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from random import Random

from tabor.engines.interface import Characteristics, Engine, Statement
from tabor.errors import Overloaded


class Cancelling:
    """Tasks that are cancelled; ``kept`` are the titles whose storing was confirmed.

    ``gig`` makes the statement that adds a title, ``later`` is a query of the titles after one.  Two titles are stored
    together, ``a`` and ``a inner``, or one by itself, ``a alone``.
    """

    def __init__(self, engine: Engine, gig: Callable[[str], Statement], later: str) -> None:
        self.kept: set[str] = set()
        self._engine = engine
        self._gig = gig
        self._later = later

    async def run(self, count: int, *, at_once: int, pauses: Sequence[float]) -> None:
        """Start ``count`` tasks, some at once, and cancel each, with ``pauses`` in seconds between some of them."""
        random = Random(7)
        kinds = [self._alone, self._unit, self._read, self._transaction, self._snapshot, self._lock]
        for start in range(0, count, at_once):
            tasks = [asyncio.ensure_future(random.choice(kinds)(f"n{start + index}")) for index in range(at_once)]
            for task in random.sample(tasks, at_once):
                if random.random() < 0.25:
                    await asyncio.sleep(random.choice(pauses))
                task.cancel()
                if random.random() < 0.1:
                    await asyncio.sleep(0)
                    task.cancel()
            for answer in await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 30):
                assert answer is None or isinstance(answer, (asyncio.CancelledError, Overloaded)), repr(answer)

    async def check(self) -> None:
        """What was confirmed is there, what belongs together is there whole or not at all, and the engine is well."""
        stored = {str(title) for (title,) in await self._engine.read("SELECT title FROM gig", ())}
        assert self.kept <= stored
        together = {title for title in stored if not title.endswith(" alone")}
        inner = {title for title in together if title.endswith(" inner")}
        assert together - inner == {title.removesuffix(" inner") for title in inner}
        transaction = await asyncio.wait_for(self._engine.begin(), 0.9)
        await transaction.rollback()
        await self._engine.write([self._gig("last")])
        assert self._engine.health().ok

    async def _alone(self, name: str) -> None:
        await self._engine.write([self._gig(f"{name} alone")])
        self.kept.add(f"{name} alone")

    async def _unit(self, name: str) -> None:
        await self._engine.write([self._gig(name), self._gig(f"{name} inner")])
        self.kept.update((name, f"{name} inner"))

    async def _read(self, name: str) -> None:
        await self._engine.read(self._later, (name,))

    async def _transaction(self, name: str) -> None:
        transaction = await self._engine.begin()
        try:
            await transaction.execute(self._gig(name))
            await transaction.savepoint("inner")
            await transaction.execute(self._gig(f"{name} inner"))
            await transaction.release("inner")
            await transaction.commit()
            self.kept.update((name, f"{name} inner"))
        finally:
            await transaction.rollback()

    async def _snapshot(self, name: str) -> None:
        transaction = await self._engine.begin(Characteristics(read_only=True))
        try:
            await transaction.execute(Statement("SELECT count(*) FROM gig"))
        finally:
            await transaction.rollback()

    async def _lock(self, name: str) -> None:
        held = await self._engine.lock(f"lock {name[-1]}", None)
        await held.release()
