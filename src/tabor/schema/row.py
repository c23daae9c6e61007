"""``Row``: what one row of a table can do."""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from typing import TYPE_CHECKING, Any, cast

from tabor.datatypes import brief
from tabor.errors import QueryError
from tabor.expression.expr import Expr
from tabor.expression.operand import operand
from tabor.query.runner import runner_for
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.schema.links import assign, link_of
from tabor.schema.misgiven import filled_later, unsettable
from tabor.schema.reference import key_in
from tabor.schema.row_class import LOADED
from tabor.tree.nodes import ColumnNode


class Row(TableBase):
    """What a row has for being saved, removed and read again, and for keeping to its columns."""

    __slots__ = ()

    async def save(self) -> None:
        """Insert this row if it is new, else write the columns that changed since it was read.

        After an insert the key is there.  Raises ``NotFound`` where the stored row is gone, and the refusals of the
        database's constraints; ``StaleRow`` where the table has a version and somebody else changed the row.
        """
        await runner_for(type(self)._facts_().source).save(self)

    async def remove(self) -> None:
        """Delete this row, or mark it as deleted where the table has a ``column(stamp="deleted")``.

        Raises ``NotFound`` where it is gone already, ``StaleRow`` where its version is another by now, ``QueryError``
        where it was never saved.
        """
        await runner_for(type(self)._facts_().source).remove(self)

    async def restore(self) -> None:
        """Take back the mark that ``remove()`` left on a row with ``column(stamp="deleted")``.

        Raises ``QueryError`` where the table has no such column, ``NotFound`` where the row is gone.
        """
        await runner_for(type(self)._facts_().source).restore(self)

    async def refresh(self, *columns: Expr[Any]) -> None:
        """Read this row's columns again, dropping unsaved changes; of some ``columns`` given those alone.

        The version of a row is a column too: where it is not read again, ``save()`` still finds out what changed since.

        Raises ``NotFound`` where the row is gone, ``QueryError`` for columns of another table.

        Example: ``await event.refresh(Event.seats)``.
        """
        facts = type(self)._facts_()
        await runner_for(facts.source).refresh(self, *_own_names(facts, columns, "refresh"))

    def to_dict(self, *columns: Expr[Any]) -> dict[str, object]:
        """The values of this row by the names of its columns, as ``dicts()`` gives them: a foreign key is the key.

        Secret columns are left out unless they are among the ``columns`` that are asked for, and so are those that a
        new row has no value for yet.  Lists and JSON are copies.

        Raises ``QueryError`` for columns of another table.

        Example: ``event.to_dict()``, ``event.to_dict(Event.id, Event.title)``.
        """
        facts = type(self)._facts_()
        names = _own_names(facts, columns, "to_dict") or [name for name, c in facts.columns.items() if not c.secret]
        return {name: deepcopy(key_in(getattr(self, name))) for name in names if hasattr(self, name)}

    if not TYPE_CHECKING:

        def __setattr__(self, name, value):
            facts = type(self)._facts_()
            check = facts.checks.get(name)
            if check is None:
                if name in facts.table._links_:
                    assign(self, link_of(facts.table, name), value)
                    return
                raise unsettable(facts, name)
            if name in facts.late and getattr(self, LOADED) is None:
                raise filled_later(facts.table, name, value)
            object.__setattr__(self, name, check(value))

        def __reduce__(self):
            facts = type(self)._facts_()
            values = {n: getattr(self, n) for n in facts.columns if hasattr(self, n)}
            return restored, (facts.table, values, getattr(self, LOADED))

    def __repr__(self) -> str:
        facts = type(self)._facts_()
        shown = [
            f"{name}={getattr(self, name)!r}"
            for name, c in facts.columns.items()
            if not c.secret and hasattr(self, name)
        ]
        return f"{facts.table.__name__}({', '.join(shown)})"


def _own_names(facts: TableFacts, columns: Sequence[Expr[Any]], method: str) -> list[str]:
    """The names of columns of the table; raises ``QueryError`` for anything else."""
    names: list[str] = []
    for column in columns:
        node = operand(column)
        if not isinstance(node, ColumnNode) or node.source.key != facts.source.key or node.name not in facts.columns:
            raise QueryError(f"{method}() takes columns of {facts.name} itself, got {brief(column)}.")
        names.append(node.name)
    return names


def restored(table: type[TableBase], values: dict[str, object], loaded: tuple[object, ...] | None) -> TableBase:
    """A row put together again from its values (for copying and pickling)."""
    facts = facts_of(table)
    row = cast("TableBase", object.__new__(facts.new_row if loaded is None else facts.row))
    for name, value in values.items():
        object.__setattr__(row, name, value)
    object.__setattr__(row, LOADED, loaded)
    return row
