"""Tests of searching by words: the same rows on every database, whatever is asked, and an index that keeps up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import (
    Column,
    Database,
    ForeignKey,
    InvalidValue,
    MissingTable,
    QueryError,
    SchemaError,
    SearchIndex,
    Table,
    UniqueViolation,
    column,
    key,
    param,
    search_index,
)
from tabor.datatypes.words import words
from tests.acts import Act, Review, Seat, acts, titles
from tests.festival import opened

pytestmark = pytest.mark.anyio


QUESTIONS = {
    "pyramid sta*": ["Pyramid Stage"],
    "STAGE pyramid": ["Pyramid Stage"],
    "pyra*": ["Pyramid Stage", "pyramids of 2026"],
    '"late night"': ["Night Café"],
    '"at ni"*': ["Pyramid Stage"],
    '"stage headliners"': [],
    "night -café": ["Pyramid Stage"],
    'late -"late night"': ["Pyramid Stage"],
    "cafe OR ca": ["Pyramid Stage", "Night Café"],
    "o'neill": ["Night Café"],
    "oneill": [],
    "ночь": ["Ночь"],
    "3.14": ["pyramids of 2026"],
    "14.3": [],
    "a-b": ["pyramids of 2026"],
    "example": ["pyramids of 2026"],
    "x.exam*": ["pyramids of 2026"],
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_what_is_found(database_url: str, question: str) -> None:
    """A question finds the same rows on every database."""
    async with opened(database_url, Act):
        await Act.insert(*acts())
        assert titles(await Act.select().where(Act.found_by.matches(question))) == QUESTIONS[question]


NOTHING = [
    "",
    " ",
    '"',
    '""',
    "-",
    "*",
    "OR",
    "OR OR",
    "-night",
    "- * OR -x",
    "'",
    "\\",
    "😀",
    "\0",
    "\ud800",
    ":*",
    "()",
]
WORDS = [
    'night "late',
    "night OR",
    "OR night",
    "night &",
    "night! | (",
    "night' ",
    "night\0",
    "night \ud83d",
    "^night",
    "night:*",
]


async def test_nothing_is_wrong(database_url: str) -> None:
    """What cannot be read as a question is read as words, or finds nothing; it is never an error."""
    async with opened(database_url, Act):
        await Act.insert(*acts())
        for question in NOTHING:
            assert await Act.select().where(Act.found_by.matches(question)) == [], question
        for question in WORDS:
            assert "Night Café" in titles(await Act.select().where(Act.found_by.matches(question))), question
        for question in ("night " * 256, "nigh* " * 255, "night OR " * 255, '"' + "late " * 255 + '"', "a" * 500):
            await Act.select().where(Act.found_by.matches(question))
        for question in ("night " * 257, "x" * 501, "night OR " + "x" * 100_000, f"night -{'x' * 5_000}"):
            found = await Act.select().where(Act.found_by.matches(question))
            assert titles(found) == (["Pyramid Stage", "Night Café"] if " OR " in question else []), question[:20]


async def test_the_index_keeps_up(database_url: str) -> None:
    """Inserts, updates, deletes, marks of deletion, refused rows and rolled back transactions leave the index right."""
    async with opened(database_url, Act) as db:
        found = Act.select(Act.title).where(Act.found_by.matches(param(str))).order_by(Act.id).values().prepare()
        await Act.insert(*[Act(title=f"late {number}") for number in range(300)])
        assert len(await found("late")) == 300
        act = await Act.insert(Act(title="Night")).one()
        act.title = "Day"
        await act.save()
        assert (await found("night"), await found("day")) == ([], ["Day"])
        with pytest.raises(UniqueViolation):
            await Act.insert(Act(title="Dusk"), Act(title="Day"))

        async def undone() -> None:
            async with db.transaction():
                await Act.update(Act.title.to("Dawn")).where(Act.id == act.id)
                assert await found("dawn") == ["Dawn"]
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await undone()
        assert (await found("dusk"), await found("dawn"), await found("day")) == ([], [], ["Day"])
        changed = (
            await Act.insert(Act(title="Day", about="noon")).on_conflict(Act.title).update(Act.about).returning(Act.id)
        )
        assert changed == [(act.id,)]
        assert await found("noon") == ["Day"]
        await act.remove()
        assert await found("day") == []
        assert await Act.delete().where(Act.title.starts_with("late 1")).returning(Act.id)
        assert len(await found("late")) == 300 - 111


async def test_keys_of_every_kind(database_url: str) -> None:
    """Rows under keys that are no numbers, or of several columns, are searched, changed and deleted alike."""
    async with opened(database_url, Act, Review, Seat):
        await Act.insert(*acts())
        await Review.insert(Review(text="loud and long", act=1), Review(text="loud", act=2), Review(text="quiet"))
        loud = Review.select(Review.text).where(Review.found_by.matches("loud")).order_by(Review.text).values()
        assert await loud == ["loud", "loud and long"]
        through = Review.select(Review.text).where(Review.act.inner.found_by.matches("stage"))
        assert await through.values() == ["loud and long"]
        best = Review.select(Review.text, Review.found_by.rank("loud") > 0.0).order_by(
            Review.found_by.rank("loud").desc()
        )
        assert (await best)[-1] == ("quiet", False)
        await Review.update(Review.id.to(UUID(int=5)), Review.text.to("louder")).where(Review.text == "loud")
        assert await loud == ["loud and long"]
        await Review.delete().where(Review.act(lambda act: act.id) == 1)
        assert await loud == []
        await Seat.insert(Seat(hall="a", number=1, view="a pillar"), Seat(hall="a", number=2, view="the stage"))
        await Seat.update(Seat.number.to(7)).where(Seat.number == 2)
        found = Seat.select(Seat.number, Seat.found_by.rank("stage") > 0.0).where(Seat.found_by.matches("stage"))
        assert await found == [(7, True)]


async def test_best_first(database_url: str) -> None:
    """The rank is greater where a row fits better, and 0.0 where it does not."""
    async with opened(database_url, Act):
        await Act.insert(Act(title="night and day and day"), Act(title="Night night", about="night"), Act(title="Day"))
        rank = Act.found_by.rank("night")
        assert await Act.select(Act.id).order_by(rank.desc()).values() == [2, 1, 3]
        assert await Act.select(rank).where(Act.id == 3).values() == [0.0]


async def test_an_index_for_rows_that_are_there(database_url: str) -> None:
    """``create_tables()`` adds the index to a table with rows, and a second time changes nothing."""

    class Plain(Table, name="act"):
        id: Column[int] = column(primary_key=True)
        title: Column[str] = column(unique=True)
        about: Column[str | None] = column(default=None)
        removed_at: Column[datetime | None] = column(stamp="deleted")

    class Text(Table, name="review"):
        id: Column[UUID] = column(primary_key=True)
        act: ForeignKey[Plain | None] = key(default=None)
        text: Column[str]

    url = database_url
    async with Database(url, tables=[Plain, Text]) as plain:
        await plain.create_tables()
        await Plain.insert(Plain(title="Night"), Plain(title="Day"))
        await Text.insert(Text(text="loud"))
    async with Database(url, tables=[Act, Review]) as db:
        with pytest.raises(MissingTable, match="no search index act_found_by; make what is missing"):
            await Act.select().where(Act.found_by.matches("night"))
        with pytest.raises(MissingTable) as caught:
            await Review.select().where(Review.act.inner.found_by.matches("night"))
        assert (caught.value.table, caught.value.kind) == ("act_found_by", "search index")
        with pytest.raises(MissingTable):
            await Act.select(Act.found_by.rank("night"))
        for _ in range(2):
            await db.create_tables()
            assert titles(await Act.select().where(Act.found_by.matches("night"))) == ["Night"]
            assert await Review.select().where(Review.found_by.matches("loud")).count() == 1


class Document(Table):
    """Any text."""

    id: Column[int] = column(primary_key=True)
    title: Column[str]
    body: Column[str | None]
    found_by: SearchIndex = search_index(lambda: (Document.title, Document.body))


# Letters with and without accents or case, of several scripts, digits, marks, and what tools take for more than words.
PIECES = st.sampled_from(
    [*"aAb\u00e1\u01c5\u0416\u0436\u0451\u00bd\u4e2d\u6587\ud55c\u0130\u0131\u00df\u03c2\u03a3\ufb01",
     *" -.'\"\\&!:|*(\n\t\u00a0\u200b\u0345", "a\u0301",
     "ab", "Stra\u00dfe", "\u0915\u093f", "\U0001f600", "\U0001fae0",
     "1e5", "0x1f", "-2", "3.5", "a_b", "x@y.z", "http://a.b/c?d=1", "<b>", "a/b", "C++", "OR"]
)  # fmt: skip
TEXTS = (
    st.lists(PIECES | st.text(max_size=2), max_size=6)
    .map("".join)
    .filter(lambda text: "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text))
)
QUESTION_TEXTS = st.lists(st.sampled_from([" ", '"', "-", "*", " OR ", " -"]) | PIECES, max_size=8).map("".join)


def fits(question: str, columns: Sequence[str | None]) -> bool:
    """A model of a search: whether a row with these texts has what the question asks for."""
    texts = [words(text or "") for text in columns]
    alternatives: list[list[tuple[bool, bool]]] = [[]]
    while question:
        question = question.lstrip()
        without = question.startswith("-")
        question = question.removeprefix("-")
        if question.startswith('"') and '"' in question[1:]:
            part, _, question = question[1:].partition('"')
            prefix = question.startswith("*")
            question = question.removeprefix("*")
        else:
            part = question.split(maxsplit=1)[0] if question.split() else ""
            question = question[len(part) :]
            prefix = part.endswith("*")
            if part == "OR" and not without:
                alternatives.append([])
                continue
        if wanted := words(part):
            alternatives[-1].append((without, any(stands(wanted, text, prefix=prefix) for text in texts)))
    return any(
        all(there != without for without, there in terms) and any(not without for without, _ in terms)
        for terms in alternatives
    )


def stands(wanted: list[str], text: list[str], *, prefix: bool) -> bool:
    """Whether the words stand in the text one after the other."""
    for start in range(len(text) - len(wanted) + 1):
        part = text[start : start + len(wanted)]
        last = part[-1].startswith(wanted[-1]) if prefix else part[-1] == wanted[-1]
        if last and part[:-1] == wanted[:-1]:
            return True
    return False


@given(
    documents=st.lists(st.tuples(TEXTS, TEXTS | st.none()), min_size=1, max_size=6),
    questions=st.lists(QUESTION_TEXTS, min_size=1, max_size=6),
)
async def test_as_the_model_has_it(
    shared_database_url: str, documents: list[tuple[str, str | None]], questions: list[str]
) -> None:
    """Any question finds in any texts the rows that a plain model of it finds."""
    async with opened(shared_database_url, Document):
        await Document.delete().everything()
        await Document.insert(*[Document(title=title, body=body) for title, body in documents])
        for question in [*questions, *[f'"{title}"' for title, _ in documents]]:
            found = await Document.select(Document.title, Document.body).where(Document.found_by.matches(question))
            assert sorted(found, key=repr) == sorted([row for row in documents if fits(question, row)], key=repr), (
                question
            )


async def test_a_question_that_comes_later(database_url: str) -> None:
    """One ``param()`` is one question, to find by and to sort by; anything but text is refused by its place."""
    async with opened(database_url, Act):
        await Act.insert(*acts())
        question = param(str)
        rank = Act.found_by.rank(question)
        search = Act.select(Act.title, rank > 0.0).where(Act.found_by.matches(question)).order_by(rank.desc()).prepare()
        assert await search("pyramid*  -2026") == [("Pyramid Stage", True)]
        assert await search('"') == []
        with pytest.raises(InvalidValue):
            await search(5)


def test_what_cannot_be_asked() -> None:
    """A question is text, or a parameter of a prepared query."""
    for wrong in (5, None, Act.title, param(int), param(Act.about)):
        with pytest.raises(QueryError, match="A search takes words as text"):
            Act.found_by.matches(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # what is refused


def test_what_cannot_be_searched() -> None:
    """An index over what has no words, or must not be given away, is refused as soon as a database is made."""

    class Number(Table):
        id: Column[int] = column(primary_key=True)
        found_by: SearchIndex = search_index(lambda: Number.id)

    class Secret(Table):
        id: Column[int] = column(primary_key=True)
        token: Column[str] = column(secret=True)
        found_by: SearchIndex = search_index(lambda: Secret.token)

    class Ranked(Table):
        id: Column[int] = column(primary_key=True)
        rank: Column[str]
        found_by: SearchIndex = search_index(lambda: Ranked.rank)

    class Across(Table):
        id: Column[int] = column(primary_key=True)
        found_by: SearchIndex = search_index(lambda: Act.title)

    class Twice(Table):
        id: Column[int] = column(primary_key=True)
        text: Column[str]
        found_by: SearchIndex = search_index(lambda: (Twice.text, Twice.text))

    refusals: dict[type[Table], str] = {
        Number: "Number.found_by: the column id holds a whole number; only text is searched.",
        Secret: "Secret.found_by: the column token is secret, and a search would give it away.",
        Ranked: "Ranked.found_by: the column rank has a name that a search index cannot have; choose another.",
        Across: f"Across.found_by: search_index() takes columns of its own table, got {Act.title!r}.",
        Twice: "Twice.found_by: search_index() needs columns, each of them once.",
    }
    for table, message in refusals.items():
        with pytest.raises(SchemaError) as caught:
            Database("sqlite:///:memory:", tables=[table])
        assert str(caught.value) == message
