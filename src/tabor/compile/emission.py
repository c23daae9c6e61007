"""The emission of whole statements: selects, writes, and SQL by hand."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from tabor.compile.writes import Writes
from tabor.datatypes import DataType
from tabor.tree.insert_from import InsertFrom, InsertValues
from tabor.tree.nodes import ColumnNode
from tabor.tree.related import PageOfEach
from tabor.tree.statements import Raw, Select, Statement
from tabor.tree.update_many import UpdateMany
from tabor.tree.writes import Delete, Insert, Update


class Compiled(NamedTuple):
    """SQL text, the datatype of each of its places in order, and whether it only reads.

    ``secret`` has the positions, counted from 0, of the values that belong to a secret column.  ``picks`` has, where
    the text does not need all values of the statement, the positions of those that it takes.  ``places`` has, by
    their positions, the columns beside which values stand.  ``then`` is a statement to be run after this one, as a part
    of it.  ``alike`` has, for each further use of a named query, its name and which values of the statement have to be
    the same as which.
    """

    sql: str
    datatypes: tuple[DataType, ...]
    reads: bool
    secret: frozenset[int] = frozenset()
    picks: tuple[int, ...] = ()
    places: Mapping[int, ColumnNode] = MappingProxyType({})
    then: str = ""
    alike: tuple[tuple[str, slice, slice], ...] = ()


class Emission(Writes):
    """Emits one statement."""

    def statement(self, statement: Statement) -> Compiled:
        """Emit a whole statement."""
        sql = self._statement(statement)
        if self._named:
            texts = ", ".join([text for _, text, _ in self._named.values()])
            sql = f"WITH {'RECURSIVE ' if self._recursive else ''}{texts} {sql}"
        reads = statement.reads and not self._locks
        numbered = statement.numbered if isinstance(statement, (InsertFrom, InsertValues)) else None
        then = "" if numbered is None else self._dialect.renumber(numbered.source.table, numbered.stored_name)
        secret, alike = frozenset(self._secret), tuple(self._alike)
        return Compiled(sql, tuple(self._datatypes), reads, secret, self._picks(), self._beside, then, alike)

    def _picks(self) -> tuple[int, ...]:
        """Which of the statement's values the text takes, where it does not take them all."""
        if not self._passed:
            return ()
        picks: list[int] = []
        number = 0
        for start, count in self._passed:
            taken = start - len(picks)
            picks += range(number, number + taken)
            number += taken + count
        return (*picks, *range(number, number + len(self._datatypes) - len(picks)))

    def _statement(self, statement: Statement) -> str:
        if isinstance(statement, Select):
            return self.select(statement)
        if isinstance(statement, Insert):
            return self.insert(statement)
        if isinstance(statement, Update):
            return self.update(statement)
        if isinstance(statement, Delete):
            return self.delete(statement)
        if isinstance(statement, UpdateMany):
            return self.update_many(statement)
        if isinstance(statement, PageOfEach):
            return self.page_of_each(statement)
        assert isinstance(statement, Raw)
        return self._raw(statement)

    def _raw(self, statement: Raw) -> str:
        text = statement.parts[0]
        for datatype, part in zip(statement.datatypes, statement.parts[1:], strict=True):
            self._datatypes.append(datatype)
            text += self._dialect.raw_place(len(self._datatypes), datatype) + part
        return text
