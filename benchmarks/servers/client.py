"""A small JSON client on one kept connection, for setting servers up and for looking at their answers."""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from time import monotonic, sleep
from types import TracebackType
from typing import Self, cast
from urllib.parse import urlencode


class UnexpectedAnswer(Exception):
    """A server answered something else than its setup needs."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and body."""

    status: int
    body: bytes

    def json(self) -> dict[str, object]:
        """The body as an object."""
        read: object = json.loads(self.body)
        if not isinstance(read, dict):
            raise UnexpectedAnswer(f"An object was expected, not {self.body[:100]!r}.")
        return cast("dict[str, object]", read)

    def count(self, name: str) -> int:
        """How many members one list of the body has."""
        value = self.json().get(name)
        if not isinstance(value, list):
            raise UnexpectedAnswer(f"Status {self.status} without a list {name!r}: {self.body[:200]!r}")
        return len(cast("list[object]", value))

    def text(self, name: str) -> str:
        """One text value of the body."""
        value = self.json().get(name)
        if not isinstance(value, str):
            raise UnexpectedAnswer(f"Status {self.status} without a text {name!r}: {self.body[:200]!r}")
        return value


class Client:
    """Requests to ``127.0.0.1:port``, each answered with a status under 300 or an error."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=30)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def send(self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Answer:
        """Send one request.

        Raises:
            UnexpectedAnswer: the status is not between 200 and 299.
        """
        self._connection.request(method, path, body or None, dict(headers or {}))
        answered = self._connection.getresponse()
        answer = Answer(answered.status, answered.read())
        if not 200 <= answer.status < 300:
            raise UnexpectedAnswer(f"{method} {path} answered {answer.status}: {answer.body[:300]!r}")
        return answer

    def send_json(self, method: str, path: str, value: object, token: str = "") -> Answer:
        """Send one request with a JSON body, signed in when there is a token."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.send(method, path, json.dumps(value).encode(), headers)

    def send_form(self, path: str, fields: Mapping[str, str]) -> Answer:
        """Post a form."""
        return self.send(
            "POST", path, urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, path: str, seconds: float) -> float:
    """Ask until there is an answer that is no error; give the seconds that it took.

    Raises:
        TimeoutError: there was none within ``seconds``.
    """
    start = monotonic()
    while monotonic() - start < seconds:
        connection = HTTPConnection("127.0.0.1", port, timeout=seconds)
        try:
            connection.request("GET", path)
            if connection.getresponse().status < 400:
                return monotonic() - start
        except (OSError, HTTPException):
            sleep(0.005)
        finally:
            connection.close()
    raise TimeoutError(f"Nothing answered on port {port} within {seconds:g} s.")
