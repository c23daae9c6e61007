"""Tests of strict JSON: what is taken as it is, and what is refused with place and reason."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor.datatypes import JsonValue
from tabor.web.json_text import parse_json
from tabor.web.limits import JSON_DEPTH
from tabor.web.problems import Fault, ProblemException

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=50,
)


def refused(body: bytes) -> Fault:
    """The one fault for which a body is refused with 400."""
    with pytest.raises(ProblemException) as caught:
        parse_json(body)
    problem = caught.value.problem
    assert (problem.status, problem.type) == (400, "/problems/malformed")
    (fault,) = problem.errors
    assert problem.detail == fault.message
    return fault


@given(VALUES, st.booleans())
def test_good_json_comes_back(value: JsonValue, ascii_only: bool) -> None:
    """Whatever value is written as JSON is read as the same value, escaped or not."""
    assert parse_json(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=200))
def test_any_bytes_are_a_value_or_a_problem(body: bytes) -> None:
    """No bytes whatever raise anything but a 400 problem."""
    statuses: list[int] = []
    try:
        parse_json(body)
    except ProblemException as error:
        statuses.append(error.problem.status)
    assert statuses in ([], [400])


@pytest.mark.parametrize("body", [b" 1", b"1\n", b"\r\n\t 1 \t\r\n"])
def test_white_space_around_is_taken(body: bytes) -> None:
    """White space before and after the value does not matter."""
    assert parse_json(body) == 1


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63), 10**18, 999_999_999_999_999_999])
def test_whole_numbers_of_64_bits(number: int) -> None:
    """Whole numbers up to the ends of 64 bits are exact."""
    assert parse_json(str(number).encode()) == number


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (str(2**63).encode(), "/body"),
        (b'{"a": [1, ' + str(-(2**63) - 1).encode() + b"]}", "/body/a/1"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "/body/a"),
    ],
)
def test_larger_whole_numbers_are_refused(body: bytes, pointer: str) -> None:
    """A whole number beyond 64 bits is refused with its place, however many digits it has."""
    assert refused(body) == Fault(pointer, "out_of_range", "The whole number does not fit into 64 bits.")


@pytest.mark.parametrize("word", ["NaN", "Infinity", "-Infinity"])
def test_words_for_no_number_are_refused(word: str) -> None:
    """NaN and Infinity are refused with their place."""
    assert refused(f'{{"price": [{word}]}}'.encode()) == Fault(
        "/body/price/0", "not_finite", f"{word} is no JSON value."
    )


@pytest.mark.parametrize("number", [b"1e400", b"-1e400", b"1" + b"0" * 400 + b".0"])
def test_numbers_that_become_infinite_are_refused(number: bytes) -> None:
    """A number too large for a float is refused instead of becoming infinite."""
    assert refused(b'{"price": ' + number + b"}") == Fault("/body/price", "not_finite", "The number is too large.")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": 1, "a": 1}', "/body/a"),
        (b'[{"b": 1}, {"c": {"a/b": 1, "x": 2, "a/b": 3}}]', "/body/1/c/a~1b"),
        (b'{"a": 1, "\\u0061": 2}', "/body/a"),
    ],
)
def test_duplicate_names_are_refused(body: bytes, pointer: str) -> None:
    """A name that stands twice in one object is refused, escaped or not."""
    assert refused(body) == Fault(pointer, "duplicate_name", "The object has this name twice.")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"title": "a\\u0000b"}', "/body/title"),
        (b'{"title": "\\ud800"}', "/body/title"),
        (b'["\\uDFFF\\uD800"]', "/body/0"),
        (b'{"list": [{"na\\u0000me": 1}]}', "/body/list/0"),
    ],
)
def test_unstorable_characters_are_refused(body: bytes, pointer: str) -> None:
    """NUL and lone surrogates are refused in values and in names."""
    assert refused(body) == Fault(pointer, "bad_character", "Text may not contain NUL or lone surrogates.")


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'"\\ud83c\\udfaa"', "\U0001f3aa"),
        (b'"\\\\u0000"', "\\u0000"),
        (b'"\\u00e9\\n"', "\u00e9\n"),
        ('"\U0001f3aa"'.encode(), "\U0001f3aa"),
    ],
)
def test_harmless_escapes_are_taken(body: bytes, value: str) -> None:
    """A pair of surrogates, a backslash before u0000 and other escapes are ordinary text."""
    assert parse_json(body) == value


def nested(levels: int) -> bytes:
    """Arrays and objects in turn, so many levels of them."""
    opening = b"".join(b"[" if level % 2 else b'{"a":' for level in range(levels))
    closing = b"".join(b"]" if level % 2 else b"}" for level in reversed(range(levels)))
    return opening + b"1" + closing


def test_32_levels_are_taken() -> None:
    """As many levels as the limit says are read."""
    assert parse_json(nested(JSON_DEPTH)) == json.loads(nested(JSON_DEPTH))


def test_33_levels_are_refused() -> None:
    """One level more is refused, with the place where it begins."""
    assert refused(nested(JSON_DEPTH + 1)) == Fault(
        "/body" + "/a/0" * 16, "too_deep", "JSON may nest 32 levels deep at most."
    )


@pytest.mark.parametrize(
    "body", [b"[" * 500_000, b" " + b"[" * 500_000, b"[" * 500_000 + b"]" * 500_000, b'{"a":' * 200_000]
)
def test_a_million_levels_are_refused(body: bytes) -> None:
    """Nesting that would exhaust a parser's stack is refused like any other."""
    assert refused(body).code == "too_deep"


def test_many_flat_objects_are_taken() -> None:
    """Many brackets side by side are not depth."""
    rows: list[JsonValue] = [{"a": [1]}, {}] * 500
    assert parse_json(json.dumps(rows).encode()) == rows


@pytest.mark.parametrize("body", [b"", b"  \r\n\t"])
def test_empty_body(body: bytes) -> None:
    """A body with nothing in it says so."""
    assert refused(body) == Fault("/body", "empty", "The body is empty; send JSON.")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"{'a': 1}", "Expecting property name enclosed in double quotes at line 1, column 2."),
        (b'{"a": 1,\n "b": }', "Expecting value at line 2, column 7."),
        (b"1 2", "Extra data at line 1, column 3."),
        (b'"a\x00b"', "Invalid control character at at line 1, column 3."),
        (b'"\\x"', "Invalid \\escape at line 1, column 2."),
        (b"\xef\xbb\xbf1", "Expecting value at line 1, column 1."),
        (b"01", "Extra data at line 1, column 2."),
    ],
)
def test_no_json(body: bytes, message: str) -> None:
    """What is no JSON is refused with line and column."""
    assert refused(body) == Fault("/body", "invalid_json", f"The body is not JSON: {message}")


@pytest.mark.parametrize(
    ("body", "byte"), [(b'"\xff"', 1), (b'{"a": "\xc3("}', 7), ('"é"'.encode("utf-16"), 0), (b'"\xed\xa0\x80"', 1)]
)
def test_no_utf8(body: bytes, byte: int) -> None:
    """Bytes that are not UTF-8 are refused with the position."""
    assert refused(body) == Fault("/body", "not_utf8", f"The body is not UTF-8 at byte {byte}.")
