"""Tests that a caller cannot read, change or infer what the rules hide."""

from __future__ import annotations

import pytest

from tabor import Database
from tabor.auth.policy import Caller, Verdict, admins, anyone
from tabor.rest.resource import Resource
from tabor.web.direct_route import Request
from tests.rest.world import ADMIN, ANN, BOB, RESOURCES, Client, Comment, Event, Note, Person, faults, serving

pytestmark = pytest.mark.anyio


async def test_nobody_signed_in_is_told_so(client: Client) -> None:
    """An action that needs a caller is a 401 with a challenge, whatever row or body is meant."""
    for method, address in (
        ("GET", "/api/person"),
        ("GET", "/api/person/1"),
        ("GET", "/api/person/99"),
        ("POST", "/api/event"),
        ("PATCH", "/api/event/1"),
        ("PATCH", "/api/event/99"),
        ("DELETE", "/api/event/1"),
        ("POST", "/api/note"),
    ):
        answer = await client.send(method, address)
        assert (answer.status_code, faults(answer)) == (401, [("", "not_signed_in")])
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_each_caller_lists_only_what_the_rule_shows(client: Client) -> None:
    """Rows that the rule hides are in no list, no total and no page."""
    assert await client.ids("/api/note") == [2, 4]
    assert await client.ids("/api/note", caller=ANN) == [1, 2, 4]
    assert await client.ids("/api/note", caller=BOB) == [2, 3, 4]
    assert (await client.get("/api/note?count=exact&limit=1", caller=ANN))["total"] == 3
    page = await client.get("/api/note?limit=2", caller=BOB)
    assert await client.ids(f"/api/note?cursor={page['next']}", caller=BOB) == [4]


async def test_no_filter_brings_a_hidden_row_out(client: Client) -> None:
    """Whatever is asked, with any negation or group, a hidden row stays hidden."""
    for query in (
        "id=1",
        "text=ann+private",
        "text.not.eq=x&id=1",
        "or=(id.eq.1,shared.eq.false)&owner=1",
        "or=(not.and(id.eq.2),id.is_null.false)&owner=1&shared=false",
        "shared.not.eq=true",
    ):
        assert await client.ids(f"/api/note?{query}") == []
        assert (await client.get(f"/api/note?{query}&count=exact"))["total"] == 0


async def test_a_hidden_row_is_as_absent_as_one_that_never_was(client: Client) -> None:
    """Reading, changing and deleting a hidden row answers exactly as for a row that does not exist."""
    for method in ("GET", "PATCH", "DELETE"):
        hidden = await client.send(method, "/api/note/1", {"text": "x"}, caller=BOB)
        absent = await client.send(method, "/api/note/99", {"text": "x"}, caller=BOB)
        assert (hidden.status_code, absent.status_code) == (404, 404)
        assert hidden.json() | {"instance": ""} == absent.json() | {"instance": ""}
    assert await Note.select(Note.text).where(Note.id == 1).values() == ["ann private"]


async def test_a_row_that_is_seen_and_not_owned(client: Client) -> None:
    """Changing and deleting a row that the caller may only read is a 403 that names the rule."""
    for method, code in (("PATCH", "update_rule"), ("DELETE", "delete_rule")):
        answer = await client.send(method, "/api/note/2", {"text": "x"}, caller=BOB)
        assert (answer.status_code, faults(answer)) == (403, [("", code)])
    assert await Note.select(Note.text).where(Note.id == 2).values() == ["ann shared"]


async def test_a_plain_no_to_a_write(client: Client) -> None:
    """A rule that says no to a caller is a 403 for a row that is there and a 404 for one that is not."""
    assert faults(await client.send("POST", "/api/person", {}, caller=ANN)) == [("", "create_rule")]
    assert faults(await client.send("DELETE", "/api/event/1", caller=ANN)) == [("", "delete_rule")]
    assert (await client.send("DELETE", "/api/event/99", caller=ANN)).status_code == 404


async def test_a_plain_no_to_reading_looks_like_absence(db: Database) -> None:
    """A rule that says no to a signed-in caller leaves an empty list and no row."""
    async with serving(db, [Resource(Note, list=admins, read=admins)]) as client:
        assert await client.get("/api/note?count=exact", caller=ANN) == {"items": [], "next": None, "total": 0}
        assert await client.get("/api/note", caller=ANN) == {"items": [], "next": None}
        assert (await client.send("GET", "/api/note/1", caller=ANN)).status_code == 404
        assert await client.ids("/api/note", caller=ADMIN) == [1, 2, 3, 4]


async def test_a_new_row_must_fit_the_rule(client: Client) -> None:
    """Creating is checked on the new row: a row for somebody else is refused and not stored."""
    refused = await client.send("POST", "/api/note", {"text": "new", "owner": BOB}, caller=ANN)
    assert (refused.status_code, faults(refused)) == (403, [("", "create_rule")])
    assert not await Note.select().where(Note.text == "new").exists()
    made = await client.send("POST", "/api/note", {"text": "new", "owner": ANN}, caller=ANN)
    assert (made.status_code, made.json()["owner"]) == (201, ANN)


async def test_a_changed_row_must_fit_the_rule(client: Client) -> None:
    """Changing is checked on the row afterwards too: giving one's row away is refused, and nothing of it is kept."""
    refused = await client.send("PATCH", "/api/note/1", {"text": "gift", "owner": BOB}, caller=ANN)
    assert (refused.status_code, faults(refused)) == (403, [("", "update_rule")])
    assert await Note.select(Note.text, Note.owner.id).where(Note.id == 1) == [("ann private", ANN)]
    kept = await client.send("PATCH", "/api/note/1", {"text": "mine", "owner": ANN}, caller=ANN)
    assert (kept.status_code, kept.json()["text"]) == (200, "mine")


async def test_a_rule_across_a_foreign_key(db: Database) -> None:
    """A rule may look at the row behind a foreign key, for reading as for writing."""

    def own(caller: Caller) -> Verdict:
        return Comment.note.owner.id == caller.id

    comments = Resource(Comment, list=own, read=own, create=own, update=own, delete=own)
    async with serving(db, [comments]) as client:
        assert await client.ids("/api/comment", caller=ANN) == [1, 2]
        assert (await client.send("GET", "/api/comment/3", caller=ANN)).status_code == 404
        assert (await client.send("POST", "/api/comment", {"text": "x", "note": 3}, caller=ANN)).status_code == 403
        assert (await client.send("POST", "/api/comment", {"text": "x", "note": 2}, caller=ANN)).status_code == 201
        assert (await client.send("PATCH", "/api/comment/1", {"note": 3}, caller=ANN)).status_code == 403
        assert (await client.send("PATCH", "/api/comment/1", {"note": 2}, caller=ANN)).status_code == 200
        assert (await client.send("DELETE", "/api/comment/4", caller=ANN)).status_code == 404
        assert (await client.send("DELETE", "/api/comment/1", caller=ANN)).status_code == 204


async def test_the_row_behind_a_foreign_key_keeps_its_own_rule(client: Client) -> None:
    """Embedding shows the rows that the other resource's list shows, and nothing of the others."""
    query = "/api/comment?fields=id,note.text"
    assert [item["note"] for item in await client.items(query)] == [
        None,
        {"text": "ann shared"},
        None,
        {"text": "bob shared"},
    ]
    assert [item["note"] for item in await client.items(query, caller=BOB)] == [
        None,
        {"text": "ann shared"},
        {"text": "bob private"},
        {"text": "bob shared"},
    ]
    assert await client.get("/api/comment/1?fields=note(id,text),text", caller=BOB) == {"note": None, "text": "on 1"}
    assert await client.get("/api/comment/1?fields=note(id,text)", caller=ANN) == {
        "note": {"id": 1, "text": "ann private"}
    }


async def test_no_filter_reaches_a_hidden_row_behind_a_foreign_key(client: Client) -> None:
    """What is hidden there answers no filter, as it is or negated, and no search."""
    assert await client.ids("/api/comment?note.text=ann+private") == []
    assert await client.ids("/api/comment?note.text.starts_with=ann") == [2]
    assert await client.ids("/api/comment?note.text.ne=x") == [2, 4]
    assert await client.ids("/api/comment?note.text.not.eq=x") == [2, 4]
    assert await client.ids("/api/comment?note.text.not_in=x,y") == [2, 4]
    assert await client.ids("/api/comment?or=(not.or(note.text.eq.x),note.shared.eq.false)") == [2, 4]
    assert await client.ids("/api/comment?search=private") == []
    assert await client.ids("/api/comment?search=private", caller=ANN) == [1]
    assert (await client.get("/api/comment?note.text.contains=private&count=exact", caller=BOB))["total"] == 1


async def test_no_sort_and_no_cursor_tells_of_a_hidden_row(client: Client) -> None:
    """Sorting by what is hidden sorts by nothing, and a cursor carries nothing of it."""
    assert await client.ids("/api/comment?sort=-note.text") == [4, 2, 1, 3]
    assert await client.ids("/api/comment?sort=note.text") == [1, 3, 2, 4]
    page = await client.get("/api/comment?sort=note.text&limit=1")
    other = await client.get("/api/comment?sort=note.text&limit=1", caller=ANN)
    assert page["next"] != other["next"]
    assert await client.ids(f"/api/comment?sort=note.text&cursor={page['next']}") == [3, 2, 4]


async def test_a_hidden_step_hides_what_lies_behind_it(client: Client) -> None:
    """Beyond a row that is not seen, nothing is seen either."""
    query = "/api/comment?fields=note.owner.name&id.in=1,2"
    assert await client.items(query, caller=BOB) == [{"note": None}, {"note": {"owner": {"name": "Ann"}}}]
    # Nobody signed in sees people, so their notes show an owner without a name.
    assert await client.items(query) == [{"note": None}, {"note": {"owner": None}}]
    assert await client.ids("/api/comment?note.owner.name.ne=x") == []


async def test_of_a_table_that_is_not_offered_only_the_key_is_known(client: Client) -> None:
    """A table without a resource has no fields for callers, but the key that stands in the referring row."""
    assert await client.items("/api/event?fields=venue.id,venue&limit=1") == [{"venue": {"id": 1}}]
    for query in ("venue.name=Hall", "sort=venue.name", "fields=venue.name", "or=(venue.name.eq.Hall)"):
        answer = await client.send("GET", f"/api/event?{query}")
        assert answer.status_code == 400
        assert "Hall" not in answer.json()["detail"].replace("'Hall'", "")


async def test_a_table_whose_list_is_closed_is_not_offered_as_a_hop(db: Database) -> None:
    """A resource without a list rule shows nothing of its rows to other resources."""
    async with serving(db, [*RESOURCES[1:], Resource(Person, read=anyone)]) as client:
        assert (await client.send("GET", "/api/event?creator.name=Ann")).status_code == 400
        assert await client.get("/api/person/1")


@pytest.mark.parametrize("name", ["token", "creator.password_hash"])
async def test_secret_columns_do_not_exist(client: Client, name: str) -> None:
    """A secret column is answered as a name that does not exist, everywhere."""
    made_up = name.replace("token", "tokem").replace("hash", "hasj")
    for query in ("{}=x", "{}.is_null=true", "sort={}", "fields={}", "or=({}.eq.x)"):
        secret = await client.send("GET", f"/api/event?{query.format(name)}", caller=ANN)
        absent = await client.send("GET", f"/api/event?{query.format(made_up)}", caller=ANN)
        assert secret.status_code == absent.status_code == 400
        assert (
            secret.text.replace(name.rpartition(".")[2], "*").replace(name, "*")[:150]
            == (absent.text.replace(made_up.rpartition(".")[2], "*").replace(made_up, "*")[:150])
        )


async def test_secret_columns_are_in_no_answer(client: Client) -> None:
    """No row that is read, made or changed shows a secret column."""
    body = {"title": "Stage", "starts_at": "2026-06-24T18:30:00Z"}
    for answer in (
        await client.send("GET", "/api/event", caller=ANN),
        await client.send("GET", "/api/event/1", caller=ANN),
        await client.send("GET", "/api/person", caller=ANN),
        await client.send("POST", "/api/event", body, caller=ANN),
        await client.send("PATCH", "/api/event/1", {"title": "x"}, caller=ANN),
        await client.send("GET", "/openapi.json"),
    ):
        assert answer.status_code < 300
        assert '"token"' not in answer.text
        assert "password_hash" not in answer.text


async def test_who_asks_is_not_looked_at_where_everybody_may(db: Database) -> None:
    """A rule of anyone serves a request whatever its token says."""

    def never(request: Request) -> Caller:
        raise AssertionError("nobody needs to know who it is")

    async with serving(db, caller=never) as client:
        assert await client.ids("/api/event?id=1", caller=ANN) == [1]
        assert (await client.get("/api/event/1", caller=ANN))["id"] == 1


async def test_who_asks_is_found_out_once(db: Database) -> None:
    """However many rules a request meets, the caller is looked up once; a plain function will do."""
    asked: list[str] = []

    def count(request: Request) -> Caller:
        asked.append(request.url.path)
        return Caller(key=ANN)

    async with serving(db, caller=count) as client:
        query = "fields=text,note(text,owner(name)),note.owner.email&sort=note.text"
        assert (await client.items(f"/api/comment?{query}"))[0]["text"] == "on 3"
        assert asked == ["/api/comment"]


async def test_a_rule_about_another_table_is_a_mistake_of_the_application(db: Database) -> None:
    """A condition on the wrong table is a 500, not a row too many."""
    async with serving(db, [Resource(Event, list=lambda caller: Person.id == 1)]) as client:
        answer = await client.send("GET", "/api/event")
        assert answer.status_code == 500


async def test_conflicts_name_no_secret_column(db: Database) -> None:
    """A body is told of the fields it may name, and never of the others."""
    async with serving(db) as client:
        answer = await client.send("POST", "/api/event", {"tokn": "x"}, caller=ANN)
        assert "token" not in answer.text
