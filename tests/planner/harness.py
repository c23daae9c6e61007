"""The planner in this process, people who use it, and what its answers say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from httpx import AsyncClient, Response

from planner.tables import User
from tabor.auth.secret import SecretKey

PASSWORD = "seven brave otters sing"
EVENT: dict[str, object] = {
    "title": "Open stage",
    "image": "/static/posters/stage.svg",
    "description": "Bring an instrument.",
    "location": "Harbour shed",
    "tags": ["music", "evening"],
    "starts_at": "2030-05-01T19:30:00+02:00",
}
STORED = {**EVENT, "starts_at": "2030-05-01T17:30:00Z"}


def signed(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}


@dataclass(frozen=True)
class Planner:
    """A running planner and a client of it."""

    client: AsyncClient
    secret: SecretKey

    async def person(self, name: str) -> str:
        """Sign somebody up and in; their token."""
        email = f"{name.lower()}@example.org"
        body = {"email": email, "password": PASSWORD, "name": name}
        assert (await self.client.post("/user/signup", json=body)).status_code == 201
        return await self.token(email)

    async def administrator(self, name: str) -> str:
        """The same for an administrator."""
        token = await self.person(name)
        await User.update(User.is_admin.to(True)).where(User.name == name)
        return token

    async def token(self, email: str) -> str:
        """Sign in."""
        answer = await self.client.post("/user/signin", data={"username": email, "password": PASSWORD})
        assert answer.status_code == 200
        return str(answer.json()["access_token"])

    async def event(self, token: str, **changes: object) -> int:
        """Announce an event; its key."""
        answer = await self.client.post("/event/new", json={**EVENT, **changes}, headers=signed(token))
        assert answer.status_code == 201, answer.text
        return int(answer.json()["id"])


def problem(response: Response) -> dict[str, object]:
    """The problem document in an answer, after a look at what all of them share."""
    assert response.headers["content-type"] == "application/problem+json"
    document = cast("dict[str, object]", response.json())
    assert document["status"] == response.status_code
    assert document["instance"] == response.headers["x-request-id"]
    return document


def refusal(response: Response) -> tuple[int, list[tuple[str, str]]]:
    """Status, and pointer and code of each fault."""
    faults = cast("list[dict[str, str]]", problem(response)["errors"])
    return response.status_code, [(fault["pointer"], fault["code"]) for fault in faults]
