"""A gate that the reader threads pass before each piece of work, and that the writer shuts to be alone."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from threading import Condition
from types import TracebackType


class Gate:
    """Counts who is inside; shut, it lets nobody in.

    A reader works ``with gate:``.  Inline reads do not enter: they look at ``is_shut`` and are short.
    """

    def __init__(self) -> None:
        self._change = Condition()
        self._inside = 0
        self.is_shut: bool = False

    def __enter__(self) -> None:
        with self._change:
            while self.is_shut:
                self._change.wait()
            self._inside += 1

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._change:
            self._inside -= 1
            self._change.notify_all()

    def shut(self, patience: float) -> bool:
        """Let nobody in and wait at most ``patience`` seconds until nobody is inside; says whether that came true."""
        with self._change:
            self.is_shut = True
            return self._change.wait_for(lambda: self._inside == 0, patience)

    @contextmanager
    def alone(self, patience: float) -> Generator[bool, None, None]:
        """``shut`` for the length of a block, which learns whether everybody has left."""
        try:
            yield self.shut(patience)
        finally:
            self.open()

    def open(self) -> None:
        """Let everybody in again."""
        with self._change:
            self.is_shut = False
            self._change.notify_all()
