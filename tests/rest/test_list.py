"""Tests of lists: filters, sort, fields, pages, totals, search, and what is refused."""

from __future__ import annotations

import pytest

from tests.rest.world import ANN, BOB, Client, faults, messages

pytestmark = pytest.mark.anyio

EVENT_7 = {
    "id": 7,
    "title": "Event 7",
    "description": "With music",
    "capacity": 70,
    "price": "1.75",
    "starts_at": "2026-06-25T01:30:00.000000Z",
    "status": "published",
    "tags": ["music", "open air"],
    "creator": 2,
    "reviewer": None,
    "venue": 1,
}


async def test_rows_come_by_key_without_secrets(client: Client) -> None:
    """A list without parameters gives whole rows in the order of their keys, secret columns left out."""
    items = await client.items("/api/event")
    assert [item["id"] for item in items] == list(range(1, 13))
    assert items[6] == EVENT_7


async def test_the_answer_is_one_json_document(client: Client) -> None:
    """Status, headers and body are exactly those of a page."""
    answer = await client.send("GET", "/api/event?fields=id&limit=2&sort=-id")
    cursor = answer.json()["next"]
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["link"] == f'</api/event?fields=id&limit=2&sort=-id&cursor={cursor}>; rel="next"'
    assert answer.text == f'{{"items":[{{"id":12}},{{"id":11}}],"next":"{cursor}"}}'


async def test_an_empty_list(client: Client) -> None:
    """No row is an empty page without a next one."""
    answer = await client.send("GET", "/api/event?id=99")
    assert (answer.status_code, answer.text) == (200, '{"items":[],"next":null}')
    assert "link" not in answer.headers


async def test_both_spellings_of_the_address(client: Client) -> None:
    """A trailing slash changes nothing and redirects nobody."""
    assert await client.get("/api/event/?limit=3") == await client.get("/api/event?limit=3")
    assert await client.get("/api/event/7/") == await client.get("/api/event/7") == EVENT_7


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("id=3", [3]),
        ("id.eq=3", [3]),
        ("id.ne=3&id.lt=5", [1, 2, 4]),
        ("id.gt=10", [11, 12]),
        ("id.gte=11", [11, 12]),
        ("id.lt=3", [1, 2]),
        ("id.lte=2", [1, 2]),
        ("id.between=4,6", [4, 5, 6]),
        ("id.in=2,4,99", [2, 4]),
        ("id.not_in=1,2,3,4,5,6,7,8,9,10", [11, 12]),
        ("description.is_null=true&id.lt=5", [2, 4]),
        ("description.is_null=false&id.lt=5", [1, 3]),
        ("title.like=Event%201_", [10, 11, 12]),
        ("title.like=event%201_", []),
        ("title.ilike=event%201_", [10, 11, 12]),
        ("title.contains=t%201", [1, 10, 11, 12]),
        ("title.contains=T%201", []),
        ("title.icontains=T%201", [1, 10, 11, 12]),
        ("title.starts_with=Event+1", [1, 10, 11, 12]),
        ("title.ends_with=2", [2, 12]),
        ('title.in="Event 1",Event 2', [1, 2]),
        ("tags.has=open+air&id.lt=6", [1, 3, 5]),
        ("status=draft", [3, 6, 9, 12]),
        ("status.in=draft,published&id.lt=3", [1, 2]),
        ("price=0.25", [1]),
        ("price.between=0.25,0.5", [1, 2]),
        ("capacity.gte=110", [11, 12]),
        ("starts_at=2026-06-24T20:30:00Z", [2]),
        ("starts_at.lt=2026-06-24T22:30:00+02:00", [1]),
        ("starts_at.lt=2026-06-24T22:30:00%2B02:00", [1]),
        ("creator=2&id.lt=9", [7, 8]),
        ("creator.id=2&id.lt=9", [7, 8]),
        ("reviewer.is_null=false", [4, 8, 12]),
        ("venue.id=1&id=1", [1]),
        ("id.not.eq=1&id.lt=4", [2, 3]),
        ("title.not.contains=1&id.gt=8", [9]),
        ("or=(id.eq.1,id.eq.12)", [1, 12]),
        ("or=(id.in.(1,2),and(id.gt.10,status.eq.draft))", [1, 2, 12]),
        ("or=(not.and(id.gt.2,id.lt.12),id.eq.5)", [1, 2, 5, 12]),
        ("or=(not.or(id.gt.2),id.not.lt.12)", [1, 2, 12]),
        ('or=(title.eq."Event 1",title.eq.Event 2)', [1, 2]),
        ("or=(price.eq.0.25,price.eq.0.50)", [1, 2]),
        ("or=(starts_at.lt.2026-06-24T20:00:00Z,description.is_null.true)&id.lt=4", [1, 2]),
        ("or=(id.lt.3,id.gt.11)&or=(status.eq.draft,id.eq.1)", [1, 12]),
        ("title.like=Event%201%5C", []),
        ("title.ilike=Event%201%5C", []),
        ("title.like=Event%201%5C_", []),
        ("title.contains=%5C", []),
        ("title.ends_with=%5C", []),
        ("title.like=%5BE%5D*", []),
        ("title.contains=%25", []),
        ("search=MUSIC&id.lt=4", [1, 3]),
        ("search=event+12", [12]),
        ("search=100%25", []),
    ],
)
async def test_filters(client: Client, query: str, expected: list[int]) -> None:
    """Each word of filters finds the rows that it says; several parameters all hold."""
    assert await client.ids(f"/api/event?{query}") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("creator.email.eq=bob@example.org", [7, 8, 9, 10, 11, 12]),
        ("creator.name=Bob&reviewer.name=Bob", [8, 12]),
        ("reviewer.name.ne=Ann", [4, 8, 12]),
        ("reviewer.name.is_null=true&id.lt=5", [1, 2, 3]),
        ("or=(reviewer.name.eq.Bob,id.eq.1)", [1, 4, 8, 12]),
    ],
)
async def test_filters_across_foreign_keys(client: Client, query: str, expected: list[int]) -> None:
    """A dotted path filters by a field of the row that a foreign key leads to."""
    assert await client.ids(f"/api/event?{query}", caller=ANN) == expected


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("-id", [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ("status,-id", [12, 9, 6, 3, 11, 10, 8, 7, 5, 4, 2, 1]),
        ("reviewer,id", [1, 2, 3, 5, 6, 7, 9, 10, 11, 4, 8, 12]),
        ("-creator.name,capacity", [7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5, 6]),
        ("-description", [1, 3, 5, 7, 9, 11, 2, 4, 6, 8, 10, 12]),
    ],
)
async def test_sort(client: Client, sort: str, expected: list[int]) -> None:
    """Rows are sorted by the fields named, null as the smallest value, equal rows by key."""
    assert await client.ids(f"/api/event?sort={sort}", caller=ANN) == expected


@pytest.mark.parametrize(
    "sort", ["", "-id", "status", "-price", "reviewer", "-reviewer", "description,-starts_at", "-creator.name"]
)
async def test_pages_by_cursor_join_to_the_whole_list(client: Client, sort: str) -> None:
    """Reading on by cursor gives each row once, in the order of the list, for every kind of sort."""
    whole = await client.ids(f"/api/event?sort={sort}" if sort else "/api/event", caller=ANN)
    joined: list[int] = []
    query = f"limit=5&sort={sort}" if sort else "limit=5"
    page = await client.get(f"/api/event?{query}", caller=ANN)
    while True:
        joined += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        page = await client.get(f"/api/event?{query}&cursor={page['next']}", caller=ANN)
    assert joined == whole


async def test_the_link_leads_to_the_next_page(client: Client) -> None:
    """The Link header is the address of the next page, its parameters escaped, the old cursor and offset gone."""
    answer = await client.send("GET", "/api/event?limit=2&offset=1&title.contains=Event+1")
    link = answer.headers["link"]
    assert link.startswith("</api/event?limit=2&title.contains=Event%201&cursor=")
    assert await client.ids(link[1 : link.index(">")]) == [12]


async def test_limit_and_offset(client: Client) -> None:
    """A page starts after the offset and has at most the limit."""
    assert await client.ids("/api/event?limit=2&offset=3") == [4, 5]


async def test_a_total_only_where_asked(client: Client) -> None:
    """count=exact tells how many rows there are in all, whatever the page."""
    page = await client.get("/api/event?status=draft&limit=1&count=exact")
    assert (len(page["items"]), page["total"]) == (1, 4)
    assert "total" not in await client.get("/api/event?status=draft&limit=1")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("title", {"title": "Event 8"}),
        ("price,id", {"price": "2.00", "id": 8}),
        ("creator", {"creator": 2}),
        ("creator.id", {"creator": {"id": 2}}),
        ("creator.email", {"creator": {"email": "bob@example.org"}}),
        ("creator(id,name),title", {"creator": {"id": 2, "name": "Bob"}, "title": "Event 8"}),
        ("creator,creator.name", {"creator": {"id": 2, "name": "Bob"}}),
        ("creator.name,creator", {"creator": {"name": "Bob", "id": 2}}),
        ("reviewer.name,creator.name", {"reviewer": {"name": "Bob"}, "creator": {"name": "Bob"}}),
        ("venue.id", {"venue": {"id": 1}}),
    ],
)
async def test_fields(client: Client, fields: str, expected: dict[str, object]) -> None:
    """fields= chooses what a row shows, in its order, rows behind foreign keys as objects."""
    assert await client.items(f"/api/event?id=8&fields={fields}", caller=ANN) == [expected]
    assert await client.get(f"/api/event/8?fields={fields}", caller=ANN) == expected


async def test_an_object_of_no_row_is_null(client: Client) -> None:
    """Where an empty foreign key leads nowhere, its object is null."""
    assert await client.items("/api/event?id=1&fields=reviewer.name,reviewer.id", caller=ANN) == [{"reviewer": None}]
    assert await client.items("/api/event?id=1&fields=reviewer.id", caller=ANN) == [{"reviewer": None}]


@pytest.mark.parametrize(
    ("query", "status", "expected"),
    [
        ("titel=x", 400, [("/query/titel", "unknown_parameter")]),
        ("title.contians=x", 400, [("/query/title.contians", "unknown_operator")]),
        ("creator.emial=x", 400, [("/query/creator.emial", "unknown_operator")]),
        ("title.has=x", 400, [("/query/title.has", "operator_not_possible")]),
        ("tags=x", 400, [("/query/tags", "operator_not_possible")]),
        ("tags.contains=x", 400, [("/query/tags.contains", "operator_not_possible")]),
        ("title.eq.eq=x", 400, [("/query/title.eq.eq", "operator_not_possible")]),
        ("title.not=x", 400, [("/query/title.not", "unknown_operator")]),
        ("id=x", 422, [("/query/id", "wrong_type")]),
        ("id=1.0", 422, [("/query/id", "wrong_type")]),
        ("id=%D9%A1", 422, [("/query/id", "wrong_type")]),
        ("id=99999999999999999999", 422, [("/query/id", "wrong_type")]),
        ("id=9223372036854775808", 422, [("/query/id", "out_of_range")]),
        ("status=open", 422, [("/query/status", "not_a_member")]),
        ("price=1,5", 422, [("/query/price", "malformed")]),
        ("price=0.125", 422, [("/query/price", "too_precise")]),
        ("starts_at=2026-06-24", 422, [("/query/starts_at", "malformed")]),
        ("starts_at=2026-06-31T00:00:00Z", 422, [("/query/starts_at", "malformed")]),
        ("starts_at=2026-06-24T00:00:00", 422, [("/query/starts_at", "malformed")]),
        ("description.is_null=yes", 422, [("/query/description.is_null", "wrong_type")]),
        ("id.between=1", 422, [("/query/id.between", "malformed")]),
        ("id.in=" + ",".join(["1"] * 501), 422, [("/query/id.in", "too_many")]),
        ('title.in="a', 400, [("/query/title.in", "malformed")]),
        ("or=id.eq.1", 400, [("/query/or", "malformed")]),
        ("or=(id.eq.1", 400, [("/query/or", "malformed")]),
        ("or=(id.eq.1,)", 400, [("/query/or", "malformed")]),
        ("or=(id.eq.x)", 422, [("/query/or", "wrong_type")]),
        ("or=(ide.eq.1)", 400, [("/query/or", "unknown_field")]),
        ("or=(id.1)", 400, [("/query/or", "unknown_operator")]),
        ("or=(id.in.1)", 400, [("/query/or", "malformed")]),
        ("or=" + "(or" * 8 + "(id.eq.1)" + ")" * 8, 400, [("/query/or", "malformed")]),
        ("or=(" + ",".join(["id.eq.1"] * 65) + ")", 422, [("/query/or", "too_many")]),
        ("title=%00", 422, [("/query/title", "bad_character")]),
        ("title.like=%00", 422, [("/query/title.like", "bad_character")]),
        ("title.in=a,%00", 422, [("/query/title.in", "bad_character")]),
        ("search=%00", 422, [("/query/search", "bad_character")]),
        ("starts_at.gt=0001-01-01T00:00:00%2B10:00", 422, [("/query/starts_at.gt", "out_of_range")]),
        ("title=" + "x" * 2001, 422, [("/query/title", "too_long")]),
        ("sort=titel", 400, [("/query/sort", "unknown_field")]),
        ("sort=tags", 400, [("/query/sort", "not_sortable")]),
        ("sort=id,id", 400, [("/query/sort", "duplicate")]),
        ("sort=id,title,description,capacity,price,starts_at,status,creator,venue", 422, [("/query/sort", "too_many")]),
        ("fields=titel", 400, [("/query/fields", "unknown_field")]),
        ("fields=id,id", 400, [("/query/fields", "duplicate")]),
        ("fields=", 400, [("/query/fields", "malformed")]),
        ("fields=creator(", 400, [("/query/fields", "malformed")]),
        ("limit=0", 422, [("/query/limit", "too_small")]),
        ("limit=501", 422, [("/query/limit", "too_large")]),
        ("limit=ten", 422, [("/query/limit", "wrong_type")]),
        ("limit=5&limit=5", 400, [("/query/limit", "duplicate")]),
        ("offset=10001", 422, [("/query/offset", "too_large")]),
        ("offset=-1", 422, [("/query/offset", "too_small")]),
        ("count=estimated", 422, [("/query/count", "not_a_member")]),
        ("search=", 422, [("/query/search", "too_short")]),
        ("cursor=abc", 422, [("/query/cursor", "malformed")]),
        ("title=%zz", 400, [("/query", "malformed")]),
        ("title=%ff", 400, [("/query", "not_utf8")]),
        ("titel=x&limit=0", 400, [("/query/titel", "unknown_parameter"), ("/query/limit", "too_small")]),
    ],
)
async def test_what_cannot_be_taken_is_named(
    client: Client, query: str, status: int, expected: list[tuple[str, str]]
) -> None:
    """A parameter that means nothing is a 400, a value that is not acceptable a 422, each with its place and code."""
    answer = await client.send("GET", f"/api/event?{query}")
    assert (answer.status_code, faults(answer)) == (status, expected)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("titel=x", "There is no parameter or field 'titel'; did you mean title?"),
        ("limt=5", "There is no parameter or field 'limt'; did you mean limit?"),
        ("title.contians=x", "title has no operator or field 'contians'; did you mean contains?"),
        ("sort=-strats_at", "There is no field 'strats_at'; did you mean starts_at?"),
        ("fields=creator.emial", "creator has no field 'emial'; did you mean email?"),
    ],
)
async def test_the_nearest_name_is_suggested(client: Client, query: str, message: str) -> None:
    """An unknown name is answered with the nearest one that there is."""
    answer = await client.send("GET", f"/api/event?{query}", caller=ANN)
    assert messages(answer) == [message]


async def test_a_to_many_relation_is_refused_clearly(client: Client) -> None:
    """Lists of related rows cannot be embedded yet, and the answer says what to do instead."""
    answer = await client.send("GET", "/api/person?fields=name,events", caller=ANN)
    assert faults(answer) == [("/query/fields", "to_many")]
    assert messages(answer) == ["events is a list of rows, which cannot be embedded; ask at their own address."]


async def test_at_most_three_relations(client: Client) -> None:
    """A path follows three foreign keys at most."""
    answer = await client.send("GET", "/api/comment?fields=note.owner.name", caller=BOB)
    assert answer.json()["items"][3] == {"note": {"owner": {"name": "Bob"}}}


async def test_a_cursor_belongs_to_its_sort_and_its_table(client: Client) -> None:
    """A cursor of another sort or list, or one that was changed, is a conflict that names it."""
    cursor = (await client.get("/api/event?limit=1"))["next"]
    changed = ("A" if cursor[0] != "A" else "B") + cursor[1:]
    for address in (
        f"/api/event?sort=-id&cursor={cursor}",
        f"/api/event?cursor={changed}",
        f"/api/comment?cursor={cursor}",
    ):
        answer = await client.send("GET", address)
        assert (answer.status_code, faults(answer)) == (409, [("/query/cursor", "invalid_cursor")])


async def test_search_is_a_parameter_only_where_columns_are_named(client: Client) -> None:
    """A resource without search columns does not know the parameter."""
    answer = await client.send("GET", "/api/note?search=x")
    assert (answer.status_code, faults(answer)) == (400, [("/query/search", "unknown_parameter")])


async def test_head_is_get_without_a_body(client: Client) -> None:
    """HEAD has the status and headers of GET and no body."""
    got, head = await client.send("GET", "/api/event"), await client.send("HEAD", "/api/event")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]
