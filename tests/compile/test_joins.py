"""Tests of joins as SQL: the text, the same for each dialect but for the places of values, and the values."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tabor import Query, alias, optional
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler
from tests.festival import Gig, Person, Stage

OTHER, LATER = alias(Gig, "other"), optional(Gig, "later")

JOINS: dict[str, tuple[Query[Any], str, tuple[object, ...]]] = {
    "a table": (
        Person.select(Gig.id).join(Gig, on=Gig.booker.id == Person.id),
        "SELECT gig.id FROM person JOIN gig ON (gig.booker = person.id)",
        (),
    ),
    "an alias, and a key from there": (
        Gig.select(OTHER.booker.name).join(OTHER, on=OTHER.seats == Gig.seats),
        (
            "SELECT other>booker.name FROM gig JOIN gig AS other ON (other.seats = gig.seats) "
            "JOIN person AS other>booker ON other.booker = other>booker.id"
        ),
        (),
    ),
    "a left join, its values first": (
        Gig.select(LATER(lambda gig: gig.seats > 1)).left_join(LATER, on=LATER.inner.seats > 5).where(Gig.seats < 9),
        "SELECT (later.seats > ?2) FROM gig LEFT JOIN gig AS later ON (later.seats > ?1) WHERE (gig.seats < ?3)",
        (5, 1, 9),
    ),
    "keys in a condition, on either side": (
        Stage.select(Stage.id).join(Gig, on=Gig.booker.name == Stage.owner.name),
        (
            "SELECT stage.id FROM stage JOIN person AS stage.owner ON stage.owner = stage.owner.id "
            "JOIN (gig JOIN person AS gig>booker ON gig.booker = gig>booker.id) ON (gig>booker.name = stage.owner.name)"
        ),
        (),
    ),
    "a relation with a condition": (
        Person.select(Gig.id).join(Gig, on=Person.gigs.where(Gig.seats > 3)),
        "SELECT gig.id FROM person JOIN gig ON ((gig.booker = person.id) AND (gig.seats > ?1))",
        (3,),
    ),
    "a query from an alias": (OTHER.select(OTHER.id), "SELECT other.id FROM gig AS other", ()),
}


@pytest.mark.parametrize("name", JOINS)
def test_joins(name: str) -> None:
    """Explicit joins stand in the order given, each after the keys that its condition follows."""
    query, text, values = JOINS[name]
    assert SqliteCompiler().compile(query.statement).sql.replace('"', "") == text
    by_number = re.sub(r"\$(\d+)::bigint", r"?\1", PostgresCompiler().compile(query.statement).sql)
    assert by_number.replace('"', "") == text
    assert query.statement.values == values
