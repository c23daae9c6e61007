"""Tests of encoders: their short cuts accept and refuse what the long way does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal as PythonDecimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import InvalidValue, QueryError
from tabor.datatypes import INT64_MAX, SIMPLE, Array, Boolean, DataType, Float, Integer, Json, Text
from tabor.engines.interface import Codecs
from tabor.engines.postgres.codecs import PostgresCodecs
from tabor.engines.sqlite.codecs import SqliteCodecs
from tabor.rows.encoder import encoder
from tabor.tree.nodes import ColumnNode, Placeholder, Source

TYPES: tuple[DataType, ...] = (*SIMPLE.values(), Json(), Array(Integer()), Array(Text(), nullable_items=True))
ENGINES: dict[str, Codecs] = {"sqlite": SqliteCodecs(), "postgres": PostgresCodecs()}

anything = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["\0", "\ud800", "a\0b", "é"]),
    st.binary(max_size=5),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.none() | st.just(UTC)),
    st.timedeltas(),
    st.uuids(),
    st.lists(st.integers() | st.none() | st.text(max_size=3), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers() | st.none(), max_size=2),
    st.just(object()),
)


def long_way(datatype: DataType, codecs: Codecs, value: object) -> tuple[bool, object]:
    """Whether the datatype takes the value, and what is sent for it."""
    if value is None:
        return True, None
    try:
        kept = datatype.check(value)
    except InvalidValue:
        return False, None
    codec = codecs.encoder(datatype)
    return True, kept if codec is None else codec(kept)


@pytest.mark.parametrize("engine", ENGINES)
@given(st.sampled_from(TYPES), anything)
def test_short_cuts_change_nothing(engine: str, datatype: DataType, value: object) -> None:
    """A generated encoder accepts a value exactly where its datatype does, and sends the same for it."""
    codecs = ENGINES[engine]
    accepted, sent = long_way(datatype, codecs, value)
    encode = encoder([datatype], codecs)
    if not accepted:
        with pytest.raises(InvalidValue):
            encode((value,))
        return
    (found,) = encode((value,))
    assert (type(found), found) == (type(sent), sent)


def test_values_keep_their_order() -> None:
    """Values are encoded each by its own datatype, in order."""
    encode = encoder([Text(), Boolean(), Float(), Integer()], SqliteCodecs())
    assert encode(("a", True, 1, INT64_MAX)) == ("a", 1, 1.0, INT64_MAX)
    assert encoder([], SqliteCodecs())(()) == ()


def test_checked_values_are_only_converted() -> None:
    """Values that were checked already are converted without another look."""
    encode = encoder([Text(max_length=1), Boolean()], SqliteCodecs(), checked=2)
    assert encode(("too long", None)) == ("too long", None)


def test_a_place_that_waits_for_a_value_is_no_value() -> None:
    """param() in a query that is not prepared is refused by its own sentence."""
    with pytest.raises(QueryError, match=r"^This query has param\(\) in it: prepare\(\) it, and call that with the"):
        encoder([Integer()], SqliteCodecs())((Placeholder(Integer(), nullable=False),))


def test_every_plain_type_has_a_datatype() -> None:
    """The table of plain types names each type that a column can hold, and each accepts a value of its own."""
    samples: dict[type, object] = {
        int: 1,
        float: 1.5,
        bool: True,
        str: "x",
        bytes: b"x",
        PythonDecimal: PythonDecimal("1.5"),
        date: date(2030, 1, 1),
        time: time(1),
        datetime: datetime(2030, 1, 1, tzinfo=UTC),
        timedelta: timedelta(1),
        UUID: UUID(int=1),
    }
    assert {kind: SIMPLE[kind].check(value) for kind, value in samples.items()} == samples
    assert set(SIMPLE) == set(samples)


def test_a_refusal_names_the_column_beside_which_the_value_stands() -> None:
    """Of several values the refused one is found, and its column named, where there is one."""
    column = ColumnNode(Source("stock", 0), "item", Text(), nullable=False)
    encode = encoder([Integer(), Text()], SqliteCodecs(), places={1: column})
    with pytest.raises(InvalidValue, match=r"^stock\.item: expected text, got 3 \(int\)\.$") as caught:
        encode((1, 3))
    assert (caught.value.column, caught.value.value, caught.value.code) == ("item", 3, "wrong_type")
    with pytest.raises(InvalidValue, match=r"^Expected a whole number, got 'x' \(str\)\.$"):
        encode(("x", "y"))
