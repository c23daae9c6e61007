"""The contract of a place where databases for tests are made, copied and dropped."""

from __future__ import annotations

from abc import ABC, abstractmethod

from tabor.engines.interface import Engine


class Scratch(ABC):
    """A place with databases that belong to nobody else; ``close`` leaves none behind."""

    @abstractmethod
    async def create(self) -> str:
        """The URL of a new, empty database."""

    @abstractmethod
    async def copy(self, url: str) -> str:
        """The URL of a copy of a database to which nobody is connected."""

    @abstractmethod
    async def drop(self, url: str) -> None:
        """Remove a database to which nobody is connected any more."""

    @abstractmethod
    def engine(self, url: str, *, patient: bool) -> Engine:
        """An engine for one of the databases, not open yet; a ``patient`` one keeps a transaction open for a day."""

    @abstractmethod
    async def close(self) -> None:
        """Remove everything that was made here."""
