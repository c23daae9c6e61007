"""Tests of the query part of an address, of the texts within parameters, and of cursors."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor.datatypes import DateTime, Integer, Text
from tabor.rest.cursor import CURSOR, Cursors
from tabor.rest.grammar import Group, NotUnderstood, parse_group, split_fields, split_list
from tabor.rest.query_string import encoded_query, parse_query
from tabor.web.problems import ProblemException

TEXT = st.text().filter(lambda text: not any("\ud800" <= character <= "\udfff" for character in text))


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT)))
def test_a_query_that_is_written_is_read_again(pairs: list[tuple[str, str]]) -> None:
    """Names and values survive their escapes."""
    assert parse_query(encoded_query(pairs).encode()) == pairs


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (b"", []),
        (b"a", [("a", "")]),
        (b"a=", [("a", "")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"&&a=1&", [("a", "1")]),
        (b"a=1+2%2B3", [("a", "1 2+3")]),
        (b"a=%C3%A9", [("a", "é")]),
        (b"a=1&a=2", [("a", "1"), ("a", "2")]),
    ],
)
def test_queries(query: bytes, expected: list[tuple[str, str]]) -> None:
    """Parameters are decoded as forms are, in their order."""
    assert parse_query(query) == expected


@pytest.mark.parametrize("query", [b"a=%", b"a=%4", b"a=%zz", b"%=1", b"a=%ff", b"a=%ED%A0%80", b"a=\xff"])
def test_queries_that_cannot_be_decoded(query: bytes) -> None:
    """Escapes that are none and bytes that are no UTF-8 are a 400."""
    with pytest.raises(ProblemException) as caught:
        parse_query(query)
    assert caught.value.problem.status == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ("a,,b", ["a", "", "b"]),
        ('"a,b",c', ["a,b", "c"]),
        (r'"a\"b\\"', ['a"b\\']),
        ("a (b),c)", ["a (b)", "c)"]),
        ('5" pipe,x', ['5" pipe', "x"]),
    ],
)
def test_lists(text: str, expected: list[str]) -> None:
    """Commas separate, double quotes at the start of a part take them in."""
    assert split_list(text) == expected


def test_groups() -> None:
    """Groups nest, and quotes and parentheses protect commas."""
    group = parse_group('(a.eq.1,not.and(b.in.(1,2),c.eq."x,)"))')
    assert group == Group("or", False, ("a.eq.1", Group("and", True, ("b.in.(1,2)", 'c.eq."x,)"'))))


@pytest.mark.parametrize("text", ["", "a", "()", "(", ")", "(a", "a)", "(a))", "((a)", '(a."b)', "(a,)", "(,a)"])
def test_groups_that_are_none(text: str) -> None:
    """What does not close, or is empty, is refused."""
    with pytest.raises(NotUnderstood):
        parse_group(text)


def test_groups_nest_eight_deep() -> None:
    """Beyond eight levels a group is refused."""
    assert parse_group("(or" * 7 + "(a)" + ")" * 7).kind == "or"
    with pytest.raises(NotUnderstood):
        parse_group("(or" * 8 + "(a)" + ")" * 8)


def test_fields() -> None:
    """Parentheses stand for a common beginning."""
    assert split_fields("a,b(c,d(e)),f.g") == ["a", "b.c", "b.d.e", "f.g"]
    for text in ("", "a,", "a(b", "(a)", "a()", "a)b("):
        with pytest.raises(NotUnderstood):
            split_fields(text)


def test_a_cursor_gives_its_values_back() -> None:
    """Values of any type survive, null too."""
    cursors = Cursors([b"k" * 32])
    datatypes = [DateTime(), Text(), Integer()]
    values = [datetime(2026, 6, 24, 18, 30, tzinfo=UTC), None, 7]
    cursor = cursors.write("event?", datatypes, values)
    assert CURSOR.fullmatch(cursor)
    assert cursors.read("event?", datatypes, cursor) == values


def test_a_cursor_of_somebody_else_is_none() -> None:
    """Another purpose, another key, or any change of it makes a cursor worthless."""
    cursors = Cursors([b"k" * 32])
    cursor = cursors.write("event?", [Integer()], [7])
    assert cursors.read("event?-id", [Integer()], cursor) is None
    assert Cursors([b"x" * 32]).read("event?", [Integer()], cursor) is None
    for position in range(len(cursor) - 1):
        changed = cursor[:position] + ("A" if cursor[position] != "A" else "B") + cursor[position + 1 :]
        assert cursors.read("event?", [Integer()], changed) is None
    assert cursors.read("event?", [Integer()], "é" * 30) is None
    assert cursors.read("event?", [Integer()], cursor + "=") is None


def test_keys_can_be_changed_while_cursors_are_about() -> None:
    """The first key signs, and every key verifies."""
    old, new = Cursors([b"o" * 32]), Cursors([b"n" * 32, b"o" * 32])
    assert new.read("p", [Integer()], old.write("p", [Integer()], [1])) == [1]
    assert old.read("p", [Integer()], new.write("p", [Integer()], [1])) is None


def test_a_cursor_for_other_columns_is_none() -> None:
    """Values that no longer fit the columns are no place to read on from."""
    cursors = Cursors([b"k" * 32])
    cursor = cursors.write("p", [Text()], ["x"])
    assert cursors.read("p", [Integer()], cursor) is None
    assert cursors.read("p", [Text(), Text()], cursor) is None


def test_a_cursor_hides_nothing_but_cannot_be_made() -> None:
    """A cursor is signed, not encrypted: it holds what the last row shows."""
    cursor = Cursors([b"k" * 32]).write("p", [Integer()], [1234])
    assert urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[16:] == b"[1234]"
