"""What the hand-written endpoints take and give; every unknown field is refused."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, with_config
from typing_extensions import TypedDict

from planner.tables import User
from tabor import Ref
from tabor.web.account_routes import NewAccount
from tabor.web.timestamp import Timestamp

Title = Annotated[str, Field(min_length=1, max_length=200, examples=["Open stage"])]
Image = Annotated[str, Field(max_length=500, examples=["/static/posters/stage.svg"])]
Description = Annotated[str, Field(max_length=5_000, examples=["Bring an instrument."])]
Location = Annotated[str, Field(min_length=1, max_length=200, examples=["Harbour shed"])]
Tags = Annotated[list[str], Field(max_length=10, examples=[["music"]])]

FORBID = ConfigDict(extra="forbid")


class NewEvent(BaseModel):
    """An event to announce. Its creator is whoever sends it, so a body that names one is refused."""

    model_config = FORBID

    title: Title
    image: Image | None = None
    description: Description
    location: Location
    tags: Tags = []
    starts_at: Timestamp


@with_config(FORBID)
class EventChange(TypedDict, total=False):
    """Any of the fields of an event; what is left out stays as it is."""

    title: Title
    image: Image | None
    description: Description
    location: Location
    tags: Tags
    starts_at: Timestamp


def key_of(creator: Ref[User]) -> int:
    """The key in a reference."""
    return creator.id


class EventCard(BaseModel):
    """An event as everybody sees it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    title: str
    image: str | None
    description: str
    location: str
    tags: list[str]
    starts_at: Timestamp
    creator: Annotated[int, BeforeValidator(key_of)]


class NewUser(NewAccount):
    """Somebody who signs up: e-mail address, password and name."""

    name: str = Field(min_length=1, max_length=100, examples=["Riverside Club"])


class UserCard(BaseModel):
    """A person as they see themselves."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    email: str
    name: str
    is_admin: bool


class Page(BaseModel):
    """Which part of a list to show."""

    model_config = FORBID

    limit: int = Field(default=50, ge=1, le=500)
    offset: int = Field(default=0, ge=0, le=10_000)
