"""Tests of excerpts: what a search found in a text, and the part of it that is shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tabor import Piece, excerpt

TEXT = (
    "The gates open at noon. Late at night the Pyramid Stage has its headliner; the night ends with a pyramid of light."
)


def marked(text: str, question: str, words: int | None = None) -> str:
    """The pieces as one text, what was found in brackets."""
    return "".join([f"[{part}]" if found else part for part, found in excerpt(text, question, words=words)])


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        ("Late at night", "night", "Late at [night]"),
        ("Late at night", '"at NIGHT" late', "[Late] [at night]"),
        ("Late at night", '"late at" "at night"', "[Late at night]"),
        ("Late at night", '"late night"', "Late at night"),
        ("Late at night", '"at ni"*', "Late [at night]"),
        ("Late at night", "n* OR x*", "Late at [night]"),
        ("Late at night", "at -night", "Late [at] night"),
        ("O'Neill o neill", "o'neill", "[O'Neill] [o neill]"),
        ("Café! cafe\u0301, caf", "cafe", "[Café]! [cafe\u0301], caf"),
        ("<b>", "b", "<[b]>"),
        ("", "b", ""),
        ("Late", "", "Late"),
        ("Late", '" - * OR', "Late"),
    ],
)
def test_what_was_found_is_marked(text: str, question: str, expected: str) -> None:
    """Words, phrases and beginnings count as they do in a search."""
    assert marked(text, question) == expected


@pytest.mark.parametrize(
    ("question", "words", "expected"),
    [
        ("pyramid night", 6, "\u2026at [night] the [Pyramid] Stage has\u2026"),
        ('"pyramid stage" light', 4, "\u2026the [Pyramid Stage] has\u2026"),
        ("light", 4, "\u2026a pyramid of [light]."),
        ("gates", 4, "The [gates] open at\u2026"),
        ("rain", 3, "The gates open\u2026"),
        ("light", 1, "\u2026[light]."),
        ('"pyramid of light"', 2, "The gates\u2026"),
        ("light", 100, TEXT.replace("light", "[light]")),
    ],
)
def test_the_part_with_most_of_it(question: str, words: int, expected: str) -> None:
    """The part that is shown has most different words of the question, and an ellipsis where text was left out."""
    assert marked(TEXT, question, words) == expected


def test_a_piece_says_what_it_is() -> None:
    """Pieces are plain text, told apart by whether they were found."""
    assert excerpt("a <b>", "b") == [Piece("a <"), Piece("b", found=True), Piece(">")]


@pytest.mark.parametrize("words", [0, -1])
def test_an_excerpt_of_nothing_is_refused(words: int) -> None:
    """An excerpt has one word at least."""
    with pytest.raises(ValueError, match=f"one word at least, got words={words}"):
        excerpt("text", "text", words=words)


@given(st.text(), st.text(), st.integers(min_value=1, max_value=9))
def test_pieces_are_the_text(text: str, question: str, words: int) -> None:
    """Put together the pieces are the text, or a part of it, whatever it and the question are."""
    assert "".join([piece.text for piece in excerpt(text, question)]) == text
    part = excerpt(text, question, words=words)
    assert "".join([piece.text for piece in part]).strip("\u2026") in text
