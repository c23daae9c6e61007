"""The planner as a process, and pages of the installed Chromium that note what goes wrong in them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field

import pytest
from playwright.async_api import ConsoleMessage, Page, Request, async_playwright

from tests.planner.server import Server, serving

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


@dataclass
class Watched:
    """A page, what its console complained of, and every address that it asked for."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])
    requests: list[str] = field(default_factory=list[str])

    def note(self, message: ConsoleMessage) -> None:
        """Keep what is worse than a remark."""
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def asked(self, request: Request) -> None:
        """Keep the address."""
        self.requests.append(request.url)

    def strangers(self, site: str) -> list[str]:
        """The addresses outside ``site``."""
        return [url for url in self.requests if not url.startswith((f"{site}/", "data:"))]


@pytest.fixture
async def watched(chromium: str) -> AsyncGenerator[Watched]:
    """A page in a browser of its own."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page()
        watched = Watched(page)
        page.on("console", watched.note)
        page.on("pageerror", lambda error: watched.complaints.append(str(error)))
        page.on("request", watched.asked)
        yield watched
        await browser.close()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A planner with its sample events."""
    with serving(tmp_path_factory.mktemp("site") / "planner.db") as server:
        yield server
