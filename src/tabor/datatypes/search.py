"""What people type into a search box, and what it asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tabor.datatypes.base import DataType, refuse_type
from tabor.datatypes.words import words

WORDS_AT_MOST = 256
"""A question with more words finds nothing: no text that people write has them all, and databases give up on them."""
WORD_LENGTH = 500
"""A question with a longer word finds nothing: not every database keeps such words."""

# An optional minus, then a quoted phrase or anything up to the next blank; each with an optional star at its end.
_TERM = re.compile(r'(?P<without>-?)(?:"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<plain>\S+))')


class Phrase(NamedTuple):
    """Words that stand one after the other; with ``prefix`` the last one may go on."""

    words: tuple[str, ...]
    prefix: bool = False


class Alternative(NamedTuple):
    """What a text must have all of, and what it must have none of."""

    wanted: tuple[Phrase, ...]
    unwanted: tuple[Phrase, ...] = ()


@dataclass(frozen=True, slots=True)
class SearchQuery(DataType):
    """A question to a search index, as text; a database spells it in its own way."""

    @property
    def label(self) -> str:
        return "words to search for"

    def check(self, value: object) -> object:
        if not isinstance(value, str):
            raise refuse_type(self.label, value)
        return value


def alternatives(question: str) -> tuple[Alternative, ...]:
    """What a question asks for, any of these; none at all where it asks for nothing that can be found.

    >>> alternatives('pyramid sta* -"late night"')[0].wanted
    (Phrase(words=('pyramid',), prefix=False), Phrase(words=('sta',), prefix=True))
    """
    found: list[Alternative] = []
    total = 0
    for wanted, unwanted in _groups(question):
        total += sum([len(phrase.words) for phrase in (*wanted, *unwanted)])
        long = any(len(word) > WORD_LENGTH for phrase in (*wanted, *unwanted) for word in phrase.words)
        if wanted and not long:
            found.append(Alternative(tuple(wanted), tuple(unwanted)))
        if total > WORDS_AT_MOST:
            return ()
    return tuple(found)


def _groups(question: str) -> Iterator[tuple[list[Phrase], list[Phrase]]]:
    wanted: list[Phrase] = []
    unwanted: list[Phrase] = []
    for match in _TERM.finditer(question):
        plain = match["plain"]
        if plain == "OR" and not match["without"]:
            yield wanted, unwanted
            wanted, unwanted = [], []
            continue
        text = match["phrase"] if plain is None else plain
        prefix = bool(match["star"]) if plain is None else plain.endswith("*")
        phrase = Phrase(tuple(words(text)), prefix)
        if phrase.words:
            (unwanted if match["without"] else wanted).append(phrase)
    yield wanted, unwanted
