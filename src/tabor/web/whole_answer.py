"""An answer handed to the server in one piece, where nobody between wants to see its parts.

ASGI sends an answer as two messages, of which the server checks and joins every header again; for a small answer that
takes longer than making it.  A server that can do better puts a ``WholeAnswer`` into the scope.  It is used only by
addresses that the guard reaches without any other layer, and only where ``send`` is the server's own.

Such a server may also ask for an answer that needs no waiting, before it makes a task for the request: a row that
is read on the event loop is answered in half the time that way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any, Protocol

from starlette.types import Send

WHOLE_ANSWER = "tabor.whole_answer"
"""The scope key."""


JSON = b"content-type: application/json\r\n"


class WholeAnswer(Protocol):
    """Sends status, head and body of an answer; ``owner`` is the object whose method ``send`` is."""

    @property
    def owner(self) -> object:
        """The object that sends by messages."""
        ...

    def __call__(self, status: int, head: bytes, body: bytes) -> bool:
        """Send it, or answer False where it must go by messages: ``head`` is header lines, each with its line end."""
        ...


AnswerNow = Callable[[MutableMapping[str, Any], WholeAnswer], bool]
"""Answers the request of a scope in this very call, or does nothing and answers False: then it goes the usual way."""


def offered(whole: WholeAnswer | None, send: Send) -> WholeAnswer | None:
    """``whole`` where no layer between has put a ``send`` of its own in the place of the server's."""
    return whole if whole is not None and getattr(send, "__self__", None) is whole.owner else None


def header_lines(pairs: Iterable[tuple[bytes, bytes]]) -> bytes:
    r"""Headers as text; raises ``ValueError`` for a line break, which would begin another header.

    >>> header_lines([(b"location", b"/api/event/5")])
    b'location: /api/event/5\r\n'
    """
    lines = [b"%b: %b\r\n" % pair for pair in pairs]
    text = b"".join(lines)
    if not text.count(b"\n") == text.count(b"\r") == len(lines):
        raise ValueError("A header holds a line break.")
    return text
