"""An explicit set of tables, and the order in which they can be created."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from tabor.errors import SchemaError
from tabor.schema.definition import constraint_columns, definition, index_names
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.schema.links import constraint_name, keys_of
from tabor.schema.many_to_many import tables_between
from tabor.schema.searching import search_definitions

__all__ = ["Catalog", "definition"]


class Catalog:
    """An explicit set of tables, and those made for the many-to-many relations between them.

    Raises ``SchemaError`` where two, or indexes of two, have the same name, a key or a relation leads to a table that
    is not in the set, or a table's constraints or search indexes cannot be.
    """

    def __init__(self, tables: Iterable[type[TableBase]]) -> None:
        given = tuple([facts_of(table) for table in tables])
        made = tuple(tables_between(given))
        self.tables: tuple[TableFacts, ...] = (*given, *made)
        names = [facts.name for facts in self.tables]
        for name in names:
            if names.count(name) > 1:
                relation = "or the relation that makes it many(table=...)" if name in [m.name for m in made] else ""
                raise SchemaError(f"Two tables are called {name!r}; give one of them name=... {relation}.", table=name)
        tokens = {facts.source.token for facts in self.tables}
        for facts in self.tables:
            search_definitions(facts)
            for key, target in _targets(facts):
                if facts_of(target).source.token not in tokens:
                    raise SchemaError(
                        f"{facts.table.__name__}.{key} leads to {target.__name__}, which is not among the tables "
                        f"given; add {target.__name__}.",
                        table=facts.name,
                        column=key,
                    )
        self._check_indexes()

    def _check_indexes(self) -> None:
        """Raise ``SchemaError`` for two tables with indexes of one name: a database would make the first alone."""
        owners: dict[str, str] = {}
        for facts in self.tables:
            for name in index_names(facts):
                owner = owners.setdefault(name.lower(), facts.name)
                if owner != facts.name:
                    raise SchemaError(
                        f"{owner} and {facts.name} both have an index or unique constraint called {name}, and a "
                        f"database has one of a name; give one of them another name=... .",
                        table=facts.name,
                    )

    def __iter__(self) -> Iterator[TableFacts]:
        return iter(self.tables)

    def sorted(self) -> tuple[TableFacts, ...]:
        """The tables by dependency: each after those it refers to, as far as there is no cycle."""
        done: list[TableFacts] = []
        visiting: set[int] = set()

        def visit(facts: TableFacts) -> None:
            if facts.source.token in visiting:
                return
            visiting.add(facts.source.token)
            for _, target in _targets(facts):
                visit(facts_of(target))
            done.append(facts)

        for facts in self.tables:
            visit(facts)
        return tuple(done)

    def constraint_columns(self) -> dict[str, tuple[str, tuple[str, ...]]]:
        """The table and columns of each named constraint, by its name."""
        return {name: (facts.name, columns) for facts in self.tables for name, columns in constraint_columns(facts)}

    def keys(self) -> dict[str, tuple[str, tuple[str, ...], str]]:
        """The table of each foreign key, its columns and the table that it leads to, by a name that no other has."""
        found = [
            (constraint_name(facts, link), (facts.name, link.local, facts_of(link.target).name))
            for facts in self.tables
            for link in keys_of(facts)
        ]
        names = Counter([name for name, _ in found])
        return {name: key for name, key in found if names[name] == 1}


def _targets(facts: TableFacts) -> list[tuple[str, type[TableBase]]]:
    """The keys of a table with the tables they lead to."""
    return [(link.name, link.target) for link in keys_of(facts)]
