"""What a server of the HTTP part can do: start with the planner's data, say how it is asked, stop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from benchmarks.planner_data import EventValues, PlannerData
from benchmarks.servers.process import ServerProcess

POST_ONE = "POST one, signed in"
GET_ONE = "GET one"
LIST_30 = "GET list of 30"
LIST_100 = "GET list of 100"
LIST_30_TOTAL = "GET list of 30 and the total"
LIST_100_TOTAL = "GET list of 100 and the total"
WORKLOADS = (GET_ONE, LIST_30, LIST_100, LIST_30_TOTAL, LIST_100_TOTAL, POST_ONE)
"""In the order of a round: what reads comes first, so that the rows written do not count against it."""


class CannotStart(Exception):
    """A server is not installed or did not come up; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk sends: one method, the paths in turn, one body, fixed headers; ``items`` rows are to come back."""

    method: str
    paths: Sequence[str]
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    items: int | None = None


class Server(Protocol):
    """One server under load."""

    @property
    def name(self) -> str:
        """The name in the tables."""
        ...

    def start(self, folder: Path, data: PlannerData) -> int:
        """Start it with all data stored, its files in ``folder``; answer the port.

        Raises:
            CannotStart: it is not installed, or it does not answer.
        """
        ...

    def loads(self) -> Mapping[str, Load]:
        """How each workload is asked of it; one that it does not offer is missing.

        Asked anew in every round, so that a server with short-lived tokens can sign in again.
        """
        ...

    @property
    def process(self) -> ServerProcess | None:
        """Its process, once it was started."""
        ...


def event_body(event: EventValues) -> dict[str, object]:
    """An event as a client sends it; the creator is whoever is signed in."""
    return {
        "title": event.title,
        "image": event.image,
        "description": event.description,
        "location": event.location,
        "tags": event.tags,
        "starts_at": event.starts_at.isoformat(),
    }
