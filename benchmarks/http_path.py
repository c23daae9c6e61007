"""HTTP under load: every server takes its turn in every round, each a process of its own on loopback."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.options import Plan
from benchmarks.planner_data import make_planner
from benchmarks.progress import notice, say
from benchmarks.series import Reading, Series
from benchmarks.servers.client import Client, UnexpectedAnswer
from benchmarks.servers.fastapi_peer import FastApiPeer
from benchmarks.servers.planner import Planner
from benchmarks.servers.pocketbase import NAME as POCKETBASE
from benchmarks.servers.pocketbase import PocketBase
from benchmarks.servers.server import WORKLOADS, CannotStart, Load, Server
from benchmarks.servers.wrk import find_wrk, run_wrk, write_plan

SQLALCHEMY = "FastAPI + SQLAlchemy"
PICCOLO = "FastAPI + Piccolo"
_WARM_UP_SECONDS = 1


@dataclass(slots=True)
class HttpPath:
    """What the part measured; ``answer_bytes`` is the size of one answer, by workload and server."""

    series: list[Series] = field(default_factory=list[Series])
    notices: list[str] = field(default_factory=list[str])
    answer_bytes: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])


@dataclass(frozen=True, slots=True)
class _Running:
    server: Server
    port: int
    folder: Path

    def plans(self) -> dict[str, Path]:
        """Files for wrk by workload, written from what the server says at this moment."""
        return {
            workload: write_plan(load, self.folder / f"{self.port} {workload}.txt")
            for workload, load in self.server.loads().items()
        }


def make_servers() -> list[Server]:
    """Everybody, in the order of the table."""
    return [
        Planner(),
        PocketBase(request_log=True),
        PocketBase(request_log=False),
        FastApiPeer(SQLALCHEMY, "sqlalchemy_app", "sqlalchemy"),
        FastApiPeer(PICCOLO, "piccolo_app", "piccolo"),
    ]


def measure_http(plan: Plan, folder: Path) -> HttpPath:
    """Start every server that is installed, run all rounds, end them.

    Args:
        plan: rounds and seconds.
        folder: where files, logs and databases go.
    """
    result = HttpPath()
    wrk = find_wrk()
    if wrk is None:
        result.notices.append(notice("HTTP is left out: wrk is not installed."))
        return result
    servers = make_servers()
    try:
        running = [up for server in servers if (up := _start(server, folder, result))]
        if running:
            _run_rounds(wrk, running, plan, result)
    finally:
        for server in servers:
            _stop(server)
    return result


def _stop(server: Server) -> None:
    if server.process is not None:
        server.process.stop()


def _start(server: Server, folder: Path, result: HttpPath) -> _Running | None:
    say(f"http: starting {server.name}")
    data = make_planner()
    try:
        port = server.start(folder, data)
        with Client(port) as client:
            for workload, load in server.loads().items():
                result.answer_bytes.setdefault(workload, {})[server.name] = _check(client, load)
    except (CannotStart, UnexpectedAnswer) as reason:
        _stop(server)
        result.notices.append(notice(f"{server.name} is left out of HTTP: {reason}."))
        return None
    return _Running(server, port, folder)


def _check(client: Client, load: Load) -> int:
    """Send one request as wrk will, look at the answer, give its size."""
    answer = client.send(load.method, load.paths[0], load.body, load.headers)
    if load.items is not None and answer.count("items") != load.items:
        raise UnexpectedAnswer(f"{load.paths[0]} does not answer {load.items} items")
    if load.method == "POST" and load.headers.get("Authorization"):
        _check_refusal(client, load)
    return len(answer.body)


def _check_refusal(client: Client, load: Load) -> None:
    """The same request with a broken token must be refused, or the sign-in is not checked at all."""
    broken = {**load.headers, "Authorization": load.headers["Authorization"][:-4] + "AAAA"}
    try:
        client.send(load.method, load.paths[0], load.body, broken)
    except UnexpectedAnswer:
        return
    raise UnexpectedAnswer(f"{load.paths[0]} takes a token with a wrong signature")


@contextmanager
def _alone(measured: _Running, running: Sequence[_Running]) -> Generator[None]:
    """The machine to one server: what the others still had to do after their turn waits, and the disk is quiet."""
    others = [up.server.process for up in running if up is not measured and up.server.process is not None]
    for process in others:
        process.pause()
    os.sync()
    try:
        yield
    finally:
        for process in others:
            process.resume()


def _run_rounds(wrk: str, running: list[_Running], plan: Plan, result: HttpPath) -> None:
    offered: set[str] = set()
    for up in running:
        say(f"http: warming {up.server.name} up")
        for workload, file in up.plans().items():
            offered.add(workload)
            run_wrk(wrk, up.port, file, _WARM_UP_SECONDS)
    result.series = [Series(name, "/s", "higher", POCKETBASE) for name in WORKLOADS if name in offered]
    for number in range(plan.http_rounds):
        say(f"http: round {number + 1} of {plan.http_rounds}")
        plans = {up.server.name: up.plans() for up in running}
        turn = number % len(running)
        for series in result.series:
            readings: dict[str, Reading] = {}
            for up in (*running[turn:], *running[:turn]):
                asked = plans[up.server.name].get(series.workload)
                with _alone(up, running):
                    reading = run_wrk(wrk, up.port, asked, plan.http_seconds) if asked else Reading(None)
                readings[up.server.name] = reading
            series.rounds.append({up.server.name: readings[up.server.name] for up in running})
