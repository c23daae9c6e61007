"""Tests of the hand-written endpoints of events."""

from __future__ import annotations

import pytest

from planner.tables import Event
from tests.planner.harness import EVENT, STORED, Planner, problem, refusal, signed

pytestmark = pytest.mark.anyio


async def test_create(planner: Planner) -> None:
    """A signed-in person announces an event: 201, its address, the event as stored with them as its creator."""
    await planner.person("Ann")
    token = await planner.person("Ben")
    answer = await planner.client.post("/event/new", json=EVENT, headers=signed(token))
    assert (answer.status_code, answer.headers["location"]) == (201, "/event/1")
    assert answer.json() == {"id": 1, **STORED, "creator": 2}


async def test_create_the_least(planner: Planner) -> None:
    """Image and tags may be left out."""
    token = await planner.person("Ann")
    body = {name: value for name, value in EVENT.items() if name not in ("image", "tags")}
    answer = await planner.client.post("/event/new", json=body, headers=signed(token))
    assert (answer.status_code, answer.json()) == (201, {"id": 1, **STORED, "image": None, "tags": [], "creator": 1})


async def test_create_needs_a_caller(planner: Planner) -> None:
    """Without a token nothing is announced."""
    answer = await planner.client.post("/event/new", json=EVENT)
    assert refusal(answer) == (401, [("", "not_signed_in")])
    assert await Event.select().count() == 0


async def test_read(planner: Planner) -> None:
    """Anyone reads an event."""
    key = await planner.event(await planner.person("Ann"))
    answer = await planner.client.get(f"/event/{key}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"id": key, **STORED, "creator": 1}


@pytest.mark.parametrize("key", ["99", "9223372036854775807", "one", "-1", "1.5"])
async def test_unknown_key(planner: Planner, key: str) -> None:
    """A key that no event has, or that can be none, is a 404."""
    assert refusal(await planner.client.get(f"/event/{key}")) == (404, [])


@pytest.mark.parametrize(("key", "code"), [("0", "greater_than_equal"), ("9223372036854775808", "less_than")])
async def test_key_out_of_range(planner: Planner, key: str, code: str) -> None:
    """A number that can be no key is a 422."""
    assert refusal(await planner.client.get(f"/event/{key}")) == (422, [("/path/key", code)])


async def test_list(planner: Planner) -> None:
    """Anyone lists the events, the earliest first, in parts if they like."""
    token = await planner.person("Ann")
    for day in (3, 1, 2):
        await planner.event(token, title=f"Day {day}", starts_at=f"2030-05-0{day}T10:00:00Z")
    titles = [event["title"] for event in (await planner.client.get("/event/")).json()]
    second = (await planner.client.get("/event/", params={"limit": 1, "offset": 1})).json()
    assert (titles, [event["title"] for event in second]) == (["Day 1", "Day 2", "Day 3"], ["Day 2"])


async def test_empty_list(planner: Planner) -> None:
    """A planner without events lists none."""
    answer = await planner.client.get("/event/")
    assert (answer.status_code, answer.json()) == (200, [])


@pytest.mark.parametrize(
    ("query", "faults"),
    [
        ("limit=0", [("/query/limit", "greater_than_equal")]),
        ("limit=501", [("/query/limit", "less_than_equal")]),
        ("limit=many", [("/query/limit", "int_parsing")]),
        ("offset=10001", [("/query/offset", "less_than_equal")]),
        ("page=2", [("/query/page", "extra_forbidden")]),
    ],
)
async def test_bad_list_parameters(planner: Planner, query: str, faults: list[tuple[str, str]]) -> None:
    """A parameter out of range, of the wrong type or unknown is refused with 422 that names it."""
    assert refusal(await planner.client.get(f"/event/?{query}")) == (422, faults)


BAD_EVENTS: dict[str, tuple[dict[str, object], list[tuple[str, str]]]] = {
    "no title": ({"title": ...}, [("/body/title", "missing")]),
    "an empty title": ({"title": ""}, [("/body/title", "string_too_short")]),
    "a title too long": ({"title": "x" * 201}, [("/body/title", "string_too_long")]),
    "null": ({"title": None}, [("/body/title", "string_type")]),
    "a number for text": ({"location": 5}, [("/body/location", "string_type")]),
    "a description too long": ({"description": "x" * 5_001}, [("/body/description", "string_too_long")]),
    "tags that are no list": ({"tags": "music"}, [("/body/tags", "list_type")]),
    "a tag that is no text": ({"tags": ["music", 5]}, [("/body/tags/1", "string_type")]),
    "too many tags": ({"tags": ["x"] * 11}, [("/body/tags", "too_long")]),
    "a date without a time": ({"starts_at": "2030-05-01"}, [("/body/starts_at", "timestamp")]),
    "a time without an offset": ({"starts_at": "2030-05-01T19:30:00"}, [("/body/starts_at", "timestamp")]),
    "a number for a time": ({"starts_at": 1_900_000_000}, [("/body/starts_at", "timestamp")]),
    "a day that is none": (
        {"starts_at": "2030-02-30T10:00:00Z"},
        [("/body/starts_at", "datetime_from_date_parsing")],
    ),
    "a time before the calendar": ({"starts_at": "0001-01-01T00:00:00+05:00"}, [("/body/starts_at", "out_of_range")]),
    "an unknown field": ({"titel": "x"}, [("/body/titel", "extra_forbidden")]),
    "a key": ({"id": 7}, [("/body/id", "extra_forbidden")]),
    "a creator": ({"creator": 2}, [("/body/creator", "extra_forbidden")]),
    "no creator": ({"creator": None}, [("/body/creator", "extra_forbidden")]),
    "several at once": (
        {"title": 5, "location": ...},
        [("/body/title", "string_type"), ("/body/location", "missing")],
    ),
}


@pytest.mark.parametrize("case", BAD_EVENTS)
async def test_bad_event(planner: Planner, case: str) -> None:
    """An event that cannot be is refused with 422, names each place, and is not stored."""
    token = await planner.person("Ann")
    changes, faults = BAD_EVENTS[case]
    body = {name: value for name, value in {**EVENT, **changes}.items() if value is not ...}
    assert refusal(await planner.client.post("/event/new", json=body, headers=signed(token))) == (422, faults)
    assert await Event.select().count() == 0


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "invalid_json"),
        (b"{'title': 1}", "invalid_json"),
        (b'{"title": NaN}', "not_finite"),
        (b'{"title": "a", "title": "b"}', "duplicate_name"),
        (b'{"title": "\\u0000"}', "bad_character"),
        (b'{"title": "\xff"}', "not_utf8"),
    ],
)
async def test_malformed_body(planner: Planner, body: bytes, code: str) -> None:
    """What is no strict JSON is refused with 400 that says where and why."""
    headers = {**signed(await planner.person("Ann")), "Content-Type": "application/json"}
    status, faults = refusal(await planner.client.post("/event/new", content=body, headers=headers))
    assert (status, [found for _, found in faults]) == (400, [code])


async def test_body_that_is_no_object(planner: Planner) -> None:
    """JSON of another kind than an object is refused with 422, for a new event and for a change."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    created = await planner.client.post("/event/new", json=[EVENT], headers=signed(token))
    changed = await planner.client.patch(f"/event/{key}", json="title", headers=signed(token))
    assert refusal(created) == (422, [("/body", "model_attributes_type")])
    assert refusal(changed) == (422, [("/body", "dict_type")])


async def test_other_media_type(planner: Planner) -> None:
    """A body that is not called JSON is refused with 415."""
    headers = {**signed(await planner.person("Ann")), "Content-Type": "text/plain"}
    answer = await planner.client.post("/event/new", content=b"{}", headers=headers)
    assert (refusal(answer), answer.headers["accept"]) == ((415, []), "application/json")


async def test_large_body(planner: Planner) -> None:
    """A body over 1 MB is refused with 413."""
    token = await planner.person("Ann")
    answer = await planner.client.post(
        "/event/new", json={**EVENT, "description": "x" * 1_100_000}, headers=signed(token)
    )
    assert problem(answer)["detail"] == "A body may have 1,048,576 bytes at most."
    assert answer.status_code == 413


async def test_change(planner: Planner) -> None:
    """Its creator changes the fields that are sent, and no other."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    change = {"title": "Open stage, moved", "image": None, "starts_at": "2030-05-02T19:30:00+02:00"}
    answer = await planner.client.patch(f"/event/{key}", json=change, headers=signed(token))
    expected = {"id": key, **STORED, **change, "starts_at": "2030-05-02T17:30:00Z", "creator": 1}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert (await planner.client.get(f"/event/{key}")).json() == expected


async def test_change_nothing(planner: Planner) -> None:
    """An empty change answers the event as it is."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    answer = await planner.client.patch(f"/event/{key}", json={}, headers=signed(token))
    assert (answer.status_code, answer.json()) == (200, {"id": key, **STORED, "creator": 1})


async def test_change_by_another(planner: Planner) -> None:
    """Nobody else changes an event, administrators included: 403, and it stays as it is."""
    key = await planner.event(await planner.person("Ann"))
    for token in (await planner.person("Ben"), await planner.administrator("Eve")):
        answer = await planner.client.patch(f"/event/{key}", json={"title": "Mine"}, headers=signed(token))
        assert problem(answer) == {
            "type": "/problems/forbidden",
            "title": "Not allowed",
            "status": 403,
            "detail": "Only its creator may change an event.",
            "instance": answer.headers["x-request-id"],
            "errors": [{"pointer": "", "code": "not_creator", "message": "Only its creator may change an event."}],
        }
    assert (await Event.get(key)).title == EVENT["title"]


async def test_change_without_a_token(planner: Planner) -> None:
    """A change needs a caller."""
    key = await planner.event(await planner.person("Ann"))
    assert refusal(await planner.client.patch(f"/event/{key}", json={"title": "x"})) == (401, [("", "not_signed_in")])


async def test_change_of_an_unknown_event(planner: Planner) -> None:
    """A change of what does not exist is a 404."""
    token = await planner.person("Ann")
    assert refusal(await planner.client.patch("/event/7", json={"title": "x"}, headers=signed(token))) == (404, [])


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"title": None}, [("/body/title", "string_type")]),
        ({"title": ""}, [("/body/title", "string_too_short")]),
        ({"tags": None}, [("/body/tags", "list_type")]),
        ({"starts_at": "soon"}, [("/body/starts_at", "timestamp")]),
        ({"creator": 2}, [("/body/creator", "extra_forbidden")]),
        ({"creator": None}, [("/body/creator", "extra_forbidden")]),
        ({"id": 2}, [("/body/id", "extra_forbidden")]),
        ({"colour": "red"}, [("/body/colour", "extra_forbidden")]),
    ],
)
async def test_bad_change(planner: Planner, change: dict[str, object], faults: list[tuple[str, str]]) -> None:
    """A change that cannot be is refused with 422, and the event stays as it is."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    assert refusal(await planner.client.patch(f"/event/{key}", json=change, headers=signed(token))) == (422, faults)
    assert (await planner.client.get(f"/event/{key}")).json() == {"id": key, **STORED, "creator": 1}


async def test_delete(planner: Planner) -> None:
    """An administrator deletes an event: 204 without a body, then it is gone."""
    key = await planner.event(await planner.person("Ann"))
    token = await planner.administrator("Eve")
    answer = await planner.client.delete(f"/event/{key}", headers=signed(token))
    again = await planner.client.delete(f"/event/{key}", headers=signed(token))
    assert (answer.status_code, answer.content, refusal(again)) == (204, b"", (404, []))


async def test_delete_is_for_administrators(planner: Planner) -> None:
    """Nobody else deletes an event, its creator included."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    assert refusal(await planner.client.delete(f"/event/{key}")) == (401, [("", "not_signed_in")])
    assert refusal(await planner.client.delete(f"/event/{key}", headers=signed(token))) == (
        403,
        [("", "not_administrator")],
    )
    assert await Event.select().count() == 1


async def test_other_methods(planner: Planner) -> None:
    """A method that an address does not take is a 405 that names those it takes."""
    for method, path, allowed in (("PUT", "/event/1", "GET, PATCH, DELETE"), ("DELETE", "/event/new", "POST")):
        answer = await planner.client.request(method, path)
        assert (refusal(answer), answer.headers["allow"]) == ((405, []), allowed)


async def test_slashes(planner: Planner) -> None:
    """Every address answers with and without a slash at its end, and nobody is redirected."""
    token = await planner.person("Ann")
    key = await planner.event(token)
    for path in ("/event", "/event/", f"/event/{key}", f"/event/{key}/", "/user/me", "/user/me/"):
        assert (await planner.client.get(path, headers=signed(token))).status_code == 200
    for path in ("/event/new", "/event/new/"):
        assert (await planner.client.post(path, json=EVENT, headers=signed(token))).status_code == 201
    for path in (f"/event/{key}", f"/event/{key}/"):
        assert (await planner.client.patch(path, json={}, headers=signed(token))).status_code == 200
