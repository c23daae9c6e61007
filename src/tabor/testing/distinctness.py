"""Which columns differ from row to row: each by itself, or as a combination where each has few values."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping

from tabor.datatypes import Boolean, DataType, Enumeration, Integer
from tabor.schema.constraints import TableConstraints, columns_in
from tabor.schema.facts import ColumnFacts, TableFacts
from tabor.schema.links import keys_of

_FEW = 1_000


class Distinctness:
    """The columns of a table that differ from row to row; of several that are unique together, one is enough.

    ``filled`` are those of constraints to which two nulls are the same value.
    """

    __slots__ = ("_combinations", "columns", "filled")

    def __init__(self, facts: TableFacts, constraints: TableConstraints) -> None:
        names = {name for name, column in facts.columns.items() if column.unique}
        combinations: list[Mapping[str, int]] = []
        for together in _together(facts, constraints):
            if not together or names.intersection(together):
                continue
            one, few = _most_different(facts, together)
            names.update([one] if one is not None else few)
            if one is None:
                combinations.append(few)
        self.columns: frozenset[str] = frozenset(names)
        self.filled: frozenset[str] = frozenset(_filled(constraints))
        self._combinations = combinations

    def together(self, name: str) -> tuple[str, ...]:
        """The columns of the combination that a column is a part of."""
        return next((tuple(counts) for counts in self._combinations if name in counts), ())

    def numbers(self, row: int, free: Container[str]) -> dict[str, int]:
        """The numbers of the values of columns that differ together, in the row of this number; of ``free`` ones.

        Behind the last combination the number of one value is too high, unless others of them were given.
        """
        numbers: dict[str, int] = {}
        for counts in self._combinations:
            left = row - 1
            names = [name for name in counts if name in free]
            for name in names:
                left, place = divmod(left, counts[name])
                numbers[name] = place + 1
            if len(names) == len(counts):
                numbers[names[-1]] += left * counts[names[-1]]
        return numbers


def _together(facts: TableFacts, constraints: TableConstraints) -> Iterator[tuple[str, ...]]:
    yield facts.primary_key
    for unique in constraints.uniques:
        yield unique.columns
    for index in constraints.indexes:
        if index.unique:
            yield columns_in([term.node for term in index.terms])


def _filled(constraints: TableConstraints) -> Iterator[str]:
    for unique in constraints.uniques:
        if not unique.nulls_distinct:
            yield from unique.columns
    for index in constraints.indexes:
        if not index.nulls_distinct:
            yield from columns_in([term.node for term in index.terms])


def _most_different(facts: TableFacts, columns: tuple[str, ...]) -> tuple[str | None, Mapping[str, int]]:
    """One column with many values, rather a plain one than one of a key; else all, and how many values each has."""
    counts = {name: _count(facts.columns[name].datatype) for name in columns}
    many: list[ColumnFacts] = [facts.columns[name] for name, count in counts.items() if count is None]
    behind_keys = {name for link in keys_of(facts) for name in link.local}
    many.sort(key=lambda column: (not column.required, column.name in behind_keys))
    few = {name: count for name, count in counts.items() if count is not None}
    return (many[0].name if many else None), few


def _count(datatype: DataType) -> int | None:
    """How many values there are, None where they are many."""
    if isinstance(datatype, Boolean):
        return 2
    if isinstance(datatype, Enumeration):
        return len(datatype.enum)
    if isinstance(datatype, Integer) and datatype.minimum is not None and datatype.maximum is not None:
        count = datatype.maximum - datatype.minimum + 1
        return count if 0 < count <= _FEW else None
    return None
