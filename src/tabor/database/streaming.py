"""Streams the rows of a query page by page, each page reading on from the key where the last one ended."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tabor.errors import QueryError
from tabor.query.keyset import after, total_order
from tabor.query.runnable import Runnable
from tabor.query.runner import Question
from tabor.query.shape import TUPLE
from tabor.schema.facts import TableFacts
from tabor.tree.derived import Derived
from tabor.tree.nodes import ColumnNode, Ordering, Placeholder, Source
from tabor.tree.statements import Select
from tabor.tree.walk import by_chance, has_aggregate, has_window

Run = Callable[[Runnable[list[Any]]], Awaitable[list[Any]]]


def streamed(question: Question[list[Any]], facts: TableFacts, size: int, run: Run) -> AsyncIterator[Any]:
    """The rows of ``question``, ``size`` at a time; raises ``QueryError`` where rows have no key to go on from."""
    statement = question.statement
    if not isinstance(statement, Select) or _puts_together(statement) or not facts.primary_key:
        raise QueryError(
            "stream() reads on from a row's primary key; a distinct, windowed, grouped or combined query or a "
            "table without a key has none."
        )
    if any(by_chance(term.node) for term in statement.order):
        raise QueryError(
            "stream() reads on from where a page ended, and an order by random() is another one each time."
        )
    if size < 1:
        raise QueryError(f"stream() needs at least one row a page, got {size}.")
    keys = [_at(facts.nodes[name], statement.source) for name in facts.primary_key]
    for join in statement.joins:
        keys += join.identity
    terms = total_order(statement, keys)
    return _pages(question, statement, terms, size, run)


def _at(node: ColumnNode, source: Source) -> ColumnNode:
    """The column of a key as the table is called in this query."""
    return node if node.source is source else ColumnNode(source, node.name, node.datatype, nullable=False)


def _puts_together(statement: Select) -> bool:
    """Whether several rows of the table may make one row of the result."""
    outline = statement.outline
    groups = (
        isinstance(statement.source, Derived)
        or outline.distinct
        or outline.distinct_on
        or outline.beside
        or outline.lock
        or outline.group
        or outline.having
        or any(not table.identity for join in statement.joins for table in join.tables)
    )
    nodes = (*statement.columns, *[term.node for term in statement.order])
    return bool(groups) or any(has_aggregate(node) or has_window(node) for node in nodes)


async def _pages(
    question: Question[list[Any]], statement: Select, terms: tuple[Ordering, ...], size: int, run: Run
) -> AsyncIterator[Any]:
    width = len(statement.columns)
    page = statement.arranged(columns=(*statement.columns, *[term.node for term in terms]))
    page.order = terms
    left = statement.limit
    if isinstance(left, Placeholder):
        raise QueryError("stream() needs a query with all its values; this one has param() in its limit().")
    while left is None or left > 0:
        page.limit = wanted = size if left is None else min(size, left)
        rows = await run(Runnable(page, TUPLE))
        for row in rows:
            yield _given(question, row[:width])
        if len(rows) < wanted:
            return
        left = None if left is None else left - len(rows)
        page = page.arranged(offset=None)
        page.where = (*statement.where, after(terms, rows[-1][width:]))


def _given(question: Question[list[Any]], items: tuple[Any, ...]) -> Any:
    shape = question.shape
    item: Any = items
    if shape.kind in ("row", "value"):
        item = items[0]
    elif shape.kind == "dict":
        item = dict(zip(shape.names, items, strict=True))
    return item if question.finish is None else question.finish([item])[0]
