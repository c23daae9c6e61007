"""Tests of hashing: the settings, the same work for every failure, and the bounds of the queue."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator

import argon2
import pytest

from tabor.auth.passwords import PasswordHasher
from tabor.errors import ConfigurationError, InvalidValue, Overloaded

pytestmark = pytest.mark.anyio

PASSWORD = "seven brave otters sing"


@pytest.fixture
def hasher() -> Iterator[PasswordHasher]:
    """A hasher with one thread and no place to wait."""
    hasher = PasswordHasher(cores=1, waiting=0)
    yield hasher
    hasher.close()


async def test_settings(hasher: PasswordHasher) -> None:
    """A hash is argon2id with 19 MiB, two passes and one lane, a salt of 16 and a hash of 32 bytes."""
    stored = await hasher.hash(PASSWORD)
    assert re.fullmatch(r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}", stored)


async def test_salt(hasher: PasswordHasher) -> None:
    """The same password has another hash each time."""
    assert await hasher.hash(PASSWORD) != await hasher.hash(PASSWORD)


async def test_verify(hasher: PasswordHasher) -> None:
    """The password behind a hash is found right, any other wrong."""
    stored = await hasher.hash(PASSWORD)
    given = [PASSWORD, PASSWORD + " ", PASSWORD.title(), ""]
    assert [await hasher.verify(each, stored) for each in given] == [True, False, False, False]


async def test_verify_normalises(hasher: PasswordHasher) -> None:
    """A password typed in another Unicode form is the same one."""
    assert await hasher.verify("cafe\u0301 au lait au lit", await hasher.hash("caf\u00e9 au lait au lit"))


async def test_no_truncation(hasher: PasswordHasher) -> None:
    """The last of 1,024 bytes counts."""
    stored = await hasher.hash("z" * 1_024)
    assert [await hasher.verify("z" * 1_024, stored), await hasher.verify("z" * 1_023 + "y", stored)] == [True, False]


async def test_hash_refuses_what_is_no_password(hasher: PasswordHasher) -> None:
    """A password that is too long is refused before any work, and not carried along."""
    with pytest.raises(InvalidValue) as caught:
        await hasher.hash("z" * 1_025)
    assert (caught.value.code, caught.value.value) == ("too_long", None)


@pytest.mark.parametrize(
    ("password", "stored"),
    [
        (PASSWORD, None),
        (PASSWORD, ""),
        (PASSWORD, "!"),
        (PASSWORD, "$2b$12$abcdefghijklmnopqrstuv"),
        ("z" * 2_000, None),
        ("\ud800", "!"),
    ],
)
async def test_every_failure_costs_the_same(
    monkeypatch: pytest.MonkeyPatch, hasher: PasswordHasher, password: str, stored: str | None
) -> None:
    """No account, a hash of another kind and an impossible password all take one run with the full settings."""
    runs: list[argon2.Parameters] = []
    verify = argon2.PasswordHasher.verify

    def counting(self: argon2.PasswordHasher, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002  # its name
        if str(hash).startswith("$argon2"):
            runs.append(argon2.extract_parameters(str(hash)))
        return verify(self, hash, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", counting)
    assert not await hasher.verify(password, stored)
    assert [(run.memory_cost, run.time_cost, run.parallelism, run.salt_len, run.hash_len) for run in runs] == [
        (19_456, 2, 1, 16, 32)
    ]


async def test_needs_rehash(hasher: PasswordHasher) -> None:
    """A hash by weaker settings, or by another method, is to be made anew; one by these settings is not."""
    stronger = PasswordHasher(passes=3)
    stored = await hasher.hash(PASSWORD)
    assert [hasher.needs_rehash(stored), stronger.needs_rehash(stored), hasher.needs_rehash("!")] == [False, True, True]
    stronger.close()


async def test_a_hash_by_other_settings_is_verified(hasher: PasswordHasher) -> None:
    """A hash keeps its own settings, so raising them locks nobody out."""
    stronger = PasswordHasher(passes=3)
    assert await hasher.verify(PASSWORD, await stronger.hash(PASSWORD))
    stronger.close()


@pytest.mark.parametrize(
    ("memory_kib", "passes", "setting"), [(19_455, 2, "memory_kib"), (19_456, 1, "passes"), (8, 1, "memory_kib")]
)
def test_settings_cannot_be_lowered(memory_kib: int, passes: int, setting: str) -> None:
    """Weaker settings than the floor are refused when the hasher is made."""
    with pytest.raises(ConfigurationError) as caught:
        PasswordHasher(memory_kib=memory_kib, passes=passes)
    assert caught.value.setting == setting


class Gate:
    """Takes the place of argon2's work: counts who is inside, and holds them until it opens."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.inside = 0
        self.most = 0
        self._lock = threading.Lock()

    def hash(self, hasher: argon2.PasswordHasher, password: str) -> str:
        """What ``argon2.PasswordHasher.hash`` is replaced by."""
        with self._lock:
            self.inside += 1
            self.most = max(self.most, self.inside)
        self.open.wait(10)
        with self._lock:
            self.inside -= 1
        return "hashed"

    async def entered(self, count: int) -> None:
        """Waits until so many are inside."""
        for _ in range(10_000):
            if self.inside == count:
                return
            await asyncio.sleep(0.001)
        raise AssertionError(f"{self.inside} are inside, not {count}")


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """A gate before every hash."""
    gate = Gate()

    def held(hasher: argon2.PasswordHasher, password: str) -> str:
        return gate.hash(hasher, password)

    monkeypatch.setattr(argon2.PasswordHasher, "hash", held)
    yield gate
    gate.open.set()


async def test_one_at_a_time_for_each_core(gate: Gate) -> None:
    """No more hashes run at once than there are cores, however many are asked for; all of them are made."""
    hasher = PasswordHasher(cores=2, waiting=20)
    tasks = [asyncio.create_task(hasher.hash(PASSWORD)) for _ in range(10)]
    await gate.entered(2)
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["hashed"] * 10
    assert gate.most == 2
    hasher.close()


async def test_the_loop_goes_on(gate: Gate, hasher: PasswordHasher) -> None:
    """While a hash is made, the event loop runs other tasks."""
    task = asyncio.create_task(hasher.hash(PASSWORD))
    await gate.entered(1)
    assert not task.done()
    gate.open.set()
    assert await task == "hashed"


async def test_a_full_queue_refuses(gate: Gate) -> None:
    """With all places taken the next one is refused at once, with the time to come back."""
    hasher = PasswordHasher(cores=1, waiting=1)
    tasks = [asyncio.create_task(hasher.hash(PASSWORD)) for _ in range(2)]
    await gate.entered(1)
    with pytest.raises(Overloaded) as caught:
        await hasher.verify(PASSWORD, None)
    assert (str(caught.value), caught.value.retry_after) == (
        "Too many passwords are waiting to be checked. Try again in 1 s.",
        1,
    )
    gate.open.set()
    assert await asyncio.gather(*tasks) == ["hashed", "hashed"]
    assert await hasher.hash(PASSWORD) == "hashed"
    hasher.close()


async def test_a_closed_hasher_takes_no_work(hasher: PasswordHasher) -> None:
    """After its end a hasher refuses, instead of waiting for threads that are gone."""
    hasher.close()
    for _ in range(3):
        with pytest.raises(RuntimeError, match="after shutdown"):
            await hasher.hash(PASSWORD)


async def test_cancelled_work_keeps_its_place_until_it_ends(gate: Gate, hasher: PasswordHasher) -> None:
    """Who stops waiting frees no core: the next one is refused until the work has really ended."""
    task = asyncio.create_task(hasher.hash(PASSWORD))
    await gate.entered(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(Overloaded):
        await hasher.hash(PASSWORD)
    gate.open.set()
    await gate.entered(0)
    assert await _hash_when_free(hasher) == "hashed"


async def _hash_when_free(hasher: PasswordHasher) -> str:
    for _ in range(1_000):
        try:
            return await hasher.hash(PASSWORD)
        except Overloaded:
            await asyncio.sleep(0.001)
    raise AssertionError("the place was not given back")
