"""Search indexes as PostgreSQL keeps them: a generated ``tsvector`` beside the row, with a GIN index.

The server's own parser takes web addresses, hyphens and numbers apart by rules of its own and leaves accents in place.
A function of Tabor's finds the words instead, so that a search means what it means elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from tabor.compile.dialect import quoted
from tabor.compile.literals import quoted_text
from tabor.compile.postgres.conditional import unless
from tabor.compile.postgres.numbers import Spell
from tabor.datatypes import Phrase, alternatives
from tabor.datatypes.words import MARKS, folds, word_ranges
from tabor.tree.definitions import SearchDefinition
from tabor.tree.nodes import Operation

FUNCTION = "tabor_words"
CHARACTERS = 250_000
"""How much of a text is indexed: four bytes for each stay below the 1 MB that a ``tsvector`` may have."""
_COMMON = " abcdefghijklmnopqrstuvwxyz0123456789.,"
_LAST_PLACE = 16_383
_WORD_BYTES = 2_046
_BETWEEN = "'''|'':1'::tsvector"
"""Stands between two columns, so that no phrase goes from one to the next; no word can be it."""


def search_text(question: str) -> str:
    """The question as a ``tsquery``.

    >>> search_text('pyramid sta* -"late night"')
    "('pyramid' & 'sta':*) & !('late' <-> 'night')"
    """
    parts = [
        _joined(one.wanted, "&") + (f" & !{_joined(one.unwanted, '|')}" if one.unwanted else "")
        for one in alternatives(question)
    ]
    return " | ".join([f"({part})" for part in parts] if len(parts) > 1 else parts)


def _joined(phrases: Sequence[Phrase], operator: str) -> str:
    return "(" + f" {operator} ".join([_phrase(phrase) for phrase in phrases]) + ")"


def _phrase(phrase: Phrase) -> str:
    text = " <-> ".join([f"'{word}'" for word in phrase.words]) + (":*" if phrase.prefix else "")
    return f"({text})" if len(phrase.words) > 1 else text


def create_search(search: SearchDefinition, table: str, index: str) -> list[str]:
    """The statements that make the column and its index where they are not there; the server fills the column.

    ``table`` is the table as a statement names it.
    """
    share = CHARACTERS // len(search.columns)
    parts = [f"{FUNCTION}(left(coalesce({quoted(name)}, ''), {share}))" for name in search.columns]
    made = f" || {_BETWEEN} || ".join(parts)
    column = quoted(search.name)
    there = (
        f"SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = {quoted_text(table)}::regclass "
        f"AND attname = {quoted_text(search.name)} AND NOT attisdropped"
    )
    return [
        unless(there, f"ALTER TABLE {table} ADD COLUMN {column} tsvector GENERATED ALWAYS AS ({made}) STORED"),
        f"CREATE INDEX IF NOT EXISTS {quoted(index)} ON {table} USING gin ({column})",
    ]


def create_function() -> str:
    """The statement that makes the function that finds words, where it is not there."""
    ranges = "".join([f"{_character(first)}-{_character(last)}" for first, last in word_ranges()])
    others = [(letter, plain) for letter, plain in folds() if not letter.isascii()]
    # Letters are looked up from the first to the last: the common ones stand first, though they stay as they are.
    before = _COMMON + "".join([letter for letter, _ in others]) + MARKS
    after = _COMMON + "".join([plain for _, plain in others])
    folded = f'translate(lower($1 COLLATE "C"), {quoted_text(before)}, {quoted_text(after)})'
    body = (
        f"SELECT coalesce(string_agg('''' || word || ''':' || least(place, {_LAST_PLACE}), ' '), '')::tsvector "
        f"FROM regexp_split_to_table({folded}, '[^{ranges}]+') WITH ORDINALITY AS found (word, place) "
        f"WHERE word <> '' AND octet_length(word) <= {_WORD_BYTES}"
    )
    there = (
        "SELECT 1 FROM pg_catalog.pg_proc AS made JOIN pg_catalog.pg_namespace AS place ON place.oid = "
        f"made.pronamespace WHERE made.proname = '{FUNCTION}' AND place.nspname = current_schema"
    )
    return unless(
        there,
        f"CREATE FUNCTION {FUNCTION}(text) RETURNS tsvector "
        f"LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $words$ {body} $words$",
    )


def _character(place: int) -> str:
    return f"\\U{place:08x}"


def index_asked(sql: str, place: str) -> str | None:
    """The name of the search index that a statement asks by the column at ``place``; None where it is no index.

    >>> index_asked('SELECT 1 FROM "act" AS "other" WHERE ("other"."found_by" @@ $1::text::tsquery)', "other.found_by")
    'act_found_by'
    """
    alias, _, column = place.rpartition(".")
    if f"{quoted(alias)}.{quoted(column)} @@ " not in sql:
        return None
    named = re.search(f'(?:"([^"]+)"[.])?"([^"]+)" AS {re.escape(quoted(alias))}', sql)
    table = alias if named is None else "_".join([part for part in named.groups() if part])
    return f"{table}_{column}"


def _matches(args: Sequence[str], node: Operation) -> str:
    return f"({args[0]} @@ {args[-1]}::tsquery)"


def _rank(args: Sequence[str], node: Operation) -> str:
    # Words that must not be there would count as words that are missing, and make all ranks alike.
    wanted = f"querytree({args[-1]}::tsquery)::tsquery"
    rank = f"ts_rank({args[0]}, {wanted})::double precision"
    return f"CASE WHEN {_matches(args, node)} THEN {rank} ELSE 0.0::double precision END"


SEARCHES: dict[str, Spell] = {"search_matches": _matches, "search_rank": _rank}
