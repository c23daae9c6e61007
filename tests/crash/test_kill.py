"""The server is killed under load, again and again, and no write that it acknowledged is ever missing."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from planner.tables import Event, User

from tabor import Database

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
KILLS = 50
MANY_KILLS = 500
CALLERS = 16
LOAD_SECONDS = 0.25
START_SECONDS = 20.0


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Server:
    """The planner in a process of its own, on one file, to be killed and started again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.file = folder / "planner.db"
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        paths = [str(ROOT / "examples"), str(ROOT / "src")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
        command = [sys.executable, "-m", "planner", "--port", str(self.port), "--file", str(self.file)]
        self._process = subprocess.Popen(
            command, cwd=self._folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            assert self._process.poll() is None, "the server ended while it started"
            try:
                if httpx.get(f"{self.address}/event/?limit=1").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        pytest.fail(f"the server did not answer within {START_SECONDS:g} s")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


async def test_every_acknowledged_write_survives_kill_after_kill(tmp_path: Path, long_run: bool) -> None:
    """What was answered with 201 is in the file after SIGKILL under load, and the file opens each time."""
    server = Server(tmp_path)
    server.start()
    token = await signed_in(server)
    acknowledged: set[str] = set()
    chance = random.Random(20261121)
    kills = MANY_KILLS if long_run else KILLS
    try:
        for number in range(kills):
            before = len(acknowledged)
            load = asyncio.gather(*[write(server, token, f"{number}-{caller}", acknowledged) for caller in range(CALLERS)])
            await asyncio.sleep(chance.uniform(0.02, LOAD_SECONDS))
            await wait_for_first(acknowledged, before)
            server.kill()
            await load
            missing = acknowledged - await stored_titles(server.file)
            assert not missing, f"lost after kill {number + 1}: {sorted(missing)[:5]}"
            server.start()
    finally:
        server.kill()
    assert len(acknowledged) >= kills


async def signed_in(server: Server) -> str:
    """A token of a new user of the server."""
    async with httpx.AsyncClient(base_url=server.address) as client:
        password = "correct horse battery staple 7"
        account = {"email": "crash@example.com", "password": password, "name": "Crash"}
        assert (await client.post("/user/signup", json=account)).status_code == 201
        answer = await client.post("/user/signin", data={"username": account["email"], "password": password})
        return str(answer.json()["access_token"])


async def write(server: Server, token: str, prefix: str, acknowledged: set[str]) -> None:
    """Create events one after the other until the server is gone; remember those it answered with 201."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.address, headers=headers) as client:
        number = 0
        while True:
            title = f"{prefix}-{number}"
            event = {"title": title, "description": "d", "location": "l", "starts_at": "2030-01-01T10:00:00Z"}
            try:
                answer = await client.post("/api/event", json=event)
            except httpx.TransportError:
                return
            assert answer.status_code == 201, answer.text
            acknowledged.add(title)
            number += 1


async def wait_for_first(acknowledged: set[str], before: int) -> None:
    """Wait until something was acknowledged in this round, so that there is something to lose."""
    deadline = time.monotonic() + START_SECONDS
    while len(acknowledged) == before and time.monotonic() < deadline:
        await asyncio.sleep(0.01)


async def stored_titles(file: Path) -> set[str]:
    """The titles that are in the file."""
    async with Database(f"sqlite:///{file}", tables=[User, Event]):
        return set(await Event.select(Event.title).values())
