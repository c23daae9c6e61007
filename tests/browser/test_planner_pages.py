"""Tests of the planner's pages in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Watched
from tests.planner.harness import EVENT, signed
from tests.planner.server import Server, serving

pytestmark = pytest.mark.anyio

LONG_WORD = "Donaudampfschifffahrtsgesellschaft" * 5


async def overflow(page: Page) -> int:
    """How many pixels of the page lie beyond its right edge."""
    return int(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


async def test_coming_events(watched: Watched, site: Server) -> None:
    """The page at / shows the sample events with their pictures, complains of nothing and asks nobody else."""
    page = watched.page
    await page.goto(site.address)
    await expect(page.get_by_role("heading", name="Coming events", level=1)).to_be_visible()
    await expect(page.get_by_role("article")).to_have_count(13)
    stage = page.get_by_role("article", name="Open stage at the Harbour Shed")
    await expect(stage.get_by_text("Announced by Riverside Club")).to_be_visible()
    await expect(stage.locator("time")).to_have_text(re.compile(r"^Friday, \d+ \w+ \d{4}, 19:30 \S+$"))
    await stage.locator("img").scroll_into_view_if_needed()
    await expect(stage.locator("img")).to_have_js_property("naturalWidth", 160)
    assert (watched.complaints, watched.strangers(site.address)) == ([], [])


async def test_style_is_applied(watched: Watched, site: Server) -> None:
    """The stylesheet passes the page's own security policy."""
    await watched.page.goto(site.address)
    await expect(watched.page.get_by_role("article").first).to_have_css("display", "grid")


async def test_documentation(watched: Watched, site: Server) -> None:
    """The page at /docs shows every group of endpoints, complains of nothing and asks nobody else."""
    page = watched.page
    await page.goto(f"{site.address}/docs")
    for group in ("People", "Events"):
        await expect(page.get_by_role("heading", name=group)).to_be_visible()
    await expect(page.get_by_text("/event/new")).to_be_visible()
    assert (watched.complaints, watched.strangers(site.address)) == ([], [])


async def test_signing_in_on_the_documentation_page(watched: Watched, site: Server) -> None:
    """A person signs in by the form behind Authorize and calls an endpoint as themselves."""
    page = watched.page
    await page.goto(f"{site.address}/docs")
    await page.get_by_role("button", name="Authorize").first.click()
    dialog = page.locator(".auth-container")
    await dialog.locator("#oauth_username").fill("ann@example.org")
    await dialog.locator("#oauth_password").fill(site.password("ann@example.org"))
    await dialog.get_by_role("button", name="Apply given OAuth2 credentials").click()
    await expect(dialog.get_by_text("Logout")).to_be_visible()
    await dialog.get_by_text("Close").click()
    await page.locator("#operations-People-me_user_me_get").get_by_role("button").first.click()
    await page.get_by_role("button", name="Try it out").click()
    await page.get_by_role("button", name="Execute").click()
    await expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
    await expect(page.locator(".live-responses-table").get_by_text("Riverside Club")).to_be_visible()
    assert (watched.complaints, watched.strangers(site.address)) == ([], [])


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A planner with an event whose texts are as long as they may be, and hostile."""
    with serving(tmp_path_factory.mktemp("crowded") / "planner.db") as server:
        form = {"username": "ann@example.org", "password": server.password("ann@example.org")}
        token = httpx.post(f"{server.address}/user/signin", data=form).json()["access_token"]
        long = {
            "title": (LONG_WORD * 2)[:200],
            "description": f"<b>not bold</b> {LONG_WORD} " * 25,
            "location": LONG_WORD,
            "tags": [LONG_WORD] * 10,
            "image": "https://elsewhere.example/poster.jpg",
            "starts_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
        }
        answer = httpx.post(f"{server.address}/event/new", json={**EVENT, **long}, headers=signed(token))
        assert answer.status_code == 201
        yield server


@pytest.mark.parametrize("width", [320, 1280])
async def test_long_texts(watched: Watched, crowded: Server, width: int) -> None:
    """Long words break, markup stays text, a picture from elsewhere is not asked for, on a phone and on a desk."""
    page = watched.page
    await page.set_viewport_size({"width": width, "height": 800})
    await page.goto(crowded.address)
    first = page.get_by_role("article").first
    await expect(first.get_by_text("<b>not bold</b>")).to_be_visible()
    await expect(first.locator("img")).to_have_count(0)
    assert (await overflow(page), watched.complaints, watched.strangers(crowded.address)) == (0, [], [])
