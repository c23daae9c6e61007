"""Stored values that no longer fit their columns are told by table and column, and secret ones are not told."""

from __future__ import annotations

from enum import StrEnum

import pytest
from pydantic import BaseModel

from tabor import Column, Database, InvalidValue, Json, Table, column

pytestmark = pytest.mark.anyio


class Mood(StrEnum):
    """Members as they were."""

    calm = "calm"
    hushed = "hushed"


class Later(StrEnum):
    """Members as they are: one has another name."""

    calm = "calm"
    silent = "silent"


class Note(BaseModel):
    """A model as it was."""

    text: str = "hushed"


class Count(BaseModel):
    """A model as it is."""

    text: int


class Before(Table, name="diary"):
    """The table as it was."""

    id: Column[int] = column(primary_key=True)
    mood: Column[Mood]
    moods: Column[list[Mood]]
    secret_mood: Column[Mood] = column(secret=True)
    note: Column[Json[Note]] = column(default_factory=Note, secret=True)


class After(Table, name="diary"):
    """The table as it is declared now."""

    id: Column[int] = column(primary_key=True)
    mood: Column[Later]
    moods: Column[list[Later]]
    secret_mood: Column[Later] = column(secret=True)
    note: Column[Json[Count]] = column(secret=True)


async def test_the_column_of_a_value_that_no_longer_fits(database_url: str) -> None:
    """A row, a value, an Arrow table and what a write gives back name the column; nothing of a secret value is told."""
    async with Database(database_url, tables=[Before]) as before:
        await before.create_tables()
        calm, hushed = Mood.calm, Mood.hushed
        await Before.insert(
            Before(mood=calm, moods=[], secret_mood=calm, note=Note(text="5")),
            Before(mood=hushed, moods=[hushed], secret_mood=hushed),
        )
    async with Database(database_url, tables=[After]):
        for work in (
            After.select(),
            After.select(After.mood).values(),
            After.select(After.mood).arrow(),
            After.update(After.id.to(After.id)).everything().returning(After),
        ):
            with pytest.raises(InvalidValue) as refused:
                await work
            assert str(refused.value) == "diary.mood: expected one of calm, silent, got 'hushed'."
            assert (refused.value.table, refused.value.column) == ("diary", "mood")
        with pytest.raises(InvalidValue, match=r"^diary\.moods: expected one of calm, silent"):
            await After.select(After.id, After.moods)
        for secret in (After.secret_mood, After.note):
            with pytest.raises(InvalidValue, match=r"^diary\.\w+: a secret value is refused") as hidden:
                await After.select(secret).values()
            assert "hushed" not in f"{hidden.value!r} {hidden.value.value!r} {hidden.value.__cause__!r}"
            assert hidden.value.__suppress_context__
