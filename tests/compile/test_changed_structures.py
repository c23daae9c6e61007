"""Tests of changed lists and JSON as SQL: the text in each dialect and the values."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from tabor import Column, Expr, Table, coalesce, column
from tabor.compile.postgres.compiler import PostgresCompiler
from tabor.compile.sqlite.compiler import SqliteCompiler


class Page(Table):
    """A row with lists and JSON."""

    id: Column[int] = column(primary_key=True)
    seats: Column[int]
    tags: Column[list[str]]
    more: Column[list[str] | None]
    rows: Column[list[list[int]]]
    data: Column[dict[str, object]]
    extra: Column[dict[str, object] | None]


class Case(NamedTuple):
    """An expression that a column is set to, its text in both dialects (quotes left out), and its values."""

    name: str
    expression: Expr[Any]
    sqlite: str
    postgres: str
    values: tuple[object, ...]


CASES: dict[str, Case] = {
    "items at the end of a list": Case(
        "tags",
        Page.tags.append("x", "y"),
        "tabor_list_joined(tags, ?1)",
        "(tags || $1::text[])",
        (["x", "y"],),
    ),
    "lists that may be null": Case(
        "more",
        Page.more + Page.tags,
        "tabor_list_joined(more, tags)",
        "CASE WHEN more IS NOT NULL THEN (more || tags) END",
        (),
    ),
    "a list without an item": Case(
        "tags",
        Page.tags.without("x"),
        "tabor_list_without(tags, ?1)",
        "array_remove(tags, ($1::text[])[1])",
        (["x"],),
    ),
    "a list of lists without one": Case(
        "rows",
        Page.rows.without([1]),
        "tabor_list_without(rows, ?1)",
        "(SELECT coalesce(jsonb_agg(item ORDER BY place), '[]') FROM jsonb_array_elements(rows) WITH ORDINALITY "
        "AS items (item, place) WHERE item <> $1::jsonb -> 0)",
        ([[1]],),
    ),
    "a key": Case(
        "data",
        Page.data.with_key("a", value=[1]),
        "tabor_json_with(data, ?1, ?2)",
        "CASE jsonb_typeof(data) WHEN 'object' THEN data || jsonb_build_object(($1::text[])[1], $2::jsonb) "
        "ELSE data END",
        (["a"], [1]),
    ),
    "a path, and an expression at its end": Case(
        "data",
        Page.data.with_key("a", "b", value=Page.seats),
        "tabor_json_with(data, ?1, json_quote(seats))",
        "CASE jsonb_typeof(data) WHEN 'object' THEN data || jsonb_build_object(($1::text[])[1], "
        "CASE jsonb_typeof(coalesce(data -> ($1::text[])[1], '{}')) WHEN 'object' "
        "THEN coalesce(data -> ($1::text[])[1], '{}') || jsonb_build_object(($1::text[])[2], seats) "
        "ELSE coalesce(data -> ($1::text[])[1], '{}') END) ELSE data END",
        (["a", "b"],),
    ),
    "a condition as true or false, in what is computed": Case(
        "data",
        coalesce(Page.extra, {}).with_key("a", value=Page.seats > 3),
        "tabor_json_with(coalesce(extra, ?1), ?2, CASE (seats > ?3) WHEN 1 THEN 'true' WHEN 0 THEN 'false' END)",
        "(SELECT CASE jsonb_typeof(whole) WHEN 'object' THEN whole || jsonb_build_object(($2::text[])[1], "
        "(seats > $3::bigint)) ELSE whole END FROM (SELECT coalesce(extra, $1::jsonb) AS whole) AS held)",
        ({}, ["a"], 3),
    ),
    "without a key": Case(
        "extra",
        Page.extra.without_key("a"),
        "tabor_json_without(extra, ?1)",
        "CASE jsonb_typeof(extra) WHEN 'object' THEN extra - ($1::text[])[1] ELSE extra END",
        (["a"],),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_texts(name: str) -> None:
    """Each change has its text in each dialect, and nothing of keys and values stands in it."""
    case = CASES[name]
    changed: Column[Any] = getattr(Page, case.name)
    statement = Page.update(changed.to(case.expression)).everything().statement
    for compiler, text in ((SqliteCompiler(), case.sqlite), (PostgresCompiler(), case.postgres)):
        given = compiler.compile(statement).sql.replace('"', "").replace("page.", "")
        assert given == f"UPDATE page SET {case.name} = {text}"
    assert statement.values == case.values
