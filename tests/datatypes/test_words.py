"""Tests of the words of a text: what one is, which count as the same, and where they stand."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from tabor.datatypes.words import placed_words, words
from tabor.engines.sqlite.driver import connect

READ_WRITE = 2 | 4
"""SQLITE_OPEN_READWRITE and SQLITE_OPEN_CREATE."""


def characters(beyond: int) -> list[str]:
    """The characters that a text can have; each ``beyond``-th of the planes that have next to no letters."""
    places = [*range(1, 0xD800), *range(0xE000, 0x30000), *range(0x30000, sys.maxunicode + 1, beyond)]
    return [chr(place) for place in places]


def test_every_character_counts_as_it_does_for_sqlite(long_run: bool) -> None:
    """For each character SQLite's tokenizer and Tabor agree on whether it makes words, and which."""
    connection = connect(":memory:", READ_WRITE, None, 10).cursor()
    connection.execute(
        "CREATE VIRTUAL TABLE found USING fts5(text, detail=none, tokenize='unicode61 remove_diacritics 2');"
        "CREATE VIRTUAL TABLE term USING fts5vocab(found, instance); BEGIN"
    )
    rows = [(ord(letter), f"a{letter}b") for letter in characters(1 if long_run else 83)]
    connection.executemany("INSERT INTO found (rowid, text) VALUES (?, ?)", rows)
    theirs: dict[object, set[object]] = {}
    for term, place in connection.execute("SELECT term, doc FROM term").fetchall():
        theirs.setdefault(place, set()).add(term)
    assert {place: found for place, text in rows if (found := set(words(text))) != theirs[place]} == {}


@given(st.text())
def test_words_stand_where_they_are_said_to(text: str) -> None:
    """The part of the text where a word stands has this word alone, and nothing but separators stands between."""
    places = placed_words(text)
    assert [place.word for place in places] == words(text)
    assert [words(text[place.start : place.end]) for place in places] == [[place.word] for place in places]
    ends = [0, *[place.end for place in places]]
    starts = [*[place.start for place in places], len(text)]
    assert all(words(text[end:start]) == [] for end, start in zip(ends, starts, strict=True))
