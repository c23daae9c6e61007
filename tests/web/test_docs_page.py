"""Tests of the documentation page: its files are ours, and a browser under its policy shows the API."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
import uvicorn
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from playwright.sync_api import ConsoleMessage, Request, sync_playwright

from tabor.web.install import install
from tabor.web.problem_kinds import PROBLEM_KINDS


def make_app(docs: str | None = "/docs") -> FastAPI:
    """An app with one route."""
    app = FastAPI(title="Planner <1>")
    install(app, docs=docs)

    @app.get("/event", summary="The coming events")
    async def events() -> list[str]:
        return ["Pyramid Stage"]

    return app


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    """A client of the app."""
    async with AsyncClient(transport=ASGITransport(make_app()), base_url="http://planner") as client:
        yield client


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/docs", "/docs/"])
async def test_page_has_no_inline_script(client: AsyncClient, path: str) -> None:
    """The page loads every script from a file, and forbids any other."""
    response = await client.get(path)
    assert (response.status_code, response.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert re.findall("<script(?! src=)|<style| on[a-z]+=| style=", response.text) == []
    assert response.headers["content-security-policy"] == (
        "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
        "img-src 'self' data:"
    )


@pytest.mark.anyio
async def test_title_is_escaped(client: AsyncClient) -> None:
    """The app's title cannot add to the page."""
    assert "<title>Planner &lt;1&gt;</title>" in (await client.get("/docs")).text


@pytest.mark.anyio
async def test_all_files_are_ours_and_kept(client: AsyncClient) -> None:
    """Every file that the page names comes from the same server and may be kept for good."""
    files = re.findall('(?:src|href)="([^"]+)"', (await client.get("/docs")).text)
    assert sorted(file.partition("?")[0] for file in files if "?" in file) == [
        "/docs/favicon-32x32.png",
        "/docs/swagger-ui-bundle.js",
        "/docs/swagger-ui.css",
        "/docs/tabor-docs.js",
    ]
    for file in files:
        response = await client.get(file)
        assert response.status_code == 200
        assert "?" not in file or response.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.anyio
@pytest.mark.parametrize("name", ["VENDORED.md", "..%2f__init__.py", "%2e%2e", "oauth2-redirect"])
async def test_no_other_file_is_served(client: AsyncClient, name: str) -> None:
    """Only the files of the page are served, whatever lies beside them."""
    assert (await client.get(f"/docs/{name}")).status_code == 404


@pytest.mark.anyio
async def test_behind_a_prefix() -> None:
    """Behind a proxy that serves the app below a path, the page's addresses carry it."""
    transport = ASGITransport(make_app(), root_path="/planner")
    async with AsyncClient(transport=transport, base_url="http://host") as client:
        text = (await client.get("/planner/docs")).text
    assert 'data-openapi-url="/planner/openapi.json"' in text
    assert 'src="/planner/docs/tabor-docs.js?v=' in text


@pytest.mark.anyio
async def test_fastapis_pages_are_gone(client: AsyncClient) -> None:
    """FastAPI's page that loads its parts from elsewhere is not there."""
    assert (await client.get("/redoc")).status_code == 404
    assert "cdn" not in (await client.get("/docs")).text


@pytest.mark.anyio
async def test_without_docs() -> None:
    """An app can do without the page; FastAPI's is gone all the same."""
    async with AsyncClient(transport=ASGITransport(make_app(None)), base_url="http://planner") as client:
        assert (await client.get("/docs")).status_code == 404


@pytest.mark.anyio
async def test_every_type_leads_to_its_meaning(client: AsyncClient) -> None:
    """The address in ``type`` answers with what the problem means."""
    for kind in PROBLEM_KINDS:
        response = await client.get(kind.type)
        assert (response.status_code, response.text) == (200, f"{kind.status} {kind.title}\n\n{kind.meaning}\n")
    assert (await client.get("/problems/other")).status_code == 404


@pytest.fixture
def address() -> Iterator[str]:
    """The address of the app behind a real server."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(make_app(), log_level="error", lifespan="off", server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_browser_shows_the_api(chromium: str, address: str) -> None:
    """A browser shows the operations and calls one, asks no other server and reports no refusal by the policy."""
    asked: list[str] = []
    said: list[str] = []

    def note_request(request: Request) -> None:
        asked.append(request.url)

    def note_message(message: ConsoleMessage) -> None:
        said.append(message.text)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("request", note_request)
        page.on("console", note_message)
        page.goto(f"{address}/docs")
        page.get_by_text("The coming events").click()
        page.get_by_role("button", name="Try it out").click()
        page.get_by_role("button", name="Execute").click()
        shown = page.locator(".live-responses-table .microlight").first.inner_text()
        browser.close()
    assert "Pyramid Stage" in shown
    assert said == []
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
