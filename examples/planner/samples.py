"""People and events to begin with, loaded into an empty planner; dates are counted from the day it starts."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from planner.tables import Event, User
from tabor import Database
from tabor.auth.authentication import Authentication
from tabor.auth.errors import CredentialsRefused
from tabor.auth.secret import SecretKey

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = range(7)

ANN, BEN = "ann@example.org", "ben@example.org"


class Sample(NamedTuple):
    """An event at a local time of the coming ``weekday``, or ``weeks`` after it."""

    weekday: int
    weeks: int
    begins: time
    title: str
    location: str
    tags: list[str]
    creator: str
    description: str
    poster: str | None = None


SAMPLES = (
    Sample(
        FRIDAY,
        0,
        time(19, 30),
        "Open stage at the Harbour Shed",
        "Harbour Shed, Quay 4",
        ["music", "evening"],
        ANN,
        "Ten minutes a turn for songs, poems and whatever else fits on a small stage. Put your name on the list from "
        "seven o'clock; the house has a piano, two microphones and a patient sound engineer.",
        "stage",
    ),
    Sample(
        SATURDAY,
        0,
        time(8, 0),
        "Farmers' market",
        "Old Town Square",
        ["food", "outdoors", "family"],
        BEN,
        "Vegetables, bread and cheese from farms within thirty kilometres. Bring your own bags; the coffee cart is "
        "there from the first minute.",
        "market",
    ),
    Sample(
        SUNDAY,
        0,
        time(10, 0),
        "Clean-up along the river",
        "Boathouse, Mill Lane",
        ["outdoors", "volunteers"],
        ANN,
        "Gloves and bags are provided. We walk the east bank down to the weir and have soup together afterwards.",
        "outdoors",
    ),
    Sample(
        TUESDAY,
        1,
        time(18, 0),
        "Repair café",
        "Library, second floor",
        ["workshop", "free"],
        BEN,
        "Lamps, zips, toasters, bicycles: bring what is broken and mend it with somebody who knows how. Please leave "
        "microwave ovens at home.",
        "workshop",
    ),
    Sample(
        WEDNESDAY,
        1,
        time(19, 0),
        "An evening on bees in the city",
        "Botanic Garden, lecture hall",
        ["talk", "nature"],
        ANN,
        "Dr. Mara Vogel has counted wild bees on balconies for twelve years. She tells what helps them, what only "
        "looks as if it did, and answers questions for as long as there are any.",
    ),
    Sample(
        THURSDAY,
        1,
        time(20, 0),
        "Film club: The Third Man",
        "Lux Cinema, screen 2",
        ["film", "evening"],
        BEN,
        "The 1949 print, with an introduction of five minutes and a talk in the foyer. Members bring one guest.",
    ),
    Sample(
        SATURDAY,
        1,
        time(9, 30),
        "Five-kilometre park run",
        "Victoria Park, north gate",
        ["sport", "outdoors", "free"],
        ANN,
        "Run, jog or walk. Register once, come whenever you like; volunteers to keep the time are always welcome.",
        "outdoors",
    ),
    Sample(
        SUNDAY,
        1,
        time(11, 0),
        "Puppet theatre: The Moon Who Was Afraid of the Dark",
        "Attic Theatre, Brewer's Yard",
        ["family", "theatre"],
        BEN,
        "For children from four years. Fifty minutes without a break; latecomers are let in between the scenes.",
        "stage",
    ),
    Sample(
        MONDAY,
        2,
        time(18, 30),
        "Bread for beginners",
        "Community kitchen, 12 Weaver Street",
        ["workshop", "food"],
        ANN,
        "A sourdough, a rye and a plaited loaf from start to finish. Aprons are there; take a jar for the starter. "
        "Twelve places.",
        "workshop",
    ),
    Sample(
        FRIDAY,
        2,
        time(20, 30),
        "Jazz in the courtyard: the Okonkwo Trio",
        "Museum of Trade, courtyard",
        ["music", "evening"],
        ANN,
        "Two sets under the plane trees, in the great hall if it rains. Blankets can be borrowed at the entrance.",
        "stage",
    ),
    Sample(
        SATURDAY,
        2,
        time(14, 0),
        "Street fair on Weaver Street",
        "Weaver Street, between the bridges",
        ["family", "food", "outdoors", "free"],
        BEN,
        "Forty stalls, a brass band at three, a long table for everybody in the evening. The street is closed to cars "
        "from noon.",
        "market",
    ),
    Sample(
        WEDNESDAY,
        3,
        time(17, 0),
        "Council hour: the new cycle lanes",
        "Town Hall, room 101",
        ["talk", "city"],
        BEN,
        "The planning office shows the drafts for the ring road and takes notes. Written comments are open until the "
        "end of the month.",
    ),
    Sample(
        SATURDAY,
        4,
        time(18, 0),
        "Night of the open studios",
        "Old Brewery and twenty other places",
        ["art", "evening", "free"],
        ANN,
        "Painters, potters and printers open their doors until midnight. The map with all addresses hangs at the "
        "brewery's gate.",
        "stage",
    ),
)


def sample_password(secret: SecretKey, email: str) -> str:
    """The password of a sample account: another one in each installation, so that none that is published opens it."""
    digits = secret.derive(f"planner sample {email}")[0].hex()
    return "-".join(digits[start : start + 5] for start in range(0, 20, 5))


async def load_samples(db: Database, auth: Authentication[User], secret: SecretKey) -> None:
    """Fill a planner without people, all or nothing; in any other only see to the sample accounts' passwords."""
    async with db.transaction():
        if not await User.select().exists():
            ann = await auth.sign_up(ANN, sample_password(secret, ANN), name="Riverside Club")
            ben = await auth.sign_up(BEN, sample_password(secret, BEN), name="Town Library", is_admin=True)
            today = datetime.now().astimezone().date()
            await Event.insert(*[event_of(sample, today, ann if sample.creator == ANN else ben) for sample in SAMPLES])
            return
    for email in (ANN, BEN):
        await renew_password(auth, email, sample_password(secret, email))


def event_of(sample: Sample, today: date, creator: User) -> Event:
    """The row for a sample; its day is never ``today`` but at least one later."""
    days = (sample.weekday - today.weekday() - 1) % 7 + 1 + 7 * sample.weeks
    return Event(
        title=sample.title,
        description=sample.description,
        location=sample.location,
        image=sample.poster and f"/static/posters/{sample.poster}.svg",
        tags=sample.tags,
        starts_at=datetime.combine(today + timedelta(days=days), sample.begins).astimezone(),
        creator=creator,
    )


async def renew_password(auth: Authentication[User], email: str, password: str) -> None:
    """Give a sample account its password again where another secret key made another one of it."""
    try:
        await auth.authenticate(email, password)
    except CredentialsRefused:
        user = await User.select().where(User.email == email).first()
        if user is not None:
            await auth.set_password(user, password)
