"""Tests of searches as parts of queries: behind keys, through aliases, in writes, related lists and streams."""

from __future__ import annotations

import pytest

from tabor import QueryError, alias, cte, optional
from tests.acts import Act, Review, Seat, acts
from tests.festival import opened

pytestmark = pytest.mark.anyio


async def test_behind_keys_and_other_names(database_url: str) -> None:
    """A search goes along keys, to a table under another name, and back along a relation."""
    async with opened(database_url, Act, Review):
        await Act.insert(*acts())
        await Review.insert(Review(text="loud and long", act=1), Review(text="loud", act=2), Review(text="quiet"))
        through = Review.select(Review.text).where(Review.act.inner.found_by.matches("stage"))
        assert await through.values() == ["loud and long"]
        other = alias(Act, "other")
        pairs = (
            Act.select(Act.id, other.id)
            .join(other, on=(other.id > Act.id) & other.found_by.matches("pyramids"))
            .where(Act.found_by.matches("night"))
            .order_by(Act.id)
        )
        assert await pairs == [(1, 3), (2, 3)]
        loud = Act.reviews.where(Review.found_by.matches("loud")).order_by(Review.found_by.rank("loud").desc())
        lists = Act.select(Act.id, loud.select(Review.text).values().limit(1)).order_by(Act.id)
        assert await lists == [(1, ["loud and long"]), (2, ["loud"]), (3, []), (4, [])]
        found = Act.select(Act.id).where(
            Act.id.is_in(Review.select(Review.act(lambda act: act.id)).where(Review.found_by.matches("long")))
        )
        assert await found.values() == [1]


async def test_rows_that_may_be_missing(database_url: str) -> None:
    """Whether a missing row matches is unknown, also where the question finds nothing; its rank is 0.0."""
    async with opened(database_url, Act, Review):
        await Act.insert(*acts())
        await Review.insert(Review(text="loud", act=1), Review(text="quiet"))
        for question, expected in (
            ("stage", [("loud", True), ("quiet", None)]),
            ("", [("loud", False), ("quiet", None)]),
        ):
            asked = Review.act.inner.found_by.matches(question)
            assert await Review.select(Review.text, asked).order_by(Review.text) == expected
            unlike = Review.select(Review.text).where(~asked).values()
            assert await unlike == ([] if question else ["loud"])
        ranked = Review.select(Review.text, Review.act(lambda act: act.found_by.rank("stage")) > 0.0)
        assert await ranked.order_by(Review.text) == [("loud", True), ("quiet", False)]
        act = optional(Act, "act_of_it")
        joined = Review.select(Review.text, act(lambda row: row.found_by.matches("stage"))).order_by(Review.text)
        joined = joined.left_join(act, on=act.inner.id == Review.act(lambda row: row.id))
        assert await joined == [("loud", True), ("quiet", None)]


async def test_writes_by_search(database_url: str) -> None:
    """Rows are changed and deleted by what is found in them, while the index that finds them changes too."""
    async with opened(database_url, Act, Seat):
        await Act.insert(*[Act(title=f"night {number}", about="night") for number in range(300)])
        await Act.insert(Act(title="day"))
        assert await Act.update(Act.title.to(Act.title + " and day")).where(Act.found_by.matches("night")) == 300
        assert await Act.select().where(Act.found_by.matches('"and day"')).count() == 300
        assert await Act.delete().where(Act.found_by.matches("night -7 -8")) == 298
        assert await Act.select(Act.title).where(Act.found_by.matches("day")).order_by(Act.id).values() == [
            "night 7 and day",
            "night 8 and day",
            "day",
        ]
        await Seat.insert(Seat(hall="a", number=1, view="a pillar"), Seat(hall="b", number=1, view="the stage"))
        assert await Seat.update(Seat.hall.to("c")).where(Seat.found_by.matches("pillar")) == 1
        assert await Seat.delete().where(Seat.found_by.matches("pillar")).returning(Seat.hall) == [("c",)]


async def test_found_or_made(database_url: str) -> None:
    """A row that is found or made says which, with an index on its words beside."""
    async with opened(database_url, Act, Seat):
        first, made = await Act.get_or_create(Act(title="Night", about="late"), Act.title)
        again, made_again = await Act.get_or_create(Act(title="Night", about="early"), Act.title)
        assert (made, made_again, again.id) == (True, False, first.id)
        changed, made = await Act.update_or_create(Act(title="Night", about="early"), Act.title)
        assert (made, changed.about) == (False, "early")
        assert await Act.select(Act.id).where(Act.found_by.matches("early")).values() == [first.id]
        assert await Act.select(Act.id).where(Act.found_by.matches("late")).values() == []
        for expected in (True, False):
            _, made = await Seat.update_or_create(Seat(hall="a", number=1, view="pillar"), Seat.hall, Seat.number)
            assert made is expected


async def test_streams_the_best_first(database_url: str) -> None:
    """A stream reads on by the rank, and misses no row that fits as well as another."""
    async with opened(database_url, Act):
        await Act.insert(*[Act(title=f"night {number}", about="night " * (number % 3)) for number in range(50)])
        best = Act.select(Act.id).where(Act.found_by.matches("night")).order_by(Act.found_by.rank("night").desc())
        streamed = [item async for (item,) in best.stream(size=7)]
        assert streamed == await best.order_by(Act.id).values()
        assert sorted(streamed) == list(range(1, 51))


async def test_what_keeps_no_index(database_url: str) -> None:
    """A named query has no index to search by, and says what to do; a join to the table has."""
    async with opened(database_url, Act):
        await Act.insert(*acts())
        late = cte("late", Act.select().where(Act.found_by.matches("late")))
        with pytest.raises(QueryError, match="A named query keeps no search index; search Act within it"):
            late[Act].found_by.matches("stage")
        assert await late.select(late[Act.id]).order_by(late[Act.id]).values() == [1, 2]
