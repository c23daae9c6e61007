"""Tabor's planner, started as a person starts it, asked at its generated resource.

This is the only place that knows the example's command, addresses and answers.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

from benchmarks.environment import child_environment
from benchmarks.options import ROOT
from benchmarks.planner_data import PlannerData
from benchmarks.servers.client import Client, UnexpectedAnswer, free_port, wait_for
from benchmarks.servers.process import ServerProcess
from benchmarks.servers.server import (
    GET_ONE,
    LIST_30,
    LIST_30_TOTAL,
    LIST_100,
    LIST_100_TOTAL,
    POST_ONE,
    CannotStart,
    Load,
    event_body,
)

NAME = "Tabor"
FIRST_PAGE = "/event/?limit=1"
"""What tells that the demo is up."""
_EVENTS = "/api/event"
_EMAIL = "bench@example.org"
_PASSWORD = "planner under load 1"
_SECONDS_TO_START = 30


def start_planner(file: Path, port: int, log: Path) -> ServerProcess:
    """Start the example on ``file`` and ``port``, one worker.

    Raises:
        CannotStart: the example is not there.
    """
    examples = ROOT / "examples"
    if not (examples / "planner" / "__main__.py").exists():
        raise CannotStart("examples/planner is not there")
    command = [sys.executable, "-m", "planner", "--port", str(port), "--file", str(file)]
    return ServerProcess(command, child_environment(), log, examples)


class Planner:
    """The planner under load."""

    name = NAME

    def __init__(self) -> None:
        self.process: ServerProcess | None = None
        self._port = 0
        self._keys: list[object] = []
        self._body = b""
        self._has_totals = False

    def start(self, folder: Path, data: PlannerData) -> int:
        """Start it, sign a user up and in, store the events beside the example's own."""
        for package in ("fastapi", "uvloop", "httptools"):
            if find_spec(package) is None:
                raise CannotStart(f"{package} is not installed")
        port = free_port()
        self.process = start_planner(folder / "planner.db", port, folder / "planner.log")
        try:
            wait_for(port, FIRST_PAGE, _SECONDS_TO_START)
            with Client(port) as client:
                self._set_up(client, data)
        except (TimeoutError, UnexpectedAnswer) as late:
            raise CannotStart(f"{late} {self.process.tail()}") from late
        self._port = port
        return port

    def loads(self) -> Mapping[str, Load]:
        """The generated resource, with a token just made: it lives for ten minutes."""
        with Client(self._port) as client:
            headers = {"Authorization": f"Bearer {_sign_in(client)}", "Content-Type": "application/json"}
        loads = {
            POST_ONE: Load("POST", [_EVENTS], self._body, headers),
            GET_ONE: Load("GET", [f"{_EVENTS}/{key}" for key in self._keys]),
            LIST_30: Load("GET", [f"{_EVENTS}?limit=30"], items=30),
            LIST_100: Load("GET", [f"{_EVENTS}?limit=100"], items=100),
        }
        if self._has_totals:
            loads[LIST_30_TOTAL] = Load("GET", [f"{_EVENTS}?limit=30&count=exact"], items=30)
            loads[LIST_100_TOTAL] = Load("GET", [f"{_EVENTS}?limit=100&count=exact"], items=100)
        return loads

    def _set_up(self, client: Client, data: PlannerData) -> None:
        client.send_json("POST", "/user/signup", {"email": _EMAIL, "password": _PASSWORD, "name": "Bench"})
        token = _sign_in(client)
        keys = [client.send_json("POST", _EVENTS, event_body(event), token).json()["id"] for event in data.events]
        self._keys = [keys[key - 1] for key in data.keys(500)]
        self._body = json.dumps(event_body(data.events[0])).encode()
        self._has_totals = _offers_totals(client)


def _sign_in(client: Client) -> str:
    return client.send_form("/user/signin", {"username": _EMAIL, "password": _PASSWORD}).text("access_token")


def _offers_totals(client: Client) -> bool:
    try:
        return "total" in client.send("GET", f"{_EVENTS}?limit=1&count=exact").json()
    except UnexpectedAnswer:
        return False
