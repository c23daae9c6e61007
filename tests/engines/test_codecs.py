"""Every value of every type comes back from a STRICT table exactly as it went in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Context, localcontext
from decimal import Decimal as PythonDecimal
from enum import Enum, IntEnum, StrEnum
from typing import cast
from uuid import UUID

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tabor.datatypes import (
    INT64_MAX,
    INT64_MIN,
    Array,
    Boolean,
    Bytes,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Integer,
    Json,
    Text,
    Time,
    Uuid,
)
from tabor.engines.plain_forms import python_bool
from tabor.engines.sqlite import driver
from tabor.engines.sqlite.codecs import SqliteCodecs
from tabor.engines.sqlite.driver import Connection
from tabor.errors import InvalidValue, ValueOutOfRange

CODECS = SqliteCodecs()
PLUS_14 = timezone(timedelta(hours=14))


class Colour(StrEnum):
    """Members that are text."""

    red = "red"
    green = "grün"


class Level(IntEnum):
    """Members that are numbers."""

    low = -1
    high = 2**40


class Plain(Enum):
    """Members that are neither."""

    one = "1"
    two = "2"


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50)
integers = st.integers(INT64_MIN, INT64_MAX)
floats = st.floats(allow_nan=False, allow_infinity=False)
decimals = st.decimals(places=4, min_value=PythonDecimal("-1e14") + 1, max_value=PythonDecimal("1e14") - 1)
moments = st.datetimes(timezones=st.just(UTC))
durations = st.integers(INT64_MIN, INT64_MAX).map(lambda microseconds: timedelta(microseconds=microseconds))
json_values = st.recursive(
    st.none() | st.booleans() | integers | floats | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@dataclass(frozen=True)
class Case:
    """A type, the storage class of its column, its values, and the hard ones among them."""

    datatype: DataType
    storage: str
    values: st.SearchStrategy[object]
    edges: tuple[object, ...]


SCALARS: dict[str, Case] = {
    "boolean": Case(Boolean(), "INTEGER", st.booleans(), (False, True)),
    "integer": Case(Integer(), "INTEGER", integers, (INT64_MIN, -1, 0, INT64_MAX)),
    "float": Case(Float(), "REAL", floats, (0.0, -0.0, 0.1, 5e-324, 1.7976931348623157e308, 1e22, 3.0)),
    "text": Case(Text(), "TEXT", texts, ("", " ", "'\"", "ÄÖ\u2028\U0010ffff", "123", "null")),
    "bytes": Case(Bytes(), "BLOB", st.binary(max_size=50), (b"", b"\x00", bytes(range(256)))),
    "decimal": Case(
        Decimal(places=4, max_digits=18),
        "INTEGER",
        decimals,
        tuple(map(PythonDecimal, ("0", "-0", "1E+3", "0.0001", "-99999999999999.9999", "1.50000000000000000000"))),
    ),
    "date": Case(Date(), "TEXT", st.dates(), (date.min, date(999, 1, 1), date(2024, 2, 29), date.max)),
    "time": Case(Time(), "TEXT", st.times(), (time.min, time(12), time(1, 2, 3, 4), time.max)),
    "moment": Case(
        DateTime(),
        "TEXT",
        moments,
        (
            datetime.min.replace(tzinfo=UTC),
            datetime(2024, 2, 29, tzinfo=UTC),
            datetime(2024, 1, 1, 3, tzinfo=PLUS_14),
            datetime.max.replace(tzinfo=UTC),
        ),
    ),
    "duration": Case(
        Duration(),
        "INTEGER",
        durations,
        (timedelta(0), timedelta(microseconds=INT64_MIN), timedelta(microseconds=INT64_MAX), timedelta(-1, 1, 1)),
    ),
    "uuid": Case(Uuid(), "TEXT", st.uuids(), (UUID(int=0), UUID(int=2**128 - 1), UUID(int=1))),
    "text members": Case(Enumeration(Colour), "TEXT", st.sampled_from(Colour), tuple(Colour)),
    "number members": Case(Enumeration(Level, integers=True), "INTEGER", st.sampled_from(Level), tuple(Level)),
    "plain members": Case(Enumeration(Plain), "TEXT", st.sampled_from(Plain), tuple(Plain)),
    "json": Case(
        Json(), "TEXT", json_values, (None, True, 0, -0.0, 1e300, "", [], {}, {"": [None, {"a": INT64_MIN}]}, "null")
    ),
}


def _array(case: Case) -> Case:
    """The case for lists of a case's values, some of them null where null is not a value itself."""
    nullable = not isinstance(case.datatype, Json)
    items = case.values | st.none() if nullable else case.values
    edges: tuple[object, ...] = ([], list(case.edges), [*case.edges, None])
    return Case(Array(case.datatype, nullable_items=nullable), "TEXT", st.lists(items, max_size=6), edges)


ARRAYS = {f"list of {name}": _array(case) for name, case in SCALARS.items()}
NESTED = {f"list of lists of {name}": _array(_array(SCALARS[name])) for name in ("text", "bytes", "decimal", "moment")}
CASES = SCALARS | ARRAYS | NESTED


@pytest.fixture(scope="module")
def table() -> Iterator[Callable[[str, object], object]]:
    """Stores a value in a STRICT column of a storage class and gives back what SQLite then has."""
    connection: Connection = driver.connect(":memory:", 6, None, 100)
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE t (c_integer INTEGER, c_real REAL, c_text TEXT, c_blob BLOB) STRICT").fetchall()

    def store(storage: str, value: object) -> object:
        return cursor.execute(f"INSERT INTO t (c_{storage}) VALUES (?1) RETURNING c_{storage}", (value,)).fetchall()[0][
            0
        ]

    yield store
    connection.close()


def _encode(datatype: DataType, value: object) -> object:
    encoder = CODECS.encoder(datatype)
    return value if encoder is None else encoder(value)


def _decode(datatype: DataType, value: object) -> object:
    decoder = CODECS.decoder(datatype)
    return value if decoder is None else decoder(value)


def _exactly(value: object) -> object:
    """A form in which values are equal only if they have the same type, sign and precision."""
    if isinstance(value, list):
        return [_exactly(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {name: _exactly(item) for name, item in cast("dict[str, object]", value).items()}
    return type(value), repr(value)


def _canonical(datatype: DataType, value: object) -> object:
    """The value in the form in which it comes back: moments in UTC, decimals with all places, zero without a sign."""
    if isinstance(datatype, Array) and isinstance(value, list):
        items = cast("list[object]", value)
        return [None if item is None else _canonical(datatype.item, item) for item in items]
    if isinstance(value, PythonDecimal) and isinstance(datatype, Decimal):
        return (value + 0).quantize(PythonDecimal(1).scaleb(-datatype.places), context=Context(prec=60))
    if isinstance(datatype, Json) and isinstance(value, (list, dict)):
        inner = cast("list[object] | dict[str, object]", value)
        if isinstance(inner, list):
            return [_canonical(datatype, item) for item in inner]
        return {name: _canonical(datatype, item) for name, item in inner.items()}
    if isinstance(datatype, (Float, Json)) and isinstance(value, float):
        return value + 0.0
    return value.astimezone(UTC).replace(fold=0) if isinstance(value, datetime) else value


def _round_trip(case: Case, value: object, store: Callable[[str, object], object]) -> None:
    checked = case.datatype.check(value)
    stored = store(case.storage, _encode(case.datatype, checked))
    assert _exactly(_decode(case.datatype, stored)) == _exactly(_canonical(case.datatype, checked))


@pytest.mark.parametrize("name", CASES)
def test_edges_come_back_exactly(name: str, table: Callable[[str, object], object]) -> None:
    """The smallest, the largest and the odd values survive, with type and precision."""
    for value in CASES[name].edges:
        for _ in range(2):
            _round_trip(CASES[name], value, table)


@pytest.mark.parametrize("name", CASES)
def test_any_value_comes_back_exactly(name: str, table: Callable[[str, object], object]) -> None:
    """Whatever a column takes comes back equal in type and value."""

    @given(CASES[name].values)
    def round_trip(value: object) -> None:
        _round_trip(CASES[name], value, table)

    round_trip()


@pytest.mark.parametrize("name", ["decimal", "date", "time", "moment", "duration", "number members"])
def test_stored_values_sort_as_what_they_mean(name: str) -> None:
    """The database's order of the stored values is the order of the values."""
    case = CASES[name]

    @given(st.lists(case.values, min_size=2, max_size=8))
    def sort(values: list[object]) -> None:
        ordered = sorted(cast("list[int]", values))  # these types have an order, as numbers do
        stored = [cast("int", _encode(case.datatype, value)) for value in ordered]
        assert stored == sorted(stored)

    sort()


@pytest.mark.parametrize(
    ("datatype", "value", "stored"),
    [
        (Boolean(), True, 1),
        (Date(), date(987, 6, 5), "0987-06-05"),
        (Time(), time(7, 8), "07:08:00.000000"),
        (DateTime(), datetime(2024, 1, 1, 1, tzinfo=PLUS_14), "2023-12-31T11:00:00.000000Z"),
        (DateTime(), datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000000Z"),
        (Duration(), timedelta(days=-1, microseconds=1), -86_399_999_999),
        (Decimal(places=2), PythonDecimal("1.5"), 150),
        (Uuid(), UUID("ABCDEFAB-0000-0000-0000-000000000001"), "abcdefab-0000-0000-0000-000000000001"),
        (Enumeration(Colour), Colour.green, "grün"),
        (Enumeration(Level, integers=True), Level.low, -1),
        (Json(), {"ä": [1, None, 1.0]}, '{"ä":[1,null,1.0]}'),
        (Json(), None, "null"),
        (Array(Text()), ["a", "ü"], '["a","ü"]'),
        (Array(Bytes()), [b"\xff"], '["/w=="]'),
        (Array(Decimal(places=2)), [PythonDecimal("1E+1")], '["10.00"]'),
        (Array(Boolean(), nullable_items=True), [True, None], "[true,null]"),
        (Array(Array(Duration())), [[timedelta(seconds=1)], []], "[[1000000],[]]"),
    ],
)
def test_the_stored_form_is_fixed(datatype: DataType, value: object, stored: object) -> None:
    """What lies in the file is part of the contract: other programs and later versions read it."""
    encoded = _encode(datatype, value)
    assert encoded == stored
    assert type(encoded) is type(stored)


@pytest.mark.parametrize("datatype", [Integer(), Float(), Text(), Bytes()])
def test_types_that_sqlite_has_need_no_codec(datatype: DataType) -> None:
    """Numbers, text and bytes go as they are, without a call."""
    assert CODECS.encoder(datatype) is None
    assert CODECS.decoder(datatype) is None


@given(st.lists(st.text()))
def test_a_list_of_texts_is_stored_as_any_json_encoder_writes_it(texts: list[str]) -> None:
    """The texts are compared and indexed, so there is one spelling of a list."""
    encode = CODECS.encoder(Array(Text()))
    assert encode is not None
    assert encode(texts) == json.dumps(texts, separators=(",", ":"), ensure_ascii=False)


def test_a_remembered_list_belongs_to_its_reader() -> None:
    """Changing one decoded list changes no other, and the memory of lists has an end."""
    decode = CODECS.decoder(Array(Text()))
    assert decode is not None
    for _ in range(3):
        tags = decode('["a","b"]')
        assert tags == ["a", "b"]
        assert isinstance(tags, list)
        tags.append("c")  # pyright: ignore[reportUnknownMemberType]  # a list of text
    for number in range(2_000):
        assert decode(f'["{number}"]') == [str(number)]


def test_an_unknown_member_is_named() -> None:
    """A stored value that is no member raises ``InvalidValue`` with the value and the members."""
    decode = CODECS.decoder(Enumeration(Colour))
    assert decode is not None
    with pytest.raises(InvalidValue, match="xpected one of red, grün, got 'blue'") as refused:
        decode("blue")
    assert refused.value.code == "not_a_member"


def test_decimals_do_not_depend_on_the_callers_context() -> None:
    """A decimal context with little precision changes nothing that is stored or read."""
    datatype = Decimal(places=4)
    with localcontext(Context(prec=3)):
        assert _encode(datatype, PythonDecimal("12345678901234.5678")) == 123456789012345678
        assert _decode(datatype, 123456789012345678) == PythonDecimal("12345678901234.5678")


@example(PythonDecimal(2**63).scaleb(-2))
@given(st.decimals(min_value=PythonDecimal("1e17"), max_value=PythonDecimal("1e30"), places=2))
def test_a_decimal_past_64_bits_is_refused(value: PythonDecimal) -> None:
    """A number that does not fit is refused, not cut."""
    with pytest.raises(ValueOutOfRange):
        _encode(Decimal(places=2, max_digits=40), value)


@pytest.mark.parametrize(("stored", "meaning"), [(0, False), (1, True), (5, True)])
def test_booleans_are_pythons(stored: int, meaning: bool) -> None:
    """What SQLite answers to a condition becomes ``True`` or ``False``."""
    assert python_bool(stored) is meaning


def test_a_uuid_from_the_file_is_like_any_other() -> None:
    """A decoded UUID equals, hashes, sorts and prints as one made by hand."""
    decode = CODECS.decoder(Uuid())
    assert decode is not None
    text = "00112233-4455-6677-8899-aabbccddeeff"
    value = decode(text)
    assert isinstance(value, UUID)
    assert (value, hash(value), str(value), value.is_safe) == (UUID(text), hash(UUID(text)), text, UUID(text).is_safe)
