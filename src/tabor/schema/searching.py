"""``SearchIndex`` and ``search_index()``: the words in some columns of a table, and rows found by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from tabor.datatypes import BOOLEAN, DataType, Float, SearchQuery, Text
from tabor.errors import QueryError, SchemaError
from tabor.expression.expr import Expr
from tabor.schema.annotations import table_with
from tabor.schema.facts import TableBase, TableFacts, facts_of
from tabor.schema.path import moved
from tabor.tree.definitions import SearchDefinition
from tabor.tree.nodes import ColumnNode, Node, Operation, Placeholder, Source, Value

Over = Callable[[], Expr[Any] | tuple[Expr[Any], ...]]
_QUESTION = SearchQuery()
_FLOAT = Float()
# The full-text table of one database has columns of its own by these names.
_TAKEN = frozenset({"rank", "rowid"})


class SearchIndex:
    """An index of the words in columns of text, made by ``search_index()``: asks rows about their words.

    Example: ``Event.select().where(Event.found_by.matches("pyramid sta*"))``.
    """

    __slots__ = ("_nodes", "name", "over", "source", "table")

    name: str
    table: type[TableBase]

    def __init__(self, over: Over, source: Source | None = None) -> None:
        self.over: Over = over
        self.source: Source | None = source
        self._nodes: tuple[ColumnNode, ...] = ()

    def bind(self, table: type[TableBase], name: str) -> None:
        """Tell the index its table and name; done once, while the table is put together."""
        self.table = table
        self.name = name

    def at(self, source: Source) -> SearchIndex:
        """The same index of the row at the end of a path."""
        reached = SearchIndex(self.over, source)
        reached.bind(self.table, self.name)
        return reached

    def __repr__(self) -> str:
        return f"<SearchIndex {self.table.__name__}.{self.name}>" if hasattr(self, "table") else "<SearchIndex>"

    def matches(self, question: str | Expr[str]) -> Expr[bool]:
        """True for rows that have what ``question`` asks for, upper and lower case and accents not told apart.

        All its words must be there, in any column: ``sta*`` is any word that begins so, ``"late night"`` in quotes
        a phrase, ``-rain`` leaves out rows with the word, and ``OR`` stands between alternatives.  No question is
        wrong: what cannot be read that way is read as words, and what asks for nothing finds nothing.  ``question``
        may be ``param(str)`` in a prepared query.

        Example: ``Event.select().where(Event.found_by.matches('"pyramid stage" OR headliner -rain'))``.
        """
        return Expr(self._asked("search_matches", question, BOOLEAN))

    def rank(self, question: str | Expr[str]) -> Expr[float]:
        """How well a row fits the question: more is better, 0.0 where it does not match; to sort the best first.

        The numbers are the database's own and mean nothing beyond one query.

        Example: ``Event.select().where(Event.found_by.matches(q)).order_by(Event.found_by.rank(q).desc(), Event.id)``.
        """
        return Expr(self._asked("search_rank", question, _FLOAT))

    def _asked(self, op: str, question: object, datatype: DataType) -> Node:
        nodes = self._nodes
        if not nodes:
            nodes = self._nodes = self._columns()
        return Operation(
            op, (*nodes, _asked(question)), datatype, nullable=op == "search_matches" and nodes[0].nullable
        )

    def _columns(self) -> tuple[ColumnNode, ...]:
        """What keeps the words, then the row's key, then the columns that they come from."""
        facts = facts_of(self.table)
        source = facts.source if self.source is None else self.source
        if not source.identity:
            raise QueryError(
                f"A named query keeps no search index; search {self.table.__name__} within it, or join the table to it."
            )
        kept = ColumnNode(source, self.name, _QUESTION, nullable=source.optional)
        names = (*facts.primary_key, *_searched(facts, self))
        return (kept, *[moved(facts.nodes[name], source) for name in names])


def search_index(over: Over, *, init: Literal[False] = False) -> SearchIndex:
    """Declare that rows are found by the words in these columns of text.

    ``over`` is a function that gives a column or a tuple of columns; ``init`` stays False: the index is no part of a
    new row.  ``create_tables()`` makes the index, fills it from rows that are there, and the database keeps it up.

    Example: ``found_by: SearchIndex = search_index(lambda: (Event.title, Event.description))``.
    """
    return SearchIndex(over)


def searches_by(table: type[TableBase]) -> dict[str, SearchIndex]:
    """The search indexes of a table by name."""
    return table._searches_  # pyright: ignore[reportPrivateUsage]  # same room


def search_definitions(facts: TableFacts) -> tuple[SearchDefinition, ...]:
    """The search indexes of a table; raises ``SchemaError`` for one that cannot be."""
    return tuple([_definition(facts, name, index) for name, index in searches_by(facts.table).items()])


def _definition(facts: TableFacts, name: str, index: SearchIndex) -> SearchDefinition:
    place = f"{facts.table.__name__}.{name}"
    if not facts.primary_key:
        raise SchemaError(f"{place}: a table needs a primary key to be searched.", table=facts.name)
    stored = facts.source.stored_name
    return SearchDefinition(name, facts.name, tuple([stored(column) for column in _searched(facts, index)]))


def _searched(facts: TableFacts, index: SearchIndex) -> tuple[str, ...]:
    place = f"{facts.table.__name__}.{index.name}"
    given = index.over()
    columns = [_column(facts, place, item) for item in (given if isinstance(given, tuple) else (given,))]
    if not columns or len(set(columns)) < len(columns):
        raise SchemaError(f"{place}: search_index() needs columns, each of them once.", table=facts.name)
    return tuple(columns)


def _column(facts: TableFacts, place: str, item: object) -> str:
    node = item.node if isinstance(item, Expr) else None
    if not isinstance(node, ColumnNode) or node.source.parent is not None or not _own(facts, node):
        raise SchemaError(f"{place}: search_index() takes columns of its own table, got {item!r}.", table=facts.name)
    column = facts.columns[node.name]
    why = ""
    if not isinstance(column.datatype, Text):
        why = f"holds {column.datatype.label}; only text is searched"
    elif column.secret:
        why = "is secret, and a search would give it away"
    elif facts.source.stored_name(node.name).lower() in _TAKEN:
        why = "has a name that a search index cannot have; choose another"
    if why:
        raise SchemaError(f"{place}: the column {node.name} {why}.", table=facts.name, column=node.name)
    return node.name


def _own(facts: TableFacts, node: ColumnNode) -> bool:
    """Whether a column is one of the table's, or of a part that the table takes over."""
    return issubclass(facts.table, table_with(node.source.token)) and node.name in facts.columns


def _asked(question: object) -> Value:
    if isinstance(question, str):
        return Value(_QUESTION, question)
    node = question.node if isinstance(question, Expr) else None
    place = node.values[0] if isinstance(node, Value) and isinstance(node.datatype, Text) else None
    if isinstance(place, Placeholder) and not place.nullable:
        return Value(_QUESTION, place)
    raise QueryError(f"A search takes words as text, or param(str) in a prepared query, got {question!r}.")
