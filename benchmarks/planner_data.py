"""The same made-up planner for every contender: users and events, equal from run to run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

EventRow = tuple[str, str | None, str, str, str, str, int]
"""The columns of a new event as SQLite stores them: tags as JSON text, the time as ISO text."""

_WHAT = ("Open stage", "Jazz supper", "Repair café", "Night market", "Book swap", "City run", "Choir rehearsal")
_WHERE = ("Town hall", "Harbour shed", "Botanic garden", "Library, second floor", "Old brewery", "School yard")
_TAGS: tuple[str, ...] = ("music", "food", "outdoors", "family", "free", "evening", "workshop", "sport")
_SENTENCE = (
    "Doors open half an hour earlier; bring a friend, and something warm to wear in case the evening turns cool."
)
_FIRST_DAY = datetime(2026, 5, 1, 18, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class UserValues:
    """One user before the database has seen it."""

    email: str
    name: str


@dataclass(frozen=True, slots=True)
class EventValues:
    """One event before the database has seen it; ``stored`` is the same for contenders that speak plain SQL."""

    title: str
    image: str | None
    description: str
    location: str
    tags: list[str]
    starts_at: datetime
    creator: int
    stored: EventRow


@dataclass(frozen=True, slots=True)
class PlannerData:
    """Users and events in the order of their keys, which start at 1."""

    users: Sequence[UserValues]
    events: Sequence[EventValues]

    def keys(self, count: int) -> list[int]:
        """Keys of stored events in an order that a cache cannot guess, the same at every call."""
        return Random(11).choices(range(1, len(self.events) + 1), k=count)

    def new_events(self, count: int) -> list[EventValues]:
        """Values for ``count`` inserts; they repeat, as no column of an event is unique."""
        events = self.events
        return [events[number % len(events)] for number in range(count)]


def make_planner(users: int = 200, events: int = 2_000) -> PlannerData:
    """Make the data, e.g. ``make_planner(2, 3)`` for two users and three events.

    Args:
        users: how many users.
        events: how many events; their creators are drawn from the users.
    """
    draw = Random(7)
    people = [UserValues(f"person{number}@example.org", f"Person {number}") for number in range(1, users + 1)]
    return PlannerData(people, [_event(draw, number, users) for number in range(1, events + 1)])


def _event(draw: Random, number: int, users: int) -> EventValues:
    title = f"{draw.choice(_WHAT)} no. {number}"
    image = f"https://example.org/poster/{number}.jpg" if number % 3 else None
    location = draw.choice(_WHERE)
    tags: list[str] = draw.sample(_TAGS, draw.randint(1, 3))
    starts_at = _FIRST_DAY + timedelta(hours=draw.randint(0, 4_000))
    creator = draw.randint(1, users)
    stored = (title, image, _SENTENCE, location, json.dumps(tags), starts_at.isoformat(), creator)
    return EventValues(title, image, _SENTENCE, location, tags, starts_at, creator, stored)
