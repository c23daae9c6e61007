"""Tests of refusals that say which of many rows they are about, and of other mistakes that are easily made."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tabor import (
    CheckViolation,
    Column,
    ConfigurationError,
    Constraint,
    Database,
    DatabaseUnavailable,
    InvalidValue,
    MissingTable,
    PostgresOptions,
    QueryError,
    StatementFailed,
    Table,
    UniqueViolation,
    ValueOutOfRange,
    check,
    column,
    unique,
)
from tests.festival import Gig, Person, ann, opened

pytestmark = pytest.mark.anyio


class Slot(Table):
    """Has a name that is told apart whatever its case, among those that are open."""

    id: Column[int] = column(primary_key=True)
    name: Column[str]
    hall: Column[str] = column(default="")
    open: Column[bool] = column(default=True)
    size: Column[int] = column(default=0)

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """What holds for all rows."""
        return [
            unique(cls.name.lower(), where=cls.open == True, name="slot_open_name"),
            unique(cls.hall, cls.size),
            check(cls.size >= 0, name="size"),
        ]


async def test_a_value_that_was_changed_in_place(db: Database) -> None:
    """A value that no longer fits is refused with the number of its row; a single row needs none."""
    rows = [Gig(title=f"{n}", booker=1) for n in range(3)]
    wrong: Any = 5
    rows[1].genres.append(wrong)
    with pytest.raises(InvalidValue, match=r"^Row 1: Gig\.genres: .*expected text, got 5") as caught:
        await Gig.insert(*rows)
    assert (caught.value.row, caught.value.table, caught.value.column) == (1, "Gig", "genres")
    with pytest.raises(InvalidValue, match=r"^Gig\.genres: .*expected text, got 5") as caught:
        await Gig.insert(rows[1])
    assert caught.value.row is None
    with pytest.raises(QueryError, match=r"^Gig\.insert\(\) takes rows made by Gig\(\.\.\.\); row 2, got 'x'\.$"):
        Gig.insert(rows[0], rows[0], wrong and "x")  # type: ignore[arg-type]  # pyright: ignore[reportCallIssue, reportArgumentType]  # the mistake


@pytest.mark.parametrize("in_transaction", [False, True])
async def test_a_row_that_the_database_refuses(db: Database, in_transaction: bool) -> None:
    """Of many rows the refused one is named by its number."""
    await ann()
    rows = [Person(email=f"p{n}@example.org", name="P") for n in range(120)]
    rows[77] = Person(email="ann@example.org", name="P")

    async def insert() -> None:
        with pytest.raises(
            UniqueViolation, match=r"^Row 77: Another row of person already has this email\.$"
        ) as caught:
            await Person.insert(*rows)
        assert (caught.value.row, caught.value.columns) == (77, ("email",))

    if in_transaction:
        async with db.transaction():
            await insert()
    else:
        await insert()
    with pytest.raises(UniqueViolation, match=r"^Another row of person already has this email\.$") as single:
        await Person.insert(rows[77])
    assert single.value.row is None


async def test_a_row_that_breaks_a_check(database_url: str) -> None:
    """The number stands beside the table and columns of the check."""
    async with opened(database_url, Slot):
        rows = [Slot(name=f"{n}", size=n) for n in range(60)]
        rows[59].size = -1
        with pytest.raises(
            CheckViolation, match=r"^Row 59: The row breaks the check slot_size_check of slot\.$"
        ) as caught:
            await Slot.insert(rows)
        assert (caught.value.row, caught.value.table, caught.value.columns) == (59, "slot", ("size",))


async def test_conflicts_by_the_name_of_a_constraint(database_url: str) -> None:
    """A unique constraint or index can be named: over columns, expressions, or a part of the rows."""
    async with opened(database_url, Slot):
        await Slot.insert(Slot(name="Noon", hall="a", size=1), Slot(name="Dusk", hall="b", open=False))
        named = Slot.insert(Slot(name="NOON", size=7), Slot(name="dusk", size=8)).on_conflict(
            constraint="slot_open_name"
        )
        assert await named.update(Slot.size).returning(Slot.name, Slot.size) == [("Noon", 7), ("dusk", 8)]
        paired = Slot.insert(Slot(name="x", hall="a", size=7), Slot(name="y")).on_conflict(
            constraint="slot_hall_size_key"
        )
        assert await paired.ignore() == 1
        again = Slot.insert(Slot(name="z", hall="a", size=7)).on_conflict(constraint="slot_hall_size_key")
        row = await again.update().one()
        assert (row.id, row.name, row.hall, row.size) == (1, "z", "a", 7)


def test_constraints_that_are_not_there() -> None:
    """A name that no unique constraint has is refused with those that there are."""
    insert = Person.insert(Person(email="ann@example.org", name="Ann"))
    message = r"^person has no unique constraint 'person_name_key'; it has person_pkey, person_email_key\.$"
    with pytest.raises(QueryError, match=message):
        insert.on_conflict(constraint="person_name_key")
    with pytest.raises(QueryError, match=r"^on_conflict\(\) takes columns or the name of a constraint, not both\.$"):
        insert.on_conflict(Person.email, constraint="person_email_key")


async def test_decimals_have_their_places_at_once(db: Database) -> None:
    """A decimal has all its places as soon as a row is made or set, as it comes back from the database."""
    gig = Gig(title="x", fee=Decimal(7), booker=await ann())
    assert str(gig.fee) == "7.00"
    gig.fee = Decimal("-0")
    assert str(gig.fee) == "0.00"
    gig.fee = Decimal("1E+3")
    before = str(gig.fee)
    await gig.save()
    assert (before, str(gig.fee), str((await Gig.get(gig.id)).fee)) == ("1000.00", "1000.00", "1000.00")


async def test_a_table_that_was_not_created(database_url: str) -> None:
    """The error says how to create what is missing."""
    async with Database(database_url, tables=[Person]) as db:
        with pytest.raises(
            MissingTable, match=r"it has no table person; make what is missing with `await db\.create_"
        ) as caught:
            await Person.select()
        assert (caught.value.table, isinstance(caught.value, StatementFailed)) == ("person", True)
        with pytest.raises(MissingTable):
            await Person.insert(Person(email="ann@example.org", name="Ann"))
        await db.create_tables()
        assert await Person.select().count() == 0


async def test_a_sum_that_is_too_large(db: Database) -> None:
    """A number that does not fit into 64 bits is no row."""
    person = await ann()
    await Gig.insert(Gig(title="a", seats=2**63 - 1, booker=person), Gig(title="b", seats=1, booker=person))
    with pytest.raises(ValueOutOfRange):
        await Gig.select(Gig.seats.sum())


async def test_a_path(tmp_path: Path) -> None:
    """A path is a file of SQLite, whatever characters it has."""
    path = tmp_path / "a?b#c %20.db"
    async with opened(path):
        await ann()
    assert path.exists()
    async with Database(path, tables=[Person]) as db:
        assert await Person.select().count() == 1
        assert db.url == f"sqlite:///{path}"
    with pytest.raises(ConfigurationError, match=r"^A SQLite database takes options=SqliteOptions\(\.\.\.\)\.$"):
        Database(path, tables=[Person], options=PostgresOptions())


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    """A file of another kind is refused with what to do, and left as it is."""
    path = tmp_path / "notes.txt"
    path.write_text("These are notes. " * 100)
    with pytest.raises(DatabaseUnavailable, match=r"notes\.txt is not a database of SQLite, or is encrypted\. Choose"):
        await Database(path, tables=[Person]).open()
    assert path.read_text() == "These are notes. " * 100
