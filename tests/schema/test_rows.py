"""Tests of rows: how they are made, checked, shown, copied and sent elsewhere."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, cast

import pytest

from tabor import Column, Database, InvalidValue, QueryError, SchemaError, Table, ValueOutOfRange, column
from tests.festival import Gig, Mood, Person, Stage, ann

pytestmark = pytest.mark.anyio


def test_defaults() -> None:
    """A new row has its defaults, lists of its own among them, and no key yet."""
    one, two = Gig(title="x", booker=1), Gig(title="y", booker=1)
    assert (one.note, one.seats, one.fee, one.mood, one.genres, one.sound) == (None, 0, Decimal(0), Mood.loud, [], None)
    one.genres.append("folk")
    assert two.genres == []
    with pytest.raises(AttributeError, match=r"^This Gig has no 'id' yet; it gets one when it is saved\.$"):
        _ = one.id


def test_moments_are_kept_in_utc() -> None:
    """A moment of any zone is the same moment in UTC."""
    start = datetime(2026, 7, 1, 22, tzinfo=timezone(timedelta(hours=2)))
    gig = Gig(title="x", booker=1, starts_at=start)
    assert gig.starts_at == start
    assert gig.starts_at is not None
    assert gig.starts_at.isoformat() == "2026-07-01T20:00:00+00:00"


async def test_references(db: Database) -> None:
    """A key takes a key, a row or a reference, and gives a reference that reads the row when awaited."""
    person = await ann()
    by_key, by_row = Gig(title="x", booker=person.id), Gig(title="x", booker=person)
    by_reference = Gig(title="x", booker=by_key.booker)
    assert by_key.booker == by_row.booker == by_reference.booker
    assert {by_key.booker, by_row.booker} == {by_reference.booker}
    assert (repr(by_row.booker), (await by_row.booker).name) == (f"Ref(Person, {person.id})", "Ann")
    stage = Stage(name="Main", owner=person)
    assert by_key.booker == stage.owner
    assert by_key.booker != Gig(title="x", booker=person.id + 1).booker
    assert by_key.booker != person.id


WRONG: dict[str, tuple[Callable[[], object], type[Exception], str]] = {
    "a wrong type": (
        lambda: Gig(title=5, booker=1),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        InvalidValue,
        "Gig.title: expected text, got 5 (int).",
    ),
    "None": (
        lambda: Gig(title="x", booker=None),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        InvalidValue,
        "Gig.booker: a value is needed here, not None.",
    ),
    "a row that is not saved": (
        lambda: Gig(title="x", booker=Person(email="q@example.org", name="Q")),
        InvalidValue,
        "Gig.booker: the Person given is not saved yet and has no key; save it first.",
    ),
    "a reference to another table": (
        lambda: Gig(title="x", booker=Gig(title="y", booker=1, stage=3).stage),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        InvalidValue,
        "Gig.booker: expected a reference to Person, got Ref(Stage, 3).",
    ),
    "too long": (
        lambda: Gig(title="x" * 41, booker=1),
        ValueOutOfRange,
        "Gig.title: at most 40 characters are allowed, got 41.",
    ),
    "too short": (
        lambda: Stage(name="x", owner=1),
        ValueOutOfRange,
        "Stage.name: at least 2 characters are needed, got 1.",
    ),
    "too small": (lambda: Gig(title="x", booker=1, seats=-1), ValueOutOfRange, "Gig.seats: -1 is less than 0."),
    "too large for 64 bits": (
        lambda: Gig(title="x", booker=1, seats=2**63),
        ValueOutOfRange,
        "Gig.seats: 9223372036854775808 does not fit into 64 bits.",
    ),
    "too precise": (
        lambda: Gig(title="x", booker=1, fee=Decimal("1.005")),
        ValueOutOfRange,
        "Gig.fee: 1.005 has more than 2 decimal places.",
    ),
    "no member": (
        lambda: Gig(title="x", booker=1, mood="loud"),  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # the mistake
        InvalidValue,
        "Gig.mood: expected a member of Mood, got 'loud', which is only its value; write Mood.loud.",
    ),
    "no time zone": (
        lambda: Gig(title="x", booker=1, starts_at=datetime(2026, 1, 1)),  # noqa: DTZ001 - the mistake
        InvalidValue,
        "Gig.starts_at: 2026-01-01T00:00:00 has no time zone; use datetime.now(UTC) or .replace(tzinfo=...).",
    ),
    "a wrong item": (
        lambda: Gig(title="x", booker=1, genres=["folk", 1]),  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]  # the mistake
        InvalidValue,
        "Gig.genres: expected text, got 1 (int).",
    ),
    "no address": (
        lambda: Person(email="ann", name="Ann"),
        InvalidValue,
        "Person.email: 'ann' is not an e-mail address.",
    ),
    "a missing value": (
        lambda: Gig(title="x"),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # the mistake
        TypeError,
        "Gig() missing 1 required keyword-only argument: 'booker'",
    ),
    "an unknown name": (
        lambda: Gig(title="x", booker=1, titel="y"),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # the mistake
        TypeError,
        (
            "Gig() takes no titel: there is no such column; it takes title, note, seats, fee, mood, genres, starts_at, "
            "booker, sound, stage, encore_of."
        ),
    ),
    "a key that the database makes": (
        lambda: Gig(id=1, title="x", booker=1),  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]  # the mistake
        TypeError,
        (
            "Gig() takes no id: the database numbers new rows; leave it out, insert the row by Gig.insert("
            "Gig.id.to(5), ...), or declare id with column(primary_key=True, init=True) to give every number yourself."
        ),
    ),
    "values without names": (
        lambda: cast("Any", Gig)("x", booker=1),
        TypeError,
        "Gig() missing 1 required keyword-only argument: 'title'",
    ),
    "one value too many, without a name": (
        lambda: cast("Any", Gig)("x", title="y", booker=1),
        TypeError,
        "Gig() takes values by the names of columns, not 'x' by its place.",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_refusals(name: str) -> None:
    """A row refuses what its columns cannot hold, by the name of the column."""
    make, kind, message = WRONG[name]
    with pytest.raises(kind) as caught:
        make()
    # Newer versions of Python add what was meant.
    assert (type(caught.value), str(caught.value).partition(". Did you mean")[0]) == (kind, message)


def test_facts_of_a_refusal() -> None:
    """A refusal carries the table, the column, the value and a word for programs."""
    with pytest.raises(InvalidValue) as caught:
        Gig(title="x", booker=1, seats=-1)
    error = caught.value
    assert (error.table, error.column, error.value, error.code, error.reason) == (
        "Gig",
        "seats",
        -1,
        "too_small",
        "-1 is less than 0",
    )


def test_assignment_is_checked() -> None:
    """An assigned value is checked like one that a row is made with, and an unknown name is refused."""
    gig: Any = Gig(title="x", booker=1)
    gig.title = "y"
    gig.booker = 7
    booker: Any = getattr(gig, "booker")  # noqa: B009 - a reference now, whatever was assigned
    assert (gig.title, booker.id) == ("y", 7)
    with pytest.raises(InvalidValue, match=r"^Gig\.title: expected text, got 5 \(int\)\.$"):
        gig.title = 5
    with pytest.raises(AttributeError, match=r"^Gig has no column 'titel'; it has id, title, note, "):
        gig.titel = "z"
    assert gig.title == "y"


async def test_secrets_are_not_shown(db: Database) -> None:
    """Repr leaves secrets out; the attribute has them."""
    person = await ann()
    assert (repr(person), person.password) == ("Person(id=1, email='ann@example.org', name='Ann')", "hash")


async def test_copies(db: Database) -> None:
    """A row can be copied, deeply too, and sent to another process, stored or not."""
    stored = await Gig.insert(Gig(title="x", booker=await ann(), genres=["folk"])).one()
    fresh = Gig(title="y", booker=1, genres=["folk"])
    for gig in (stored, fresh):
        deep = copy.deepcopy(gig)
        sent: Gig = pickle.loads(pickle.dumps(gig))
        shallow = copy.copy(gig)
        assert repr(gig) == repr(deep) == repr(sent) == repr(shallow)
        deep.genres.append("loud")
        assert (gig.genres, shallow.genres is gig.genres) == (["folk"], True)
        assert isinstance(sent, Gig)
    with pytest.raises(AttributeError, match=r"^This Gig has no 'id' yet"):
        _ = copy.copy(fresh).id
    changed = copy.deepcopy(stored)
    changed.title = "z"
    await changed.save()
    assert (await Gig.get(stored.id)).title == "z"


async def test_relations_need_a_stored_row(db: Database) -> None:
    """A row that is not stored has no related rows to ask for."""
    with pytest.raises(QueryError, match=r"^Person\.gigs needs a saved row; save this one first\.$"):
        _ = Person(email="q@example.org", name="Q").gigs
    assert await (await ann()).gigs == []


def test_a_constructor_of_its_own() -> None:
    """A table makes its rows from its columns; an ``__init__``, which would never see them, is refused."""
    with pytest.raises(SchemaError, match=r"^Ticket has an __init__ of its own; a row is made from its columns\."):

        class Ticket(Table):  # pyright: ignore[reportUnusedClass]  # refused
            id: Column[int] = column(primary_key=True)

            def __init__(self, code: str) -> None:
                self.code = code


def test_lists_of_texts_are_copied_and_checked_again() -> None:
    """A row keeps a list of its own, and what was put into that list since is checked when the row is inserted."""

    class Tagged(Table):
        id: Column[int] = column(primary_key=True)
        tags: Column[list[str]]

    given = ["a", "b"]
    row = Tagged(tags=given)
    given.append("c")
    assert row.tags == ["a", "b"]
    assert Tagged(tags=[]).tags == []
    row.tags.append("\0")
    with pytest.raises(InvalidValue, match=r"^Tagged\.tags"):
        Tagged.insert(row)
    for wrong in (["a", cast("Any", 1)], ["\ud800"], ["a\0"]):
        with pytest.raises(InvalidValue, match=r"^Tagged\.tags"):
            Tagged(tags=wrong)
