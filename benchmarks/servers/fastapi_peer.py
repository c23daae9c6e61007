"""FastAPI over a peer: one uvicorn worker with uvloop and httptools."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from time import time

from benchmarks.environment import child_environment
from benchmarks.planner_data import PlannerData
from benchmarks.servers.client import free_port, wait_for
from benchmarks.servers.process import ServerProcess
from benchmarks.servers.server import GET_ONE, LIST_30, LIST_100, POST_ONE, CannotStart, Load, event_body
from benchmarks.servers.token import sign_token

_SECONDS_TO_START = 60
_TOKEN_SECONDS = 24 * 60 * 60


class FastApiPeer:
    """One of the applications in ``benchmarks.peers``.

    Args:
        name: the name in the tables.
        module: the application's module below ``benchmarks.peers``.
        package: the package whose absence leaves it out.
    """

    def __init__(self, name: str, module: str, package: str) -> None:
        self._name = name
        self._module = module
        self._package = package
        self.process: ServerProcess | None = None
        self._secret = secrets.token_hex(32)
        self._loads: dict[str, Load] = {}

    @property
    def name(self) -> str:
        """The name in the tables."""
        return self._name

    def start(self, folder: Path, data: PlannerData) -> int:
        """Start the application; it fills its own file."""
        for package in (self._package, "aiosqlite", "fastapi", "uvloop", "httptools"):
            if find_spec(package) is None:
                raise CannotStart(f"{package} is not installed")
        port = free_port()
        command = [sys.executable, "-m", f"benchmarks.peers.{self._module}"]
        command += ["--file", str(folder / f"{self._module}.db"), "--port", str(port)]
        environment = child_environment(BENCH_SECRET=self._secret)
        self.process = ServerProcess(command, environment, folder / f"{self._module}.log")
        try:
            wait_for(port, "/event/1", _SECONDS_TO_START)
        except TimeoutError as late:
            raise CannotStart(f"{late} {self.process.tail()}") from late
        self._loads = self._make_loads(data)
        return port

    def loads(self) -> Mapping[str, Load]:
        """Reads by anybody, writes with a token."""
        return self._loads

    def _make_loads(self, data: PlannerData) -> dict[str, Load]:
        claims = {"sub": "1", "exp": int(time()) + _TOKEN_SECONDS}
        headers = {
            "Authorization": f"Bearer {sign_token(claims, self._secret)}",
            "Content-Type": "application/json",
        }
        body = json.dumps(event_body(data.events[0])).encode()
        return {
            POST_ONE: Load("POST", ["/event/new"], body, headers),
            GET_ONE: Load("GET", [f"/event/{key}" for key in data.keys(500)]),
            LIST_30: Load("GET", ["/event/?limit=30"], items=30),
            LIST_100: Load("GET", ["/event/?limit=100"], items=100),
        }
