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
from itertools import count
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
            first = asyncio.Event()
            load = asyncio.create_task(write_together(server, token, number, acknowledged, first))
            await asyncio.wait_for(first.wait(), START_SECONDS)
            await asyncio.sleep(chance.uniform(0.0, LOAD_SECONDS))
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


async def write_together(server: Server, token: str, number: int, acknowledged: set[str], first: asyncio.Event) -> None:
    """Create events from many callers at once until the server is gone."""
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=server.address, headers=headers) as client:
        callers = [write(client, f"{number}-{caller}", acknowledged, first) for caller in range(CALLERS)]
        await asyncio.gather(*callers)


async def write(client: httpx.AsyncClient, prefix: str, acknowledged: set[str], first: asyncio.Event) -> None:
    """Create one event after the other until the server is gone; remember those it answered with 201."""
    for number in count():
        title = f"{prefix}-{number}"
        event = {"title": title, "description": "d", "location": "l", "starts_at": "2030-01-01T10:00:00Z"}
        try:
            answer = await client.post("/api/event", json=event)
        except httpx.TransportError:
            return
        assert answer.status_code == 201, answer.text
        acknowledged.add(title)
        first.set()


async def stored_titles(file: Path) -> set[str]:
    """The titles that are in the file."""
    async with Database(f"sqlite:///{file}", tables=[User, Event]):
        return set(await Event.select(Event.title).values())
