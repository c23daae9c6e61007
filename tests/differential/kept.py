"""Rows with a version, kept when they are removed, in several hands at once; and a model of all that in Python."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from hypothesis import strategies as st

from tabor import Column, ForeignKey, Many, Table, TaborError, column, many

KEYS = 3
SHELF = 1
Act = tuple[str, int, str]
"""What is done, with which key or which of the rows at hand, and the text that is written."""


class Shelf(Table):
    """Where papers lie."""

    id: Column[int] = column(primary_key=True)
    papers: Many[Paper] = many(lambda: Paper.shelf)


class Paper(Table):
    """A row with a version, which is kept when it is removed."""

    id: Column[int] = column(primary_key=True, init=True)
    text: Column[str] = column(default="")
    shelf: ForeignKey[Shelf]
    version: Column[int] = column(version=True)
    removed_at: Column[datetime | None] = column(stamp="deleted")


@dataclass
class Kept:
    """A row as it is stored, or as somebody read it."""

    id: int
    text: str = ""
    version: int = 1
    removed: bool = False

    def __str__(self) -> str:
        return f"{self.text!r} in version {self.version}"

    def takes(self, other: Kept) -> str:
        """The row is as the other one now."""
        self.text, self.version, self.removed = other.text, other.version, other.removed
        return str(self)

    def changed(self, text: str | None = None, *, removed: bool | None = None) -> None:
        """A change, which counts the version up."""
        self.text = self.text if text is None else text
        self.removed = self.removed if removed is None else removed
        self.version += 1


@dataclass
class Model:
    """What is stored by key, and the rows at hand as they were read."""

    stored: dict[int, Kept] = field(default_factory=dict[int, Kept])
    hands: list[Kept] = field(default_factory=list[Kept])

    def read(self, key: int) -> str:
        """A row that is not removed, taken into a hand."""
        row = self.stored.get(key)
        if row is None or row.removed:
            return "NotFound"
        self.hands.append(Kept(key))
        return self.hands[-1].takes(row)

    def missed(self, hand: Kept) -> str:
        """Why a row is not found as it was read."""
        row = self.stored.get(hand.id)
        return "NotFound" if row is None or row.version == hand.version else "StaleRow"

    def as_read(self, hand: Kept) -> Kept | None:
        """The stored row, where it is as it was read."""
        row = self.stored.get(hand.id)
        return row if row is not None and row.version == hand.version else None

    def save(self, hand: Kept, text: str) -> str:
        """A new text, written only where it differs from what was read."""
        if text == hand.text:
            return str(hand)
        row = self.as_read(hand)
        if row is None:
            return self.missed(hand)
        row.changed(text)
        return hand.takes(row)

    def remove(self, hand: Kept) -> str:
        """A mark, once."""
        row = self.as_read(hand)
        if row is None or row.removed:
            return self.missed(hand)
        row.changed(removed=True)
        return hand.takes(row)

    def restore(self, hand: Kept) -> str:
        """No mark, whatever version was read."""
        row = self.stored.get(hand.id)
        if row is None:
            return "NotFound"
        row.changed(removed=False)
        return hand.takes(row)

    def refresh(self, hand: Kept) -> str:
        """The row as it is, marked or not."""
        row = self.stored.get(hand.id)
        return "NotFound" if row is None else hand.takes(row)

    def together(self, text: str) -> str:
        """A new text for the last hand of each row, all or none."""
        last = {hand.id: hand for hand in self.hands}
        why = {self.missed(hand) for hand in last.values() if self.as_read(hand) is None}
        if why:
            return "StaleRow" if "StaleRow" in why else "RowsNotFound"
        for hand in last.values():
            row = self.stored[hand.id]
            row.changed(text)
            hand.takes(row)
        return str(len(last))

    def update(self, key: int, text: str) -> str:
        """A new text by key, marked or not."""
        row = self.stored.get(key)
        if row is not None:
            row.changed(text)
        return str(int(row is not None))

    def put(self, key: int, text: str) -> str:
        """A new row, or a new text for the one that is there."""
        if key in self.stored:
            return self.update(key, text)
        self.stored[key] = Kept(key, text)
        return "1"

    def delete(self, key: int) -> str:
        """Gone for good, marked or not."""
        return str(int(self.stored.pop(key, None) is not None))

    def act(self, act: Act) -> str:
        """What an act gives."""
        way, place, text = act
        by_key: dict[str, Callable[[], str]] = {
            "read": lambda: self.read(place % KEYS),
            "update": lambda: self.update(place % KEYS, text),
            "put": lambda: self.put(place % KEYS, text),
            "delete": lambda: self.delete(place % KEYS),
            "together": lambda: self.together(text),
        }
        if way in by_key:
            return by_key[way]()
        if not self.hands:
            return "nothing at hand"
        hand = self.hands[place % len(self.hands)]
        in_hand: dict[str, Callable[[Kept], str]] = {
            "remove": self.remove,
            "restore": self.restore,
            "refresh": self.refresh,
        }
        return self.save(hand, text) if way == "save" else in_hand[way](hand)

    def left(self) -> list[str]:
        """What queries give at the end: rows that are not removed, all rows, and those of the shelf."""
        rows = [self.stored[key] for key in sorted(self.stored)]
        live = [row.id for row in rows if not row.removed]
        return [str(live), str([(row.id, row.text, row.version, row.removed) for row in rows]), str([(SHELF, live)])]


class Desk:
    """The same on a database."""

    def __init__(self) -> None:
        self.hands: list[Paper] = []

    async def act(self, act: Act) -> str:
        """What an act gives: the row, the number of rows, or the class of the error."""
        way, place, text = act
        doing = {"read": self._read, "update": self._update, "put": self._put, "delete": self._delete}
        try:
            if way in doing:
                return await doing[way](place % KEYS, text)
            if way == "together":
                return await self._together(text)
            return (
                await self._in_hand(way, self.hands[place % len(self.hands)], text) if self.hands else "nothing at hand"
            )
        except TaborError as error:
            return type(error).__name__

    async def _read(self, number: int, _: str) -> str:
        self.hands.append(await Paper.get(number))
        return self._shown(self.hands[-1])

    async def _update(self, number: int, text: str) -> str:
        return str(await Paper.update(Paper.text.to(text)).where(Paper.id == number))

    async def _put(self, number: int, text: str) -> str:
        return str(
            await Paper.insert(Paper(id=number, text=text, shelf=SHELF)).on_conflict(Paper.id).update(Paper.text)
        )

    async def _delete(self, number: int, _: str) -> str:
        return str(await Paper.delete().where(Paper.id == number))

    async def _together(self, text: str) -> str:
        last = {hand.id: hand for hand in self.hands}
        for hand in last.values():
            hand.text = text
        return str(await Paper.update_many(list(last.values()), Paper.text))

    async def _in_hand(self, way: str, hand: Paper, text: str) -> str:
        ways: dict[str, Callable[[], Awaitable[None]]] = {
            "save": hand.save,
            "remove": hand.remove,
            "restore": hand.restore,
            "refresh": hand.refresh,
        }
        if way == "save":
            hand.text = text
        await ways[way]()
        return self._shown(hand)

    @staticmethod
    def _shown(hand: Paper) -> str:
        return f"{hand.text!r} in version {hand.version}"

    @staticmethod
    async def left() -> list[str]:
        """What queries give at the end."""
        live = await Paper.select(Paper.id).order_by(Paper.id).values()
        every = Paper.select(Paper.id, Paper.text, Paper.version, Paper.removed_at.is_not_null()).with_deleted()
        papers = Shelf.papers.order_by(Paper.id).select(Paper.id).values()
        return [str(live), str(await every.order_by(Paper.id)), str(await Shelf.select(Shelf.id, papers))]


WAYS = ("read", "read", "put", "save", "save", "remove", "restore", "refresh", "together", "update", "delete")
acts: st.SearchStrategy[list[Act]] = st.lists(
    st.tuples(st.sampled_from(WAYS), st.integers(0, 5), st.sampled_from(["", "a", "b"])), min_size=3, max_size=30
)
