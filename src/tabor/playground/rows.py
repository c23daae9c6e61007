"""The rows of the playground, and how they get into a database."""

from __future__ import annotations

from datetime import UTC, datetime

from tabor.database.database import Database
from tabor.database.url import SCRATCH
from tabor.playground.tables import TABLES, Director, Event, Film, User

PEOPLE = (("ann@example.org", "Ann Moore"), ("ben@example.org", "Ben Okafor"), ("cleo@example.org", "Cleo Marin"))
EVENTS = (
    ("Open stage", "Ten minutes for everybody with an instrument.", "Lantern Hall", ["music"], (5, 2, 18)),
    ("Bicycle repair", "Bring what squeaks; tools are there.", "Mill Yard", ["workshop", "free"], (5, 4, 10)),
    ("Night market", "Food, lamps, and whatever people no longer need.", "River Quay", ["market", "food"], (5, 9, 19)),
    ("Bird walk", "Slowly around the lake, with somebody who knows.", "North Gate", ["outdoors", "free"], (5, 10, 6)),
    ("Sourdough for beginners", "Flour on every sleeve.", "Lantern Hall", ["workshop", "food"], (5, 16, 14)),
    ("String quartet", "Two hours of Haydn and a break.", "Old Chapel", ["music"], (5, 23, 20)),
    ("Garden swap", "Seedlings against stories.", "Mill Yard", ["market", "outdoors"], (5, 24, 9)),
    ("Film in the park", "It begins when it is dark.", "North Gate", ["film", "free"], (6, 6, 21)),
)
FILMS = (
    ("Sherlock Jr.", 1924, 45, "Buster Keaton"),
    ("The General", 1926, 75, "Buster Keaton"),
    ("Metropolis", 1927, 153, "Fritz Lang"),
    ("M", 1931, 111, "Fritz Lang"),
    ("City Lights", 1931, 87, "Charlie Chaplin"),
    ("Modern Times", 1936, 87, "Charlie Chaplin"),
    ("Bringing Up Baby", 1938, 102, "Howard Hawks"),
    ("His Girl Friday", 1940, 92, "Howard Hawks"),
    ("Ikiru", 1952, 143, "Akira Kurosawa"),
    ("Seven Samurai", 1954, 207, "Akira Kurosawa"),
    ("Tokyo Story", 1953, 136, "Yasujirō Ozu"),
    ("Cléo from 5 to 7", 1962, 90, "Agnès Varda"),
    ("The Gleaners and I", 2000, 82, "Agnès Varda"),
    ("Night of the Living Dead", 1968, 96, "George A. Romero"),
    ("A Trip to the Moon", 1902, None, None),
)


async def fill(db: Database) -> None:
    """Make the tables and put the rows in."""
    with db.use():
        await db.create_tables()
        people = await User.insert(*[User(email=email, name=name) for email, name in PEOPLE]).all()
        await Event.insert(
            *[
                Event(
                    title=title,
                    description=description,
                    location=location,
                    tags=tags,
                    starts_at=datetime(2030, *when, tzinfo=UTC),
                    creator=people[number % len(people)],
                )
                for number, (title, description, location, tags, when) in enumerate(EVENTS)
            ]
        )
        names = sorted({director for *_, director in FILMS if director is not None})
        directors = {row.name: row for row in await Director.insert(*[Director(name=name) for name in names]).all()}
        await Film.insert(
            *[
                Film(title=title, year=year, minutes=minutes, director=directors[name] if name is not None else None)
                for title, year, minutes, name in FILMS
            ]
        )


def playground() -> Database:
    """A database in memory for the tables of the playground, not open yet and empty.

    Example::

        async with playground() as db:
            await fill(db)
            await Event.select().order_by(Event.starts_at).first()
    """
    return Database(SCRATCH, tables=TABLES)
