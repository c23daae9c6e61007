"""The table between the two sides of a many-to-many relation: read through, and written to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from tabor.datatypes import BOOLEAN, brief
from tabor.errors import InvalidValue, QueryError, SchemaError
from tabor.query.runnable import Runnable
from tabor.query.shape import COUNT
from tabor.schema.annotations import table_with
from tabor.schema.constraints import table_constraints
from tabor.schema.facts import LinkFacts, TableBase, TableFacts, facts_of
from tabor.schema.path import hop_of
from tabor.schema.reference import key_in, key_parts
from tabor.tree.nodes import ColumnNode, Comparison, Node, Operation, Value
from tabor.tree.related import one_of
from tabor.tree.statements import Join, Select
from tabor.tree.writes import Conflict, Delete, Insert


@dataclass(frozen=True, slots=True)
class Between:
    """The table between, seen from one side: ``mine`` is its key to that, ``theirs`` the one to the other."""

    table: TableFacts
    mine: LinkFacts
    theirs: LinkFacts

    def turned(self) -> Between:
        """The same as the other side sees it."""
        return Between(self.table, self.theirs, self.mine)

    @property
    def link(self) -> tuple[ColumnNode, ...]:
        """The columns that refer to the row at hand."""
        return self._columns(self.mine)

    @property
    def pair(self) -> dict[str, None]:
        """The names of the columns of both keys."""
        return dict.fromkeys((*self.mine.local, *self.theirs.local))

    def linked_to(self, owner: tuple[object, ...]) -> tuple[Node, ...]:
        """That a row between refers to the row with this key."""
        return tuple(
            [Comparison("eq", node, Value(node.datatype, part)) for node, part in zip(self.link, owner, strict=True)]
        )

    def related(self) -> Select:
        """The select of the other side's rows, each beside the row between that leads there."""
        target = facts_of(self.theirs.target)
        select = Select(target.source, (target.entity,))
        if target.source.live is not None:
            select.where = (target.source.live,)
        between = self.table.source
        remote = [target.nodes[name] for name in self.theirs.remote]
        pairs = zip(self._columns(self.theirs), remote, strict=True)
        on, *further = [Comparison("eq", *pair) for pair in pairs]
        for node in (*further, *([] if between.live is None else [between.live])):
            on = Comparison("and", on, node)
        keys = tuple([self.table.nodes[name] for name in self.table.primary_key])
        return select.arranged(joins=(Join(between, on, keys),))

    def adding(self, owner: tuple[object, ...], items: Iterable[object]) -> Runnable[int]:
        """The insert of what links these rows, those left alone that are linked already."""
        facts = self.table
        needed = [c.name for c in facts.columns.values() if c.required and c.name not in self.pair]
        if needed:
            raise QueryError(
                f"A row of {facts.name} needs {', '.join(needed)} too; insert rows of {facts.table.__name__} yourself."
            )
        target, nulls_distinct = self._unique_pair("add")
        rows = [facts.build(facts.table, **self._filled(owner, item)) for item in items]
        values = facts.extract(rows)
        nodes = tuple([facts.nodes[name] for name in target])
        key, conflict = facts.insertable_key, Conflict(nodes, (), nulls_distinct=nulls_distinct)
        return Runnable(Insert(facts.source, facts.insertable, values, columns_key=key, conflict=conflict), COUNT)

    def removing(self, owner: tuple[object, ...], items: Iterable[object], *, others: bool = False) -> Runnable[int]:
        """The delete of what links these rows, or all ``others``."""
        self._plainly_kept("remove")
        keys = [self._key(item) for item in items]
        theirs = self._columns(self.theirs)
        if keys:
            # Padded to a power of two with the last key, so that few numbers of rows need a statement of their own.
            keys += [keys[-1]] * ((1 << (len(keys) - 1).bit_length()) - len(keys))
            listed = one_of(theirs, keys if len(theirs) > 1 else [key for (key,) in keys])
        else:
            listed = Operation("in", theirs[:1], BOOLEAN)
        # A row between that leads nowhere links nothing, so it is none of the others.
        linking = [Operation("is_not_null", (node,), BOOLEAN) for node in theirs if node.nullable]
        chosen = (Operation("not", (listed,), BOOLEAN), *linking) if others else (listed,)
        return Runnable(Delete(self.table.source, (*self.linked_to(owner), *chosen)), COUNT)

    def _columns(self, link: LinkFacts) -> tuple[ColumnNode, ...]:
        return tuple([self.table.nodes[name] for name in link.local])

    def _parts(self, item: object) -> tuple[object, ...]:
        """The other side's key in what a user gives for a row of it, for the columns to check."""
        if len(self.theirs.local) == 1:
            return (item,)
        try:
            return key_parts(item, self.theirs)
        except InvalidValue as error:
            raise error.at(self.table.table.__name__, self.theirs.name) from None

    def _key(self, item: object) -> tuple[object, ...]:
        checks = self.table.checks
        return tuple([key_in(checks[n](part)) for n, part in zip(self.theirs.local, self._parts(item), strict=True)])

    def _filled(self, owner: tuple[object, ...], item: object) -> dict[str, object]:
        """The columns of a row that links; raises ``InvalidValue`` where both keys share one and differ in it."""
        values = dict(zip(self.mine.local, owner, strict=True))
        for name, part in zip(self.theirs.local, self._parts(item), strict=True):
            if values.setdefault(name, part) != part:
                raise InvalidValue(
                    f"the {self.mine.target.__name__} has {brief(values[name])} in it and the "
                    f"{self.theirs.target.__name__} has {brief(part)}, and one row cannot refer to both",
                    code="wrong_value",
                    value=item,
                    table=self.table.table.__name__,
                    column=name,
                )
        return values

    def _plainly_kept(self, method: str) -> None:
        if self.table.source.live is not None:
            name = self.table.table.__name__
            raise QueryError(
                f"{name} keeps removed rows, marked, so {method}() cannot tell what is linked; write rows of {name}."
            )

    def _unique_pair(self, method: str) -> tuple[tuple[str, ...], bool]:
        """The columns of the constraint by which no two rows link the same, and whether nulls differ there."""
        self._plainly_kept(method)
        uniques = [(unique.columns, unique.nulls_distinct) for unique in table_constraints(self.table).uniques]
        for columns, nulls_distinct in ((self.table.primary_key, True), *uniques):
            if set(columns) == self.pair.keys():
                return columns, nulls_distinct
        name = self.table.table.__name__
        raise QueryError(
            f"Nothing keeps {name} from linking the same rows twice, so {method}() cannot tell what is linked already; "
            f"make ({', '.join(self.pair)}) its primary key or unique, or insert rows of {name} yourself."
        )


def between_keys(given: object, table: type[TableBase], target: type[TableBase], place: str) -> Between:
    """The declared table between that ``many(through=...)`` was given, or its two keys.

    Raises ``SchemaError`` for anything else, and for a table whose keys do not tell which side each leads to.
    """
    if isinstance(given, type) and issubclass(given, TableBase):
        facts = facts_of(given)
        keys = [_key_of(given, name) for name in (*facts.columns, *given._links_)]  # pyright: ignore[reportPrivateUsage]  # same room
        mine, theirs = [[link for link in keys if link and link.target is side] for side in (table, target)]
        if len(mine) == len(theirs) == 1 and table is not target:
            return Between(facts, mine[0], theirs[0])
        name = given.__name__
        raise SchemaError(
            f"{place}: {name} does not have one key to {table.__name__} and one to {target.__name__}; say which of its "
            f"keys are meant by through=lambda: ({name}.one, {name}.other), the one that leads to this row first."
        )
    pair = cast("tuple[object, ...]", given) if isinstance(given, tuple) else ()
    hops = [hop for hop in map(hop_of, pair) if hop is not None]
    parents = [hop.parent for hop in hops if hop.parent is not None]
    if len(pair) == len(parents) == 2 and parents[0] is parents[1]:
        return between(table_with(parents[0].token), hops[0].hop, hops[1].hop)
    raise SchemaError(
        f"{place} needs many(through=lambda: Between) with the table between, or two foreign keys of it: the one that "
        f"leads to {table.__name__} and the one that leads to {target.__name__}."
    )


def between(table: type[TableBase], mine: str, theirs: str) -> Between:
    """The table between whose foreign keys have these names."""
    one, other = _key_of(table, mine), _key_of(table, theirs)
    assert one is not None
    assert other is not None
    return Between(facts_of(table), one, other)


def _key_of(table: type[TableBase], name: str) -> LinkFacts | None:
    """One of a table's attributes as the foreign key that it is."""
    if name in table._links_:  # pyright: ignore[reportPrivateUsage]  # same room
        return table._link_(name)  # pyright: ignore[reportPrivateUsage]  # same room
    return facts_of(table).columns[name].link
