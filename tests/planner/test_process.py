"""Tests of the planner as a process: what it prints, what it keeps, and how it ends."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.planner.harness import EVENT, PASSWORD, signed
from tests.planner.server import ROOT, Server, serving

ANN, BEN = "ann@example.org", "ben@example.org"


def sign_in(server: Server, email: str, password: str) -> dict[str, str]:
    """The header with a token."""
    answer = httpx.post(f"{server.address}/user/signin", data={"username": email, "password": password})
    assert answer.status_code == 200, answer.text
    return signed(answer.json()["access_token"])


def test_from_sign_up_over_a_kill_to_the_next_start(tmp_path: Path) -> None:
    """What was acknowledged before kill -9 is there after the next start: the event, the account and its token."""
    file = tmp_path / "planner.db"
    with serving(file) as server:
        body = {"email": "cem@example.org", "password": PASSWORD, "name": "Cem"}
        assert httpx.post(f"{server.address}/user/signup", json=body).status_code == 201
        headers = sign_in(server, "cem@example.org", PASSWORD)
        created = httpx.post(f"{server.address}/event/new", json=EVENT, headers=headers)
        samples = len(httpx.get(f"{server.address}/event/").json())
        server.kill()
    assert created.status_code == 201
    with serving(file) as server:
        assert httpx.get(f"{server.address}{created.headers['location']}").json() == created.json()
        assert len(httpx.get(f"{server.address}/event/").json()) == samples
        assert httpx.get(f"{server.address}/user/me", headers=headers).json()["name"] == "Cem"
        assert sign_in(server, "cem@example.org", PASSWORD)


def test_samples(tmp_path: Path) -> None:
    """The first start loads events to come and prints a person and an administrator who can sign in."""
    with serving(tmp_path / "planner.db") as server:
        events = httpx.get(f"{server.address}/event/").json()
        page = httpx.get(f"{server.address}/").text
        people = [
            httpx.get(f"{server.address}/user/me", headers=sign_in(server, email, server.password(email))).json()
            for email in (ANN, BEN)
        ]
    assert len(events) == 13
    assert page.count("<article") == 13
    assert [(person["email"], person["is_admin"]) for person in people] == [(ANN, False), (BEN, True)]
    for address in ("/", "/docs"):
        assert f"{server.address}{address}\n" in server.printed


def test_sample_passwords_are_of_this_installation(tmp_path: Path) -> None:
    """Each installation has sample passwords of its own, and another secret key changes them with it."""
    with serving(tmp_path / "a" / ".." / "a.db") as first:
        pass
    with serving(tmp_path / "a.db") as again:
        pass
    with serving(tmp_path / "a.db", TABOR_SECRET_KEY="0dJ4zYb1vQm7cXk2Wn5tRf8uGh3sLp6e") as other:
        sign_in(other, ANN, other.password(ANN))
    assert first.password(ANN) == again.password(ANN) != other.password(ANN)
    assert first.password(BEN) != first.password(ANN)


def test_ctrl_c(tmp_path: Path) -> None:
    """Ctrl-C ends the process with status 0 and a word, and nobody listens any more."""
    with serving(tmp_path / "planner.db") as server:
        status, printed = server.interrupt()
        host, _, port = server.address.removeprefix("http://").partition(":")
        with pytest.raises(ConnectionRefusedError), socket.create_connection((host, int(port)), timeout=5):
            pass
    assert (status, printed) == (0, "\nStopped.\n")


def test_a_notice_about_the_key(tmp_path: Path) -> None:
    """Without a secret key one is made beside the data, and the start says so; with one it says nothing."""
    with serving(tmp_path / "planner.db") as made:
        pass
    with serving(tmp_path / "planner.db", TABOR_SECRET_KEY="0dJ4zYb1vQm7cXk2Wn5tRf8uGh3sLp6e") as given:
        pass
    notice = "Development mode: tokens are signed with a key made for this machine"
    assert (notice in made.printed, notice in given.printed) == (True, False)
    assert (tmp_path / ".tabor" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_headers_of_the_server(tmp_path: Path) -> None:
    """Nothing says what the server is made of."""
    with serving(tmp_path / "planner.db") as server:
        headers = httpx.get(f"{server.address}/event/").headers
    assert "server" not in headers
    assert "x-powered-by" not in headers


def start_on(port: int, file: Path) -> subprocess.CompletedProcess[str]:
    """A start that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "planner", "--port", str(port), "--file", str(file)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "examples")])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_that_is_taken(tmp_path: Path) -> None:
    """A second planner on the same port says so and ends, before it prints an address or makes a file."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = start_on(taken.getsockname()[1], tmp_path / "planner.db")
    assert (ended.returncode > 0, "Address already in use" in ended.stderr, ended.stdout) == (True, True, "")
    assert not (tmp_path / "planner.db").exists()
