"""``factory(Event)``: makes valid rows of a table from its annotations and constraints."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar, cast

from tabor.errors import CheckViolation, QueryError, UniqueViolation
from tabor.schema.constraints import TableConstraints, table_constraints
from tabor.schema.facts import MISSING, ColumnFacts, LinkFacts, TableBase, TableFacts, facts_of
from tabor.schema.links import keys_of
from tabor.schema.reference import key_in, key_of, key_of_row
from tabor.schema.table import Table
from tabor.schema.uuid7 import uuid7
from tabor.testing.distinctness import Distinctness
from tabor.testing.draw import Draw
from tabor.testing.errors import NoValidRow
from tabor.testing.repair import repaired
from tabor.testing.series import Series, shared
from tabor.testing.values import value

M = TypeVar("M", bound=Table)
ATTEMPTS = 20
"""How many rows are tried where the database refuses one for what only it can know."""


class Factory(Generic[M]):
    """Makes rows of one table; ``factory()`` gives one."""

    __slots__ = ("_above", "_constraints", "_distinct", "_facts", "_keys", "_series", "_table")

    def __init__(self, table: type[M], series: Series, above: tuple[type[TableBase], ...] = ()) -> None:
        self._table = table
        self._series = series
        self._above: tuple[type[TableBase], ...] = (*above, table)
        self._facts: TableFacts = facts_of(table)
        self._constraints: TableConstraints = table_constraints(self._facts)
        self._keys: tuple[LinkFacts, ...] = keys_of(self._facts)
        self._distinct: Distinctness = Distinctness(self._facts, self._constraints)

    def build(self, **values: object) -> M:
        """A row that is not stored: these values, defaults, and made ones for everything else that it needs.

        It asks no database; keys that are not given lead to rows that need not be there.
        Raises ``NoValidRow`` where no values fit, ``InvalidValue`` for a given value that does not, ``QueryError`` for
        a name that is no column.

        Example: ``factory(Event).build(title="Open stage")``.
        """
        return self._row(self._given(values))

    async def create(self, **values: object) -> M:
        """A stored row; the rows that its keys need are made and stored first, where they are not given.

        A key that may be empty stays empty.  Raises what ``build`` raises.

        Example: ``event = await factory(Event).create(title="Open stage")``.
        """
        (row,) = await self._stored(1, values)
        return row

    async def create_many(self, count: int, /, **values: object) -> list[M]:
        """``count`` stored rows with these values in common; they share the rows that their keys lead to, if they may.

        Raises what ``build`` raises, and ``QueryError`` for a negative number.

        Example: ``events = await factory(Event).create_many(50, creator=ann)``.
        """
        if count < 0:
            raise QueryError(f"create_many() makes a number of rows, got {count}.")
        return await self._stored(count, values)

    # --- storing ---

    async def _stored(self, count: int, values: dict[str, object]) -> list[M]:
        given = self._given(values)
        refused: CheckViolation | UniqueViolation | None = None
        shared_keys: dict[str, object] = {}
        for attempt in range(ATTEMPTS):
            rows: list[M] = []
            for _ in range(count):
                own = await self._with_parents(given, shared_keys)
                rows.append(self._row(own))
            try:
                return await self._table.insert(rows).all() if rows else []
            except (CheckViolation, UniqueViolation) as error:
                refused = error  # another row has these values, or a check that only the database can compute
                self._series.skip(self._facts, 2**attempt - 1)
        assert refused is not None
        columns = refused.columns or tuple(self._facts.columns)
        reason = f"the database refused each of {ATTEMPTS} tries, the last because {_begun_small(refused)}"
        raise NoValidRow(self._facts.name, columns, reason, constraint=refused.constraint) from refused

    async def _with_parents(self, given: dict[str, object], shared_keys: dict[str, object]) -> dict[str, object]:
        """The given values with keys of stored rows; several columns first, for they may hold keys of one."""
        own = dict(given)
        for link in sorted(self._keys, key=lambda link: -len(link.local)):
            missing = [name for name in link.local if name not in own]
            if not missing or link.nullable or not any(self._facts.columns[name].required for name in missing):
                continue
            if all(name in shared_keys for name in missing):
                own.update({name: shared_keys[name] for name in missing})
                continue
            wanted = {there: own[here] for here, there in zip(link.local, link.remote, strict=True) if here in own}
            parent = await self._parent(link, wanted)
            for here, there in zip(link.local, link.remote, strict=True):
                if here in missing:
                    own[here] = key_of_row(parent, link.target, there)
                    if here not in self._distinct.columns:
                        shared_keys[here] = own[here]
        return own

    async def _parent(self, link: LinkFacts, wanted: dict[str, object]) -> Table:
        target = cast("type[Table]", link.target)
        if target in self._above:
            reason = f"each {self._facts.name} needs another one before it"
            raise NoValidRow(self._facts.name, link.local, reason)
        (parent,) = await Factory(target, self._series, self._above)._stored(1, wanted)
        return parent

    # --- making ---

    def _given(self, values: Mapping[str, object]) -> dict[str, object]:
        """What the caller gave, keys of several columns as those columns."""
        given: dict[str, object] = {}
        several = {link.name: link for link in self._keys if len(link.local) > 1}
        for name, item in values.items():
            link = several.get(name)
            if link is not None:
                given.update(_parts(link, item))
            elif name not in self._facts.columns:
                known = ", ".join([*self._facts.columns, *several])
                raise QueryError(f"{self._table.__name__} has no column {name!r}; it has {known}.")
            else:
                given[name] = item
        return given

    def _row(self, given: dict[str, object]) -> M:
        number, chance = self._series.next(self._facts)
        open_columns = [n for n, column in self._facts.columns.items() if n not in given and not column.server_set]
        numbers, unique = self._distinct.numbers(number, open_columns), self._distinct.columns
        draws = {
            name: Draw(
                self._facts.name,
                name,
                numbers.get(name, number),
                chance,
                unique=name in unique,
                together=self._distinct.together(name),
            )
            for name in open_columns
        }
        made = {name: self._made(self._facts.columns[name], draw) for name, draw in draws.items()}
        made = {name: item for name, item in made.items() if item is not _DEFAULT}
        late = {name: item for name, item in given.items() if name in self._facts.late}
        row = cast(
            "M",
            self._facts.build(
                self._facts.table, **made, **{name: item for name, item in given.items() if name not in late}
            ),
        )
        for name, item in late.items():
            setattr(row, name, item)
        if self._constraints.checks:
            free = {name: draw for name, draw in draws.items() if self._facts.columns[name].key is None}
            changes = repaired(self._facts, self._constraints.checks, _values_of(row, self._facts), free)
            for name, item in changes.items():
                setattr(row, name, item)
        return row

    def _made(self, column: ColumnFacts, draw: Draw) -> object:
        filled = column.name in self._distinct.filled and column.key is None
        repeats = column.default is not MISSING and (filled or column.default is not None)
        if column.default_factory is uuid7 or (draw.unique and repeats):
            return value(column.datatype, draw)
        if not column.required:
            return _DEFAULT
        if column.key is not None and column.nullable:
            return None
        return value(column.datatype, draw)


_DEFAULT = object()


def factory(table: type[M], /, *, seed: int | None = None) -> Factory[M]:
    """What makes rows of ``table``: unique where they have to be, within lengths and ranges, in their form.

    The same calls give the same values.  ``seed`` gives a series of its own, with other values; factories without one
    share a series, so that their rows do not clash, and the fixtures of Tabor's pytest plugin begin it anew for each
    test.

    Example::

        events = await factory(Event).create_many(3, title="Open stage")
        factory(Event).build().title  # 'title 4'
    """
    return Factory(table, shared() if seed is None else Series(seed))


def _parts(link: LinkFacts, given: object) -> Mapping[str, object]:
    """A key of several columns as its columns: given as a row, a reference, a tuple or None."""
    if given is None:
        return dict.fromkeys(link.local)
    if isinstance(given, link.target):
        return {
            here: key_of_row(given, link.target, there) for here, there in zip(link.local, link.remote, strict=True)
        }
    parts = key_in(key_of(given, link.target, link.remote[0]))
    if not isinstance(parts, tuple) or len(cast("tuple[object, ...]", parts)) != len(link.local):
        raise QueryError(
            f"{link.name} takes a {link.target.__name__} or its key of {len(link.local)} values, got {given!r}."
        )
    return dict(zip(link.local, cast("tuple[object, ...]", parts), strict=True))


def _values_of(row: Table, facts: TableFacts) -> dict[str, object]:
    """The values that a new row has by itself; what the database sets is not among them."""
    return {name: key_in(getattr(row, name)) for name, column in facts.columns.items() if not column.server_set}


def _begun_small(error: Exception) -> str:
    text = str(error).rstrip(".")
    return f"{text[:1].lower()}{text[1:]}"
