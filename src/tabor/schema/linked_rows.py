"""The rows linked to one row by a many-to-many relation: a query of them, and the ways to link and unlink."""

from __future__ import annotations

from typing import Generic, Self

from typing_extensions import TypeVar

from tabor.errors import QueryError
from tabor.query.runnable import Runnable
from tabor.query.runner import runner_for
from tabor.query.select import Query
from tabor.query.shape import ROW
from tabor.schema.between import Between
from tabor.schema.facts import TableBase
from tabor.schema.reference import Ref
from tabor.tree.statements import Select

M = TypeVar("M", bound=TableBase)
K = TypeVar("K", default=int)


class LinkedRows(Query[M], Generic[M, K]):
    """A query of the rows linked to one row; ``add``, ``remove`` and ``set`` change which they are.

    Rows are given as such, as references or by their keys.  Nothing is kept in memory: every ``await`` asks.

    Example::

        await ann.groups.add(choir, band)
        await ann.groups.order_by(Group.name)       # list[Group]
    """

    __slots__ = ("_between", "_owner")

    _between: Between | None

    def __init__(self, between: Between, child: Select, owner: tuple[object, ...]) -> None:
        statement = child.copy()
        statement.where += between.linked_to(owner)
        super().__init__(statement, ROW)
        self._between = between
        self._owner = owner

    def _with(self, statement: Select) -> Self:
        new = super()._with(statement)
        new._between = None
        return new

    def add(self, *rows: M | K | Ref[M, K]) -> Runnable[int]:
        """Link these rows, in one statement; gives how many were not linked before.

        Raises ``ForeignKeyViolation`` for a row that is not there, and ``QueryError`` where the table between needs
        more than its two keys, or does not keep itself from linking the same rows twice.

        Example: ``await ann.groups.add(choir, 7)``.
        """
        return self._whole("add").adding(self._owner, rows)

    def remove(self, *rows: M | K | Ref[M, K]) -> Runnable[int]:
        """Unlink these rows, in one statement; gives how many were linked.  The rows themselves stay.

        Example: ``await ann.groups.remove(choir)``.
        """
        return self._whole("remove").removing(self._owner, rows)

    async def set(self, *rows: M | K | Ref[M, K]) -> None:
        """Link these rows and no others, all or nothing; what is linked already is left as it is.

        Raises what ``add`` raises.

        Example: ``await ann.groups.set(choir, band)``; ``await ann.groups.set()`` unlinks all.
        """
        between = self._whole("set")
        missing, rest = between.adding(self._owner, rows), between.removing(self._owner, rows, others=True)
        runner = runner_for(self.statement.source)

        async def written() -> None:
            await runner.run(rest)
            await runner.run(missing)

        await runner.together(written)

    def _whole(self, method: str) -> Between:
        if self._between is None:
            raise QueryError(f"{method}() is said of all linked rows, such as user.groups.{method}(group).")
        return self._between
