"""What the FastAPI applications of the peers share: models, the check of the token, the server they run on."""

from __future__ import annotations

import os
from datetime import datetime
from typing import Annotated

import jwt
import uvicorn
from fastapi import Depends, FastAPI, HTTPException, Query
from fastapi.security import OAuth2PasswordBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

SECRET = os.environ.get("BENCH_SECRET", "")
"""The key that signs tokens, given by whoever starts the process."""
_oauth2 = OAuth2PasswordBearer(tokenUrl="user/signin")


class EventIn(BaseModel):
    """An event as a client sends it; the creator comes from the token."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(max_length=200)]
    image: Annotated[str | None, Field(max_length=500)] = None
    description: str
    location: Annotated[str, Field(max_length=200)]
    tags: list[str] = []
    starts_at: AwareDatetime


class EventOut(BaseModel):
    """An event as a client gets it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    image: str | None
    description: str
    location: str
    tags: list[str]
    starts_at: datetime
    creator: int


class EventPage(BaseModel):
    """A page of events; ``next`` is the key to give as ``after``, or nothing at the end."""

    items: list[EventOut]
    next: int | None


async def current_user_id(token: Annotated[str, Depends(_oauth2)]) -> int:
    """The signed-in user's key; the foreign key refuses one who no longer exists, so no query is spent on it."""
    try:
        claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["exp", "sub"]})
        return int(claims["sub"])
    except (jwt.InvalidTokenError, ValueError) as error:
        raise HTTPException(401, "The token is not valid.", {"WWW-Authenticate": "Bearer"}) from error


CurrentUserId = Annotated[int, Depends(current_user_id)]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[int, Query(ge=0)]


def serve(app: FastAPI, port: int) -> None:
    """Run one worker as Tabor's own runs: uvloop, httptools, no access log."""
    uvicorn.run(
        app, host="127.0.0.1", port=port, loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
