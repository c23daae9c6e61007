"""Tests of the same events through the generated resource: the rules of the planner hold there too."""

from __future__ import annotations

import pytest

from planner.tables import Event
from tests.planner.harness import EVENT, Planner, refusal, signed

pytestmark = pytest.mark.anyio


async def test_one_table(planner: Planner) -> None:
    """What is announced by hand is read through the resource, and the other way round."""
    token = await planner.person("Ann")
    by_hand = await planner.event(token)
    created = await planner.client.post("/api/event", json={**EVENT, "title": "Generated"}, headers=signed(token))
    assert (created.status_code, created.headers["location"]) == (201, "/api/event/2")
    assert (await planner.client.get(f"/api/event/{by_hand}")).json()["title"] == EVENT["title"]
    assert (await planner.client.get("/event/2")).json()["title"] == "Generated"


async def test_list(planner: Planner) -> None:
    """Anyone lists events with filters, an order and a page."""
    token = await planner.person("Ann")
    for day in (3, 1, 2):
        await planner.event(token, title=f"Day {day}", starts_at=f"2030-05-0{day}T10:00:00Z")
    query = "/api/event?starts_at.gt=2030-05-01T12:00:00Z&sort=-starts_at&fields=title&limit=5"
    answer = await planner.client.get(query)
    assert (answer.status_code, answer.json()) == (
        200,
        {"items": [{"title": "Day 3"}, {"title": "Day 2"}], "next": None},
    )


async def test_search(planner: Planner) -> None:
    """A search looks through titles and descriptions."""
    token = await planner.person("Ann")
    await planner.event(token, title="Puppets")
    await planner.event(token, title="Jazz", description="No puppets this time.")
    await planner.event(token, title="Bread", description="Flour and patience.")
    answer = await planner.client.get("/api/event?search=uppets&fields=title&sort=title")
    assert answer.json()["items"] == [{"title": "Jazz"}, {"title": "Puppets"}]


async def test_the_creator_comes_from_the_token(planner: Planner) -> None:
    """The creator is whoever is signed in; a body that names one is refused, even one that names nobody."""
    await planner.person("Ann")
    token = await planner.person("Ben")
    created = await planner.client.post("/api/event", json=EVENT, headers=signed(token))
    assert created.json()["creator"] == 2
    for creator in (1, 2, None):
        answer = await planner.client.post("/api/event", json={**EVENT, "creator": creator}, headers=signed(token))
        assert refusal(answer) == (422, [("/body/creator", "read_only")])
    assert await Event.select().count() == 1


async def test_create_needs_a_caller(planner: Planner) -> None:
    """Without a token, or with a bad one, nothing is announced."""
    assert (await planner.client.post("/api/event", json=EVENT)).status_code == 401
    bad = await planner.client.post("/api/event", json=EVENT, headers=signed("not.a.token"))
    assert refusal(bad) == (401, [("", "token_invalid")])
    assert await Event.select().count() == 0


async def test_only_its_creator_changes_an_event(planner: Planner) -> None:
    """Somebody else gets a 403 and changes nothing."""
    ann, ben = await planner.person("Ann"), await planner.person("Ben")
    key = await planner.event(ann)
    refused = await planner.client.patch(f"/api/event/{key}", json={"title": "Mine"}, headers=signed(ben))
    changed = await planner.client.patch(f"/api/event/{key}", json={"title": "Moved"}, headers=signed(ann))
    assert (refused.status_code, changed.status_code) == (403, 200)
    assert (await Event.get(key)).title == "Moved"


async def test_only_administrators_delete(planner: Planner) -> None:
    """The creator gets a 403, an administrator a 204."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    admin = await planner.administrator("Eve")
    refused = await planner.client.delete(f"/api/event/{key}", headers=signed(token))
    deleted = await planner.client.delete(f"/api/event/{key}", headers=signed(admin))
    assert (refused.status_code, deleted.status_code) == (403, 204)
    assert await Event.select().count() == 0


async def test_people_are_no_resource(planner: Planner) -> None:
    """Nothing of people is reached through events: no address, no name, no hash, not even as a filter."""
    await planner.event(await planner.person("Ann"))
    for query in ("fields=creator.email", "creator.email.eq=ann@example.org", "sort=creator.password_hash"):
        assert (await planner.client.get(f"/api/event?{query}")).status_code == 400
    assert refusal(await planner.client.get("/api/user")) == (404, [])
