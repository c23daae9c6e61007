"""What to show of a text that was found: its words as a question asks for them, and the part where most of them are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tabor.datatypes.search import alternatives
from tabor.datatypes.words import Place, placed_words

_MORE = "\u2026"

Words = tuple[str, ...]


class Piece(NamedTuple):
    """A part of a text; ``found`` says whether a search asked for it."""

    text: str
    found: bool = False


class _Found(NamedTuple):
    """Where a phrase stands: from the word numbered ``first`` up to, not including, ``end``."""

    first: int
    end: int
    phrase: Words


class _Wanted:
    """The phrases of one length that a question asks for."""

    def __init__(self) -> None:
        self.whole: set[Words] = set()
        self.begun: dict[Words, Words] = {}

    def stands(self, there: Words) -> bool:
        """Whether these words are one of the phrases."""
        return there in self.whole or there[-1].startswith(self.begun.get(there[:-1], ()))


def excerpt(text: str, question: str, *, words: int | None = None) -> list[Piece]:
    """A text in pieces, those marked that a search for ``question`` finds; together they are the text.

    With ``words`` it is the part of so many words that has most of what was asked for, or the beginning, with an
    ellipsis where text was left out.  The pieces are plain text: escape each before it becomes a part of a page.
    Case, accents, phrases and ``sta*`` count as they do in a search, on every database.  Raises ``ValueError`` for
    less than one word.

    >>> excerpt("Headliners: the Pyramid Stage", "pyra* rain")
    [Piece(text='Headliners: the ', found=False), Piece(text='Pyramid', found=True), Piece(text=' Stage', found=False)]
    """
    if words is not None and words < 1:
        raise ValueError(f"An excerpt has one word at least, got words={words}.")
    places = placed_words(text)
    found = _found(places, question)
    first, end = 0, len(places)
    if words is not None and words < end:
        first = _best(found, len(places), words)
        end = first + words
    start = places[first].start if first else 0
    stop = places[end - 1].end if end < len(places) else len(text)
    parts = _merged([one for one in found if first <= one.first and one.end <= end], places)
    before = [Piece(_MORE)] if first else []
    after = [Piece(_MORE)] if end < len(places) else []
    return [*before, *_cut(text, start, stop, parts), *after]


def _found(places: Sequence[Place], question: str) -> list[_Found]:
    """Where the phrases stand that a question asks for."""
    wanted: dict[int, _Wanted] = {}
    for alternative in alternatives(question):
        for phrase in alternative.wanted:
            group = wanted.setdefault(len(phrase.words), _Wanted())
            *firsts, last = phrase.words
            if phrase.prefix:
                group.begun[tuple(firsts)] = (*group.begun.get(tuple(firsts), ()), last)
            else:
                group.whole.add(phrase.words)
    texts = [place.word for place in places]
    found: list[_Found] = []
    for first in range(len(texts)):
        for length, group in wanted.items():
            there = tuple(texts[first : first + length])
            if len(there) == length and group.stands(there):
                found.append(_Found(first, first + length, there))
    return found


def _best(found: Sequence[_Found], total: int, words: int) -> int:
    """The first word of the part that has most different phrases; up to a quarter of it leads to the first of them."""
    best, most = 0, (0, 0)
    for number, one in enumerate(found):
        within = [other for other in found[number : number + words] if other.end <= one.first + words]
        score = (len({other.phrase for other in within}), len(within))
        if score > most:
            last = max([other.end for other in within])
            before = min(words // 4, words - (last - one.first))
            best, most = max(0, min(one.first - before, total - words)), score
    return best


def _merged(found: Sequence[_Found], places: Sequence[Place]) -> list[tuple[int, int]]:
    """The parts of the text that were found, as characters, those made one that overlap."""
    merged: list[tuple[int, int]] = []
    for one in found:
        start, end = places[one.first].start, places[one.end - 1].end
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _cut(text: str, start: int, stop: int, found: Sequence[tuple[int, int]]) -> list[Piece]:
    pieces: list[Piece] = []
    for first, end in found:
        pieces += [Piece(text[start:first]), Piece(text[first:end], found=True)]
        start = end
    pieces.append(Piece(text[start:stop]))
    return [piece for piece in pieces if piece.text]
