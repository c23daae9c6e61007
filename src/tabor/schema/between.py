"""The table between the two sides of a many-to-many relation: made from them, read through, and written to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from tabor.errors import QueryError, SchemaError
from tabor.expression.operand import among
from tabor.query.runnable import Runnable
from tabor.query.shape import COUNT
from tabor.schema.annotations import table_with
from tabor.schema.constraints import table_constraints
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.schema.foreign_key import ForeignKey, key
from tabor.schema.path import hop_of
from tabor.schema.reference import key_in
from tabor.tree.names import bare_name, schema_of
from tabor.tree.nodes import ColumnNode, Comparison, Node, Value
from tabor.tree.statements import Join, Select
from tabor.tree.writes import Conflict, Delete, Insert


@dataclass(frozen=True, slots=True)
class Between:
    """The table between, seen from one side: ``mine`` is its key to that, ``theirs`` the one to the other."""

    table: TableFacts
    mine: str
    theirs: str

    def turned(self) -> Between:
        """The same as the other side sees it."""
        return Between(self.table, self.theirs, self.mine)

    @property
    def link(self) -> ColumnNode:
        """The column that refers to the row at hand."""
        return self.table.nodes[self.mine]

    def leads_to(self, name: str) -> tuple[TableFacts, str]:
        """The table that one of the keys leads to, and the column of it."""
        target = self.table.columns[name].key
        assert target is not None
        return facts_of(target.target), target.target_column

    def related(self) -> Select:
        """The select of the other side's rows, each beside the row between that leads there."""
        target, column = self.leads_to(self.theirs)
        select = Select(target.source, (target.entity,))
        if target.source.live is not None:
            select.where = (target.source.live,)
        between = self.table.source
        on: Node = Comparison("eq", self.table.nodes[self.theirs], target.nodes[column])
        if between.live is not None:
            on = Comparison("and", on, between.live)
        select.joins = (Join(between, on, tuple([self.table.nodes[name] for name in self.table.primary_key])),)
        return select

    def adding(self, owner: object, items: Iterable[object]) -> Runnable[int]:
        """The insert of what links these rows, those left alone that are linked already."""
        facts, pair = self.table, {self.mine, self.theirs}
        needed = [c.name for c in facts.columns.values() if c.required and c.name not in pair]
        if needed:
            raise QueryError(
                f"A row of {facts.name} needs {', '.join(needed)} too; insert rows of {facts.table.__name__} yourself."
            )
        target = self._unique_pair("add")
        rows = [facts.build(**{self.mine: owner, self.theirs: item}) for item in items]
        values = [facts.extract(row) for row in rows]
        key, conflict = facts.insertable_key, Conflict(tuple([facts.nodes[name] for name in target]), ())
        return Runnable(Insert(facts.source, facts.insertable, values, columns_key=key, conflict=conflict), COUNT)

    def removing(self, owner: object, items: Iterable[object], *, others: bool = False) -> Runnable[int]:
        """The delete of what links these rows, or all ``others``."""
        self._plainly_kept("remove")
        node, check = self.table.nodes[self.theirs], self.table.checks[self.theirs]
        keys: list[Node] = [Value(node.datatype, key_in(check(item))) for item in items]
        mine = Comparison("eq", self.link, Value(self.link.datatype, owner))
        return Runnable(Delete(self.table.source, (mine, among("not_in" if others else "in", node, keys))), COUNT)

    def _plainly_kept(self, method: str) -> None:
        if self.table.source.live is not None:
            name = self.table.table.__name__
            raise QueryError(
                f"{name} keeps removed rows, marked, so {method}() cannot tell what is linked; write rows of {name}."
            )

    def _unique_pair(self, method: str) -> tuple[str, ...]:
        """The columns of the constraint by which no two rows link the same."""
        self._plainly_kept(method)
        pair = {self.mine, self.theirs}
        for columns in (self.table.primary_key, *[unique.columns for unique in table_constraints(self.table).uniques]):
            if set(columns) == pair:
                return columns
        name = self.table.table.__name__
        raise QueryError(
            f"Nothing keeps {name} from linking the same rows twice, so {method}() cannot tell what is linked already; "
            f"make ({self.mine}, {self.theirs}) its primary key or unique, or insert rows of {name} yourself."
        )


def between_keys(given: object, table: type[TableBase], target: type[TableBase], place: str) -> Between:
    """The declared table between that ``many(through=...)`` was given, or its two keys.

    Raises ``SchemaError`` for anything else, and for a table whose keys do not tell which side each leads to.
    """
    if isinstance(given, type) and issubclass(given, TableBase):
        facts = facts_of(given)
        mine, theirs = [
            [column.name for column in facts.columns.values() if column.key is not None and column.key.target is side]
            for side in (table, target)
        ]
        if len(mine) == len(theirs) == 1 and table is not target:
            return Between(facts, mine[0], theirs[0])
        name = given.__name__
        raise SchemaError(
            f"{place}: {name} does not have one key to {table.__name__} and one to {target.__name__}; say which of its "
            f"keys are meant by through=lambda: ({name}.one, {name}.other), the one that leads to this row first."
        )
    pair = cast("tuple[object, ...]", given) if isinstance(given, tuple) else ()
    hops = [hop for hop in map(hop_of, pair) if hop is not None and len(hop.local) == 1]
    parents = [hop.parent for hop in hops if hop.parent is not None]
    if len(pair) == len(parents) == 2 and parents[0] is parents[1]:
        return Between(facts_of(table_with(parents[0].token)), hops[0].hop, hops[1].hop)
    raise SchemaError(
        f"{place} needs many(through=lambda: Between) with the table between, or two foreign keys of it, each of one "
        f"column: the one that leads to {table.__name__} and the one that leads to {target.__name__}."
    )


def made_between(table: type[TableBase], target: type[TableBase], name: str, place: str) -> Between:
    """A table made for the relation ``place`` of ``table``: a key to each side, both together its primary key.

    It is called after the two sides unless it is given a ``name``, and is in the schema of ``table``.  Raises
    ``SchemaError`` where a side has no key of one column, or a name that no column can have.
    """
    owner = facts_of(table).name
    one, other = bare_name(owner), bare_name(facts_of(target).name)
    theirs = f"other_{other}" if other == one else other
    namespace = {
        "__module__": table.__module__,
        "__qualname__": f"{table.__qualname__}{target.__name__}",
        "__doc__": f"Which {one} belongs with which {other}.",
        "__annotations__": {one: _key_to(table), theirs: _key_to(target)},
        one: key(primary_key=True, on_delete="cascade"),
        theirs: key(primary_key=True, on_delete="cascade"),
    }
    make = cast("Any", type(table))
    # The class Table stands above this module: it is the first class of its kind among the bases of every table.
    root = [base for base in table.__mro__ if isinstance(base, type(table))][-1]
    try:
        made: type[TableBase] = make(
            f"{table.__name__}{target.__name__}",
            (root,),
            namespace,
            name=name or f"{one}_{other}",
            schema=schema_of(owner) or None,
        )
        return Between(facts_of(made), one, theirs)
    except SchemaError as error:
        raise SchemaError(
            f"{place}: the table between cannot be made; declare it and give it by many(through=...). {error}",
            table=owner,
            column=place.rpartition(".")[2],
        ) from error


def _key_to(table: type[TableBase]) -> object:
    """The annotation of a foreign key to a table."""
    return cast("Any", ForeignKey)[table]
