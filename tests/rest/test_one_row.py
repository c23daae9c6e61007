"""Tests of reading, creating, changing and deleting one row, and of methods that an address does not take."""

from __future__ import annotations

import json

import pytest

from tabor import Database
from tabor.auth.policy import anyone
from tabor.rest.resource import Resource
from tests.rest.test_list import EVENT_7
from tests.rest.world import ADMIN, ANN, BOB, EVENTS, Client, Event, Person, Venue, faults, memory, messages, serving

pytestmark = pytest.mark.anyio

NEW = {"title": "Stage", "starts_at": "2026-06-24T20:30:00+02:00"}
STORED: dict[str, object] = {
    "id": 13,
    "title": "Stage",
    "description": None,
    "capacity": 0,
    "price": "0.00",
    "starts_at": "2026-06-24T18:30:00.000000Z",
    "status": "draft",
    "tags": [],
    "creator": 1,
    "reviewer": None,
    "venue": None,
}


async def test_read(client: Client) -> None:
    """A row is answered as the list shows it, in exactly these bytes."""
    answer = await client.send("GET", "/api/event/7")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.text == json.dumps(EVENT_7, separators=(",", ":"))


@pytest.mark.parametrize("key", ["99", "0", "-1", "x", "7.0", "9223372036854775808", "7x", "%20"])
async def test_no_such_row(client: Client, key: str) -> None:
    """A key that no row has, or could have, is a 404 for every method."""
    for method in ("GET", "HEAD", "PATCH", "DELETE"):
        answer = await client.send(method, f"/api/event/{key}", {"title": "x"}, caller=ADMIN)
        assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("fields=titel", ("/query/fields", "unknown_field")),
        ("fields=id&fields=id", ("/query/fields", "duplicate")),
        ("limit=1", ("/query/limit", "unknown_parameter")),
        ("title=x", ("/query/title", "unknown_parameter")),
    ],
)
async def test_read_knows_only_fields(client: Client, query: str, expected: tuple[str, str]) -> None:
    """Any other parameter of one row means nothing."""
    answer = await client.send("GET", f"/api/event/7?{query}")
    assert (answer.status_code, faults(answer)) == (400, [expected])


async def test_create(client: Client) -> None:
    """A new row is answered as stored, with its address."""
    answer = await client.send("POST", "/api/event", NEW, caller=ANN)
    assert (answer.status_code, answer.headers["location"]) == (201, "/api/event/13")
    assert answer.json() == STORED == await client.get("/api/event/13")


async def test_create_with_everything(client: Client) -> None:
    """Every kind of value is taken and comes back."""
    body = NEW | {
        "description": "Gärten ✿",
        "capacity": 7.0,
        "price": "12.5",
        "status": "published",
        "tags": ["a", 'b"c'],
        "reviewer": 2,
        "venue": 1,
    }
    answer = await client.send("POST", "/api/event/", body, caller=BOB)
    expected = STORED | body | {"capacity": 7, "price": "12.50", "starts_at": STORED["starts_at"], "creator": 2}
    assert (answer.status_code, answer.json()) == (201, expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"titel": "x"}, ("/body/titel", "unknown_field")),
        ({"token": "x"}, ("/body/token", "unknown_field")),
        ({"creator": 1}, ("/body/creator", "read_only")),
        ({"creator": None}, ("/body/creator", "read_only")),
        ({"id": 5}, ("/body/id", "read_only")),
        ({"id": None}, ("/body/id", "read_only")),
        ({"title": None}, ("/body/title", "null")),
        ({"title": 5}, ("/body/title", "wrong_type")),
        ({"title": "x" * 41}, ("/body/title", "too_long")),
        ({"title": "<b>x"}, ("/body/title", "not_plain")),
        ({"capacity": -1}, ("/body/capacity", "too_small")),
        ({"capacity": "5"}, ("/body/capacity", "wrong_type")),
        ({"capacity": True}, ("/body/capacity", "wrong_type")),
        ({"capacity": 1.5}, ("/body/capacity", "wrong_type")),
        ({"price": 1.25}, ("/body/price", "wrong_type")),
        ({"price": "1.255"}, ("/body/price", "too_precise")),
        ({"price": "NaN"}, ("/body/price", "malformed")),
        ({"status": "open"}, ("/body/status", "not_a_member")),
        ({"starts_at": "tomorrow"}, ("/body/starts_at", "malformed")),
        ({"starts_at": 1750000000}, ("/body/starts_at", "wrong_type")),
        ({"starts_at": "0001-01-01T00:00:00+10:00"}, ("/body/starts_at", "out_of_range")),
        ({"tags": "music"}, ("/body/tags", "wrong_type")),
        ({"tags": ["a", 5]}, ("/body/tags/1", "wrong_type")),
        ({"tags": [None]}, ("/body/tags/0", "wrong_type")),
        ({"reviewer": "2"}, ("/body/reviewer", "wrong_type")),
    ],
)
async def test_invalid_values_are_refused_at_their_place(
    client: Client, change: dict[str, object], expected: tuple[str, str]
) -> None:
    """Creating and changing refuse the same values, and nothing is stored."""
    answer = await client.send("POST", "/api/event", NEW | change, caller=ANN)
    assert (answer.status_code, faults(answer)) == (422, [expected])
    answer = await client.send("PATCH", "/api/event/1", change, caller=ANN)
    assert (answer.status_code, faults(answer)) == (422, [expected])
    assert (await client.get("/api/event?count=exact&limit=1"))["total"] == 12


async def test_all_faults_at_once(client: Client) -> None:
    """One answer names everything that is wrong with a body, and the nearest right names."""
    answer = await client.send("POST", "/api/event", {"titel": "x", "capacity": "x"}, caller=ANN)
    assert faults(answer) == [
        ("/body/titel", "unknown_field"),
        ("/body/capacity", "wrong_type"),
        ("/body/title", "required"),
        ("/body/starts_at", "required"),
    ]
    assert messages(answer)[0] == "There is no field 'titel'; did you mean title?"
    assert answer.json()["detail"] == "4 values are not acceptable."


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ("", 400, ("/body", "empty")),
        ("{", 400, ("/body", "invalid_json")),
        ('{"title": "a", "title": "b"}', 400, ("/body/title", "duplicate_name")),
        ('{"capacity": NaN}', 400, ("/body/capacity", "not_finite")),
        ("[]", 422, ("/body", "not_an_object")),
        ("5", 422, ("/body", "not_an_object")),
        ("null", 422, ("/body", "not_an_object")),
    ],
)
async def test_bodies_that_are_no_object(client: Client, body: str, status: int, expected: tuple[str, str]) -> None:
    """What is no strict JSON is a 400, what is no object a 422."""
    for method, address in (("POST", "/api/event"), ("PATCH", "/api/event/1")):
        answer = await client.send(method, address, body, caller=ANN)
        assert (answer.status_code, faults(answer)) == (status, [expected])


async def test_body_of_another_kind_or_size(client: Client) -> None:
    """Another media type is a 415, and a body over a megabyte a 413."""
    text = await client.send("POST", "/api/event", "{}", caller=ANN, headers={"Content-Type": "text/plain"})
    assert (text.status_code, text.headers["accept"]) == (415, "application/json")
    large = await client.send("POST", "/api/event", b'{"title": "' + b"x" * 1_048_576 + b'"}', caller=ANN)
    assert large.status_code == 413


async def test_writes_take_no_parameters(client: Client) -> None:
    """A parameter on a write is refused, not ignored."""
    for method, address in (("POST", "/api/event"), ("PATCH", "/api/event/1"), ("DELETE", "/api/event/1")):
        answer = await client.send(method, f"{address}?fields=id", NEW, caller=ADMIN)
        assert (answer.status_code, faults(answer)) == (400, [("/query/fields", "unknown_parameter")])


async def test_duplicate_and_missing_reference(client: Client) -> None:
    """A value that is taken and a reference to nothing are conflicts that name the field."""
    taken = await client.send("POST", "/api/person", {"email": "ann@example.org", "name": "A"}, caller=ADMIN)
    assert (taken.status_code, faults(taken)) == (409, [("/body/email", "not_unique")])
    nobody = await client.send("POST", "/api/event", NEW | {"venue": 99}, caller=ANN)
    assert (nobody.status_code, faults(nobody)) == (409, [("/body/venue", "unknown_reference")])
    changed = await client.send("PATCH", "/api/event/1", {"reviewer": 99}, caller=ANN)
    assert (changed.status_code, faults(changed)) == (409, [("/body/reviewer", "unknown_reference")])


async def test_change(client: Client) -> None:
    """A change touches the fields that it names and answers the row as it is then."""
    answer = await client.send("PATCH", "/api/event/7", {"title": "Later", "description": None}, caller=BOB)
    expected = EVENT_7 | {"title": "Later", "description": None}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert await client.get("/api/event/7") == expected


async def test_a_change_names_something(client: Client) -> None:
    """An empty change is refused: it is a mistake more often than a wish."""
    answer = await client.send("PATCH", "/api/event/1", {}, caller=ANN)
    assert (answer.status_code, faults(answer)) == (422, [("/body", "empty")])


async def test_delete(client: Client) -> None:
    """A deleted row is gone, and deleting it again is a 404."""
    answer = await client.send("DELETE", "/api/event/7", caller=ADMIN)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "content-type" not in answer.headers
    assert (await client.send("DELETE", "/api/event/7", caller=ADMIN)).status_code == 404
    assert 7 not in await client.ids("/api/event")


async def test_a_row_that_others_refer_to_stays(client: Client) -> None:
    """Deleting what other rows refer to is a conflict."""
    answer = await client.send("DELETE", "/api/note/2", caller=ANN)
    assert (answer.status_code, faults(answer)) == (409, [("", "still_referenced")])
    assert await client.get("/api/note/2")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("/api/event", "GET, HEAD, POST, OPTIONS"),
        ("/api/event/1", "GET, HEAD, PATCH, DELETE, OPTIONS"),
        ("/api/person/1", "GET, HEAD, PATCH, OPTIONS"),
        ("/api/comment", "GET, HEAD, OPTIONS"),
    ],
)
async def test_other_methods(client: Client, address: str, allowed: str) -> None:
    """A method that an address does not take is a 405 with Allow; OPTIONS tells the same."""
    for method in {"PUT", "TRACE", "POST", "PATCH", "DELETE"} - set(allowed.split(", ")):
        answer = await client.send(method, address, caller=ADMIN)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    options = await client.send("OPTIONS", address)
    assert (options.status_code, options.headers["allow"], options.content) == (204, allowed, b"")


@pytest.mark.parametrize(
    "address", ["/api", "/api/", "/api/venue", "/api/venue/1", "/api/events", "/api/event/1/2", "/api/event//"]
)
async def test_other_addresses(client: Client, address: str) -> None:
    """What is not offered is a 404."""
    assert (await client.send("GET", address)).status_code == 404


async def test_a_closed_address_does_not_exist() -> None:
    """A resource whose rows are offered one by one only has no list, and the other way round."""
    async with serving(memory(), [Resource(Venue, read=anyone), Resource(Person, list=anyone)]) as client:
        assert (await client.send("GET", "/api/venue")).status_code == 404
        assert await client.get("/api/venue/1") == {"id": 1, "name": "Hall"}
        assert (await client.send("GET", "/api/person/1")).status_code == 404
        assert await client.ids("/api/person") == [1, 2, 3]


async def test_another_prefix_and_name(db: Database) -> None:
    """The prefix and the name of a resource make its address."""
    resource = Resource(Venue, list=anyone, read=anyone, create=anyone, name="places")
    async with serving(db, [resource], prefix="/v1/data") as client:
        answer = await client.send("POST", "/v1/data/places", {"name": "Barn"})
        assert answer.headers["location"] == "/v1/data/places/2"
        assert await client.get("/v1/data/places/2") == {"id": 2, "name": "Barn"}


async def test_a_failure_of_the_application_is_no_refusal(db: Database) -> None:
    """What a rule raises by mistake is a 500 that says nothing, and the next request is served."""

    def broken(caller: object) -> bool:
        raise RuntimeError("a secret detail")

    async with serving(db, [Resource(Venue, list=broken), EVENTS]) as client:
        answer = await client.send("GET", "/api/venue")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        assert await client.ids("/api/event?id=1") == [1]


async def test_a_closed_database_is_unavailable(client: Client, db: Database) -> None:
    """While the database is closed, requests are told to come back."""
    await db.close()
    answer = await client.send("GET", "/api/event/1")
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)


async def test_a_row_survives_what_it_was_created_with(db: Database) -> None:
    """The default of a column is made anew for each row."""
    async with serving(db) as client:
        first = await client.send("POST", "/api/event", NEW, caller=ANN)
        second = await client.send("POST", "/api/event", NEW | {"tags": ["x"]}, caller=ANN)
        assert (first.json()["tags"], second.json()["tags"]) == ([], ["x"])
        assert await Event.select(Event.token).where(Event.id == 13).values() == ["token"]
