"""Tables of a society whose many-to-many relations are declared in every way, and a few rows of them."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from tabor import Column, Constraint, ForeignKey, ManyToMany, Table, column, key, many, unique


class Member(Table):
    """Somebody who is in clubs, has friends, and holds offices."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(max_length=50)
    clubs: ManyToMany[Club] = many()
    friends: ManyToMany[Member] = many(table="friendship")
    befriended: ManyToMany[Member] = many(lambda: Member.friends)
    boards: ManyToMany[Club] = many(through=lambda: Office)
    deputies: ManyToMany[Member] = many(through=lambda: (Standin.member, Standin.deputy))


class Club(Table):
    """What members are in."""

    id: Column[int] = column(primary_key=True)
    name: Column[str] = column(max_length=50)
    closed: Column[bool] = column(default=False)
    members: ManyToMany[Member] = many(lambda: Member.clubs)
    officers: ManyToMany[Member] = many(lambda: Member.boards)
    topics: ManyToMany[Topic, UUID] = many()


class Topic(Table, name="topics"):
    """What clubs are about; its key is a UUID."""

    id: Column[UUID] = column(primary_key=True)
    word: Column[str]
    clubs: ManyToMany[Club] = many(lambda: Club.topics)


class Office(Table):
    """A post that a member has in a club: a table between with a key and a column of its own."""

    id: Column[int] = column(primary_key=True)
    club: ForeignKey[Club] = key(on_delete="cascade")
    member: ForeignKey[Member] = key(on_delete="cascade")
    role: Column[str] = column(default="other")

    @classmethod
    def constraints(cls) -> list[Constraint]:
        """Nobody has two posts in one club."""
        return [unique(cls.club, cls.member)]


class Standin(Table):
    """Who acts for whom."""

    member: ForeignKey[Member] = key(primary_key=True, on_delete="cascade")
    deputy: ForeignKey[Member] = key(primary_key=True, on_delete="cascade")


TABLES = (Member, Club, Topic, Office, Standin)


class Society(NamedTuple):
    """The rows: Ann is in all clubs, Bob in the choir, Cid in none."""

    ann: Member
    bob: Member
    cid: Member
    choir: Club
    band: Club
    chess: Club


async def founded() -> Society:
    """Store the members, the clubs and who is in which."""
    ann, bob, cid = await Member.insert(Member(name="Ann"), Member(name="Bob"), Member(name="Cid")).all()
    choir, band, chess = await Club.insert(Club(name="Choir"), Club(name="Band"), Club(name="Chess", closed=True)).all()
    await ann.clubs.add(choir, band, chess)
    await bob.clubs.add(choir)
    return Society(ann, bob, cid, choir, band, chess)
