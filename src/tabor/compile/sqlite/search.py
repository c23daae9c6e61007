"""Search indexes as SQLite keeps them: FTS5 tables that triggers keep up, found by the rowid of the row.

A row whose key is no whole number has a rowid that a VACUUM may change; a further table numbers such rows for good.
"""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.dialect import quoted
from tabor.compile.literals import quoted_text
from tabor.compile.sqlite.numbers import Spell
from tabor.compile.sqlite.types import is_rowid
from tabor.datatypes import Phrase, alternatives
from tabor.tree.definitions import SearchDefinition
from tabor.tree.nodes import ColumnNode, Operation

NUMBER = "search_row"
"""The column of a numbering table that has the number."""
_TOKENIZER = "tokenize='unicode61 remove_diacritics 2'"


def search_text(question: str) -> str:
    """The question as FTS5 takes it.

    >>> search_text('pyramid sta* -"late night"')
    '("pyramid" AND "sta"*) NOT ("late" + "night")'
    """
    parts = [
        _joined(one.wanted, "AND") + (f" NOT {_joined(one.unwanted, 'OR')}" if one.unwanted else "")
        for one in alternatives(question)
    ]
    return " OR ".join([f"({part})" for part in parts] if len(parts) > 1 else parts) or '""'


def _joined(phrases: Sequence[Phrase], word: str) -> str:
    return "(" + f" {word} ".join([_phrase(phrase) for phrase in phrases]) + ")"


def _phrase(phrase: Phrase) -> str:
    return " + ".join([f'"{word}"' for word in phrase.words]) + ("*" if phrase.prefix else "")


def index_name(table: str, name: str) -> str:
    """The name of the FTS5 table of a search index.

    >>> index_name("event", "found_by")
    'event_found_by'
    """
    return f"{table}_{name}"


def create_search(search: SearchDefinition, key: Sequence[str], *, numbered: bool) -> list[str]:
    """The statements that make a search index with its triggers where it is not there, and fill it where it is empty.

    ``numbered`` says that the one column of the ``key`` is the rowid.
    """
    index = _Index(search, key)
    return index.over_rowids() if numbered else index.over_numbers()


class _Index:
    """The texts that the statements of one search index are made of."""

    def __init__(self, search: SearchDefinition, key: Sequence[str]) -> None:
        self.key = key
        self.name = index_name(search.table, search.name)
        self.source = search.table
        self.table = quoted(search.table)
        self.index = quoted(self.name)
        self.numbers = quoted(f"{self.name}_rows")
        self.number = quoted(NUMBER)
        self.columns = ", ".join([quoted(name) for name in search.columns])
        self.changed = ", ".join([quoted(name) for name in dict.fromkeys((*key, *search.columns))])
        self.searched = search.columns

    def over_rowids(self) -> list[str]:
        """The row's own number is its number in the index, which reads the words of a row from its table."""
        (key,) = self.key
        options = f"content={quoted_text(self.source)}, content_rowid={quoted_text(key)}"
        removed = f"{self._removing()} VALUES ('delete', old.{quoted(key)}, {self._of('old')})"
        added = f"{self._adding()} VALUES (new.{quoted(key)}, {self._of('new')})"
        return [
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {self.index} USING fts5({self.columns}, {options}, {_TOKENIZER})",
            *self._triggers([added], [removed], [removed, added]),
            f"INSERT INTO {self.index} ({self.index}) SELECT 'rebuild' {self._when_empty()}",
        ]

    def over_numbers(self) -> list[str]:
        """Another table gives each row a number, which is its number in the index."""
        keys = ", ".join([quoted(name) for name in self.key])
        new, old = self._keyed("new"), self._keyed("old")
        found = f"SELECT {self.number}, {self._of('new')} FROM {self.numbers} WHERE {new}"
        gone = f"SELECT 'delete', {self.number}, {self._of('old')} FROM {self.numbers} WHERE {old}"
        new_keys = ", ".join([f"new.{quoted(name)}" for name in self.key])
        renamed = f"UPDATE {self.numbers} SET ({keys}) = ({new_keys}) WHERE {old}"
        if len(self.key) == 1:
            renamed = f"UPDATE {self.numbers} SET {keys} = {new_keys} WHERE {old}"
        removed, added = f"{self._removing()} {gone}", f"{self._adding()} {found}"
        same = " AND ".join([f"numbered.{quoted(name)} = {self.table}.{quoted(name)}" for name in self.key])
        texts = ", ".join([f"{self.table}.{quoted(name)}" for name in self.searched])
        unnumbered = f"WHERE NOT EXISTS (SELECT 1 FROM {self.numbers})"
        joined = f"{self.table} JOIN {self.numbers} AS numbered ON {same}"
        return [
            f"CREATE TABLE IF NOT EXISTS {self.numbers} ({self.number} INTEGER PRIMARY KEY, {keys}, UNIQUE ({keys}))",
            f"CREATE VIRTUAL TABLE IF NOT EXISTS {self.index} USING fts5({self.columns}, content='', {_TOKENIZER})",
            *self._triggers(
                [f"INSERT INTO {self.numbers} ({keys}) VALUES ({new_keys})", added],
                [removed, f"DELETE FROM {self.numbers} WHERE {old}"],
                [removed, renamed, added],
            ),
            f"INSERT INTO {self.numbers} ({keys}) SELECT {keys} FROM {self.table} {unnumbered}",
            f"{self._adding()} SELECT numbered.{self.number}, {texts} FROM {joined} {self._when_empty()}",
        ]

    def _triggers(self, inserted: Sequence[str], deleted: Sequence[str], updated: Sequence[str]) -> list[str]:
        events = {"insert": inserted, "delete": deleted, "update": updated}
        columns = {"update": f" OF {self.changed}"}
        return [
            f"CREATE TRIGGER IF NOT EXISTS {quoted(f'{self.name}_{event}')} "
            f"AFTER {event.upper()}{columns.get(event, '')} ON {self.table} BEGIN {'; '.join(steps)}; END"
            for event, steps in events.items()
        ]

    def _adding(self) -> str:
        return f"INSERT INTO {self.index} (rowid, {self.columns})"

    def _removing(self) -> str:
        # The index does not keep the words of a row by the row: it is told them again to forget them.
        return f"INSERT INTO {self.index} ({self.index}, rowid, {self.columns})"

    def _when_empty(self) -> str:
        return f"WHERE NOT EXISTS (SELECT 1 FROM {quoted(f'{self.name}_docsize')})"

    def _of(self, row: str) -> str:
        return ", ".join([f"{row}.{quoted(name)}" for name in self.searched])

    def _keyed(self, row: str) -> str:
        return " AND ".join([f"{quoted(name)} = {row}.{quoted(name)}" for name in self.key])


def searched(index: str) -> str:
    """How a statement begins to search an FTS5 table.

    >>> searched("act_found_by")
    'FROM "act_found_by"('
    """
    return f"FROM {quoted(index)}("


def _index_of(node: Operation) -> tuple[str, str]:
    """The start of a search in the index, and its numbering table."""
    column = node.args[0]
    assert isinstance(column, ColumnNode)
    name = index_name(column.source.table, column.name)
    return searched(name), quoted(f"{name}_rows")


def _keys(node: Operation) -> list[ColumnNode]:
    """The columns of the key, by which the row that is asked about is found."""
    kept, *others = [arg for arg in node.args if isinstance(arg, ColumnNode)]
    return others[: len(kept.source.identity)]


def _numbered(node: Operation) -> bool:
    return is_rowid([key.datatype for key in _keys(node)])


def _names(node: Operation) -> list[str]:
    return [quoted(key.stored_name) for key in _keys(node)]


def _matches(args: Sequence[str], node: Operation) -> str:
    search, numbers = _index_of(node)
    keys, question = args[1 : 1 + len(_keys(node))], args[-1]
    found = f"SELECT rowid {search}{question})"
    if not _numbered(node):
        found = f"SELECT {', '.join(_names(node))} FROM {numbers} WHERE {quoted(NUMBER)} IN ({found})"
    row = keys[0] if len(keys) == 1 else f"({', '.join(keys)})"
    # A row that is missing would not be in an empty list, where it is unknown whether it is in any other.
    listed = f"{row} IN ({found})"
    return f"(CASE WHEN {keys[0]} IS NOT NULL THEN {listed} END)" if node.args[0].nullable else f"({listed})"


def _rank(args: Sequence[str], node: Operation) -> str:
    search, numbers = _index_of(node)
    keys, question = args[1 : 1 + len(_keys(node))], args[-1]
    # The limit keeps the search apart from the row at hand, so that it is done once for all rows.
    scores = f"(SELECT rowid AS number, -rank AS score {search}{question}) LIMIT -1) AS found"
    number = keys[0]
    if not _numbered(node):
        same = " AND ".join([f"{name} = {text}" for name, text in zip(_names(node), keys, strict=True)])
        number = f"(SELECT {quoted(NUMBER)} FROM {numbers} WHERE {same})"
    return f"coalesce((SELECT found.score FROM {scores} WHERE found.number = {number}), 0.0)"


SEARCHES: dict[str, Spell] = {"search_matches": _matches, "search_rank": _rank}
