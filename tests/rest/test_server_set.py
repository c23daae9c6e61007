"""Tests of what the database fills, over HTTP: read only, versions checked where given, removed rows absent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from tabor import Column, Database, Json, Table, column
from tabor.auth.policy import Caller, anyone
from tabor.rest.mount import mount_resources
from tabor.rest.resource import Resource
from tabor.web.direct_route import Request
from tabor.web.install import install
from tests.schema.test_value_types import Window

pytestmark = pytest.mark.anyio


class Bill(Table):
    """What somebody owes."""

    id: Column[int] = column(primary_key=True)
    count: Column[int] = column(default=1)
    double: Column[int] = column(computed=lambda: Bill.count * 2)
    note: Column[str] = column(server_default="none")
    hours: Column[Json[Window] | None] = column(default=None)
    version: Column[int] = column(version=True)
    created_at: Column[datetime] = column(stamp="created")
    deleted_at: Column[datetime | None] = column(stamp="deleted")


def nobody_known(request: Request) -> Caller:
    """Nobody is signed in."""
    return Caller.anonymous()


@pytest.fixture
async def client(database_url: str) -> AsyncIterator[AsyncClient]:
    """A client of an application that offers bills to everybody."""
    db = Database(database_url, tables=[Bill])
    app = FastAPI()
    install(app)
    offer = Resource(Bill, list=anyone, read=anyone, create=anyone, update=anyone, delete=anyone)
    mount_resources(app, db, [offer], caller=nobody_known)
    async with db, AsyncClient(transport=ASGITransport(app), base_url="http://test") as made:
        await db.create_tables()
        yield made


@pytest.mark.parametrize("name", ["double", "note", "version", "created_at", "deleted_at"])
async def test_a_new_row_takes_none_of_them(client: AsyncClient, name: str) -> None:
    """What the database fills is refused in a new row as read only."""
    answer = await client.post("/api/bill", json={"count": 2, name: 1})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "read_only")


async def test_a_change_takes_what_may_change(client: AsyncClient) -> None:
    """A server default may be changed later, a computed column and a stamp may not."""
    made = (await client.post("/api/bill", json={"count": 2})).json()
    assert (made["double"], made["note"], made["version"], made["deleted_at"]) == (4, "none", 1, None)
    changed = (await client.patch("/api/bill/1", json={"note": "paid", "count": 3})).json()
    assert (changed["double"], changed["note"], changed["version"]) == (6, "paid", 2)
    for name in ("double", "created_at", "deleted_at"):
        answer = await client.patch("/api/bill/1", json={name: None})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "read_only")


async def test_a_version_that_is_given_is_checked(client: AsyncClient) -> None:
    """A change that names the version goes through at that version and is a conflict at another."""
    await client.post("/api/bill", json={})
    assert (await client.patch("/api/bill/1", json={"version": 1, "count": 5})).json()["version"] == 2
    stale = await client.patch("/api/bill/1", json={"version": 1, "count": 6})
    assert (stale.status_code, stale.json()["detail"]) == (
        409,
        "The row is no longer at version 1: it was changed since it was read. Read it again.",
    )
    assert (await client.get("/api/bill/1")).json()["count"] == 5
    assert (await client.patch("/api/bill/1", json={"version": 2})).status_code == 422
    assert (await client.patch("/api/bill/7", json={"version": 2, "count": 1})).status_code == 404


async def test_removed_rows_are_absent(client: AsyncClient) -> None:
    """A deleted row is marked, and then can neither be listed, read, changed nor deleted again."""
    await client.post("/api/bill", json={})
    await client.post("/api/bill", json={"count": 2})
    assert (await client.delete("/api/bill/1")).status_code == 204
    assert [row["id"] for row in (await client.get("/api/bill")).json()["items"]] == [2]
    for answer in (
        await client.get("/api/bill/1"),
        await client.patch("/api/bill/1", json={"count": 3}),
        await client.delete("/api/bill/1"),
    ):
        assert answer.status_code == 404
    assert await Bill.select().with_deleted().count() == 2


async def test_models_in_bodies(client: AsyncClient) -> None:
    """A model is read from a body and answered as it is, and a body that it does not take names the field."""
    hours = {"opens": "09:00:00", "closes": "12:30:00"}
    assert (await client.post("/api/bill", json={"hours": hours})).json()["hours"] == hours
    answer = await client.post("/api/bill", json={"hours": {"opens": "late", "closes": "12:30:00"}})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "invalid_model")


async def test_the_document_says_so(client: AsyncClient) -> None:
    """In the OpenAPI document a new row has none of them, and a change may name the version."""
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert set(schemas["bill_create"]["properties"]) == {"count", "hours"}
    assert set(schemas["bill_update"]["properties"]) == {"count", "note", "hours", "version"}
