"""Tests of the page for people, as text; tests/browser looks at it in a browser."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from planner.page import PER_PAGE
from tests.planner.harness import Planner, refusal

pytestmark = pytest.mark.anyio


def after(**span: float) -> str:
    """A moment so far from now, as JSON has it."""
    return (datetime.now(UTC) + timedelta(**span)).isoformat()


async def test_coming_events(planner: Planner) -> None:
    """The page lists the events to come, the nearest first, each with place, creator, tags and a time with its zone."""
    token = await planner.person("Ann")
    await planner.event(token, title="Later", starts_at=after(days=2))
    await planner.event(token, title="Sooner", starts_at=after(days=1))
    await planner.event(token, title="Over", starts_at=after(days=-1))
    answer = await planner.client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.text.index("Sooner") < answer.text.index("Later")
    assert "Over" not in answer.text
    begins = (datetime.now(UTC) + timedelta(days=1)).astimezone()
    for text in (
        "Harbour shed",
        "Announced by Ann",
        "<li>music</li>",
        begins.strftime("%B %Y"),
        begins.strftime("%Z</time>"),
    ):
        assert text in answer.text


async def test_nothing_to_show(planner: Planner) -> None:
    """An empty planner says so instead of showing an empty list."""
    answer = await planner.client.get("/")
    assert "No events are announced yet." in answer.text
    assert "<ol" not in answer.text


async def test_text_is_escaped(planner: Planner) -> None:
    """What people write is text on the page, whatever it looks like."""
    evil = "<script>alert(1)</script>&'\""
    fields: dict[str, object] = {
        "title": evil,
        "description": evil,
        "location": evil,
        "tags": [evil],
        "image": f'/static/"{evil}',
    }
    await planner.event(await planner.person("Ann"), **fields, starts_at=after(days=1))
    answer = await planner.client.get("/")
    assert "<script" not in answer.text
    assert answer.text.count("&lt;script&gt;alert(1)&lt;/script&gt;&amp;&#39;&#34;") == 5


@pytest.mark.parametrize(
    ("image", "shown"),
    [
        ("/static/posters/stage.svg", True),
        ("https://elsewhere.example/poster.jpg", False),
        ("//elsewhere.example/poster.jpg", False),
        ("javascript:alert(1)", False),
        (None, False),
    ],
)
async def test_pictures(planner: Planner, image: str | None, shown: bool) -> None:
    """Only pictures of this site are asked for, since the page's policy lets no others in."""
    await planner.event(await planner.person("Ann"), image=image, starts_at=after(days=1))
    assert ("<img" in (await planner.client.get("/")).text) is shown


async def test_pages(planner: Planner) -> None:
    """Many events come in pages that lead to each other."""
    token = await planner.person("Ann")
    for number in range(PER_PAGE + 1):
        await planner.event(token, title=f"No. {number}", starts_at=after(days=number + 1))
    first, second = await planner.client.get("/"), await planner.client.get("/?page=2")
    assert (first.text.count("<article"), 'href="/?page=2"' in first.text, 'rel="prev"' in first.text) == (
        PER_PAGE,
        True,
        False,
    )
    assert (second.text.count("<article"), 'rel="next"' in second.text, 'href="/?page=1"' in second.text) == (
        1,
        False,
        True,
    )
    assert "no events this far ahead" in (await planner.client.get("/?page=3")).text


async def test_bad_page(planner: Planner) -> None:
    """A page that can be none is a 422."""
    assert refusal(await planner.client.get("/?page=0")) == (422, [("/query/page", "greater_than_equal")])


async def test_policy(planner: Planner) -> None:
    """The page is held to files of this site and runs nothing."""
    answer = await planner.client.get("/")
    assert answer.headers["content-security-policy"].startswith("default-src 'self'; object-src 'none'")
    assert "<script" not in answer.text
    assert "style=" not in answer.text


@pytest.mark.parametrize("path", ["/static/planner.css", "/static/icon.svg", "/static/posters/market.svg"])
async def test_files(planner: Planner, path: str) -> None:
    """The files of the page are served."""
    assert (await planner.client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/static/none.css", "/static/../page.py", "/static/%2e%2e/page.py", "/nothing"])
async def test_no_other_files(planner: Planner, path: str) -> None:
    """Nothing else is."""
    assert refusal(await planner.client.get(path)) == (404, [])
