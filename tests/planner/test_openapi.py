"""Tests of the planner's OpenAPI document, and of the server against it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import httpx
import pytest

from tests.planner.harness import Planner
from tests.planner.server import ROOT, serving

Operation = dict[str, object]


async def described(planner: Planner) -> dict[tuple[str, str], Operation]:
    """The operations of the hand-written endpoints by method and path."""
    document = (await planner.client.get("/openapi.json")).json()
    paths = cast("dict[str, dict[str, Operation]]", document["paths"])
    return {
        (method, path): operation
        for path, operations in paths.items()
        if not path.startswith("/api/")
        for method, operation in operations.items()
    }


@pytest.mark.anyio
async def test_operations(planner: Planner) -> None:
    """Every endpoint is described, with each status that it answers and a problem for any other."""
    operations = await described(planner)
    answers = {key: sorted(cast("Operation", operation["responses"])) for key, operation in operations.items()}
    assert answers == {
        ("post", "/user/signup"): ["201", "409", "422", "default"],
        ("post", "/user/signin"): ["200", "401", "422", "default"],
        ("get", "/user/me"): ["200", "401", "default"],
        ("get", "/event/"): ["200", "422", "default"],
        ("post", "/event/new"): ["201", "401", "422", "default"],
        ("get", "/event/{key}"): ["200", "404", "422", "default"],
        ("patch", "/event/{key}"): ["200", "401", "403", "404", "422", "default"],
        ("delete", "/event/{key}"): ["204", "401", "403", "404", "422", "default"],
    }


@pytest.mark.anyio
async def test_who_needs_a_token(planner: Planner) -> None:
    """The operations that need a signed-in caller say so, and no others."""
    operations = await described(planner)
    assert {key for key, operation in operations.items() if operation.get("security")} == {
        ("get", "/user/me"),
        ("post", "/event/new"),
        ("patch", "/event/{key}"),
        ("delete", "/event/{key}"),
    }


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Where a planner answers, and the token of its administrator."""
    with serving(tmp_path_factory.mktemp("openapi") / "planner.db") as server:
        form = {"username": "ben@example.org", "password": server.password("ben@example.org")}
        token = httpx.post(f"{server.address}/user/signin", data=form).json()["access_token"]
        yield server.address, token


def test_server_and_description_agree(address: tuple[str, str], tmp_path: Path, long_run: bool) -> None:
    """Schemathesis, with every check it has, finds no request that is answered otherwise than described."""
    site, token = address
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{site}/openapi.json", "--checks", "all"]
    command += ["--header", f"Authorization: Bearer {token}", "--max-examples", "300" if long_run else "25"]
    # NUL is refused in any text, which a schema could say only by a pattern on each of them.
    command += ["--generation-allow-x00", "false", "--no-color"]
    command += ["--generation-database", "none"] if long_run else ["--generation-deterministic"]
    ended = subprocess.run(
        command,
        cwd=tmp_path,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.planner.schemathesis_hooks", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-20_000:] + ended.stderr[-5_000:]
