"""Rows with versions and removed rows give the same on every database, and what a model in plain Python says."""

from __future__ import annotations

import pytest
from hypothesis import given

from tabor import Database
from tests.differential.kept import SHELF, Act, Desk, Model, Paper, Shelf, acts
from tests.differential.running import examples

pytestmark = pytest.mark.anyio


@examples(0.25)
@given(acts=acts)
async def test_kept_rows_do_what_python_says(urls: list[str], acts: list[Act]) -> None:
    """Whatever is done to rows in several hands, each act gives and leaves exactly what the model says."""
    for url in urls:
        async with Database(url, tables=[Shelf, Paper]) as db:
            await db.create_tables()
            with db.use():
                assert (await Shelf.insert(Shelf()).one()).id == SHELF
                model, desk = Model(), Desk()
                for number, act in enumerate(acts):
                    assert await desk.act(act) == model.act(act), (act, acts[: number + 1])
                assert await desk.left() == model.left(), acts
            await db.sql("drop table paper")
            await db.sql("drop table shelf")
