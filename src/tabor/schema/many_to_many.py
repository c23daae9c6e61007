"""``ManyToMany[T]``: rows of two tables, any of the one linked with any of the other by a table between."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Generic, overload

from typing_extensions import TypeVar

from tabor.errors import SchemaError
from tabor.schema.annotations import annotation_of, argument_of, owner_of, table_with
from tabor.schema.between import Between, between_keys
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.schema.linked_rows import LinkedRows
from tabor.schema.made_between import made_between
from tabor.schema.many import Many
from tabor.schema.options import RelationOptions
from tabor.schema.related import Related
from tabor.tree.nodes import ColumnNode
from tabor.tree.related import Collection
from tabor.tree.statements import Select

M = TypeVar("M", bound=TableBase)
K = TypeVar("K", default=int)


class ManyToMany(Many[M], Generic[M, K]):
    """A relation by a table between.  On the class a ``Related`` to select, on a row a query of the linked rows.

    The second type is that of the other table's key where it is not ``int``: ``ManyToMany[Doc, UUID]``,
    ``ManyToMany[Seat, tuple[int, int]]``.

    Example: ``groups: ManyToMany[Group] = many()`` in ``User``, ``members: ManyToMany[User] = many(lambda:
    User.groups)`` in ``Group``.
    """

    __slots__ = ("_between", "_related", "_resolving")

    def __init__(self, options: RelationOptions) -> None:
        super().__init__(options)
        self._between: Between | None = None
        self._related: Select | None = None
        self._resolving: bool = False

    if TYPE_CHECKING:

        @overload
        def __get__(self, obj: None, cls: type[Any], /) -> Related[M]: ...
        @overload
        def __get__(self, obj: TableBase, cls: type[Any], /) -> LinkedRows[M, K]: ...
        def __get__(self, obj: TableBase | None, cls: type[Any], /) -> Related[M] | LinkedRows[M, K]: ...

    @property
    def makes(self) -> bool:
        """Whether the table between is made for this relation."""
        return self.options.via is None and self.options.through is None

    @property
    def between(self) -> Between:
        """The table between, as it is seen from here; raises ``SchemaError`` where the relation cannot be."""
        found = self._between
        if found is None:
            if self._resolving:
                raise SchemaError(f"{self.place} and its other side name each other; leave one of them many().")
            self._resolving = True
            try:
                found = self._between = self._resolved()
            finally:
                self._resolving = False
        return found

    @property
    def target(self) -> type[TableBase]:
        """The table on the other side."""
        place = self.place
        target, _ = argument_of(annotation_of(self.table, self.name), owner_of(self.table, self.name), place)
        if not (isinstance(target, type) and issubclass(target, TableBase)):
            raise SchemaError(f"{place}: ManyToMany needs a table in brackets, got {target!r}.")
        return target

    def _check(self) -> None:
        """Every combination of options that the overloads of ``many()`` have is one of this relation."""

    def _ends(self) -> tuple[tuple[ColumnNode, ...], tuple[str, ...], Select]:
        between = self.between
        if self._related is None:
            self._related = between.related()
        return between.link, between.mine.remote, self._related

    def _of(self, key: list[object], link: tuple[ColumnNode, ...], child: Select) -> LinkedRows[Any, Any]:
        return LinkedRows[Any, Any](self.between, child, tuple(key))

    def _resolved(self) -> Between:
        target = self.target
        if self.options.via is not None:
            found = self._turned(self.options.via())
        elif self.options.through is not None:
            found = between_keys(self.options.through(), self.table, target, self.place)
        else:
            self._check_alone(target)
            return made_between(self.table, target, self.options.table, self.place)
        one, other = found.mine.target, found.theirs.target
        if one is not self.table or other is not target:
            raise SchemaError(
                f"{self.place} relates {facts_of(self.table).name} with {facts_of(target).name}, and what it is given "
                f"leads from {facts_of(one).name} to {facts_of(other).name}."
            )
        return found

    def _turned(self, landing: object) -> Between:
        node = getattr(landing, "node", None)
        if isinstance(node, Collection) and node.owner[0].source.parent is None:
            for relation in many_to_many_of(table_with(node.place.token)):
                if relation.name == node.name:
                    return relation.between.turned()
        raise SchemaError(f"{self.place} needs many(lambda: Other.relation) with the ManyToMany of the other side.")

    def _check_alone(self, target: type[TableBase]) -> None:
        """Two relations of the same tables make a table each only where they say that they are two."""
        for relation in (*many_to_many_of(self.table), *many_to_many_of(target)):
            if relation is self or not relation.makes or relation.options.table or self.options.table:
                continue
            if {relation.table, relation.target} == {self.table, target}:
                raise SchemaError(
                    f"{self.place} and {relation.place} would make a table between each: where they are two sides of "
                    f"one relation write many(lambda: {self.place}) for the second, else many(table=...) for one of "
                    f"them."
                )


def many_to_many_of(table: type[TableBase]) -> Iterator[ManyToMany[Any, Any]]:
    """The many-to-many relations of a table."""
    for relation in table._relations_.values():  # pyright: ignore[reportPrivateUsage]  # same room
        if isinstance(relation, ManyToMany):
            yield relation


def tables_between(tables: tuple[TableFacts, ...]) -> Iterator[TableFacts]:
    """The tables made for the relations of these tables.

    Raises ``SchemaError`` for a relation that cannot be, or that needs a table which is not among them.
    """
    tokens = {facts.source.token for facts in tables}
    for facts in tables:
        for relation in many_to_many_of(facts.table):
            between, needed = relation.between, [facts_of(relation.target)]
            if relation.makes:
                yield between.table
            elif not relation.options.via:
                needed.append(between.table)
            for other in needed:
                if other.source.token not in tokens:
                    raise SchemaError(
                        f"{relation.place} needs {other.table.__name__}, which is not among the tables given; add "
                        f"{other.table.__name__}.",
                        table=facts.name,
                        column=relation.name,
                    )
