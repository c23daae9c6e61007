"""Hashing and verifying passwords with argon2id, off the event loop and at most one at a time for each core.

Settings: OWASP Password Storage Cheat Sheet and RFC 9106.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore
from typing import TypeVar

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from tabor.auth.password_text import normalised
from tabor.errors import ConfigurationError, InvalidValue, Overloaded

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
SALT_BYTES = 16
HASH_BYTES = 32

_Result = TypeVar("_Result")


class PasswordHasher:
    """Hashes with argon2id; ``memory_kib`` and ``passes`` may be raised, never lowered.

    ``cores`` hashes run at a time (default: as many as this process may use) and ``waiting`` more may wait; beyond
    that ``Overloaded`` is raised at once, so that a flood of sign-ins takes no more than its share.

        stored = await hasher.hash("seven brave otters sing")
        if await hasher.verify(given, user.password if user else None): ...
    """

    def __init__(
        self, *, memory_kib: int = MEMORY_KIB, passes: int = PASSES, cores: int | None = None, waiting: int = 100
    ) -> None:
        if memory_kib < MEMORY_KIB or passes < PASSES:
            raise ConfigurationError(
                f"argon2id needs at least {MEMORY_KIB} KiB and {PASSES} passes, not {memory_kib} and {passes}.",
                setting="memory_kib" if memory_kib < MEMORY_KIB else "passes",
            )
        self._argon2 = argon2.PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=LANES, hash_len=HASH_BYTES, salt_len=SALT_BYTES
        )
        self._nobody = _hash_of_nobody(memory_kib, passes)
        threads = cores or _usable_cores()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="tabor-password")
        self._places = BoundedSemaphore(threads + waiting)

    async def hash(self, password: str) -> str:
        """The hash to store, with its settings and salt in it.

        Raises ``InvalidValue`` for a password that cannot be one, and ``Overloaded``.
        """
        text = normalised(password)
        return await self._run(lambda: self._argon2.hash(text))

    async def verify(self, password: str, stored: str | None) -> bool:
        """Whether ``password`` is the one behind ``stored``.

        ``None`` (there is no such account), a hash that is not argon2's and a password that cannot be one take
        as long as a wrong password, so that the time tells nothing. Raises ``Overloaded``.
        """
        try:
            text = normalised(password)
        except InvalidValue:
            text, stored = "", None
        return await self._run(lambda: self._verify(text, stored))

    def needs_rehash(self, stored: str) -> bool:
        """Whether a hash was made with weaker or other settings; hash the password anew at the next sign-in.

        A hash that is not argon2's needs it too.
        """
        try:
            return self._argon2.check_needs_rehash(stored)
        except InvalidHashError:
            return True

    def close(self) -> None:
        """Takes no more work and lets the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, text: str, stored: str | None) -> bool:
        try:
            self._argon2.verify(self._nobody if stored is None else stored, text)
        except InvalidHashError:
            return self._verify(text, None)
        except VerificationError:
            return False
        return stored is not None

    async def _run(self, work: Callable[[], _Result]) -> _Result:
        if not self._places.acquire(blocking=False):
            raise Overloaded("Too many passwords are waiting to be checked.")
        try:
            future = self._threads.submit(work)
        except BaseException:
            self._places.release()
            raise
        # Not when the caller stops waiting: work that has begun goes on, and keeps its place until it ends.
        future.add_done_callback(self._give_back)
        return await asyncio.wrap_future(future)

    def _give_back(self, future: Future[_Result]) -> None:
        self._places.release()


def _hash_of_nobody(memory_kib: int, passes: int) -> str:
    """A well-formed hash that no password has: verifying against it costs as much as against a real one."""
    salt, digest = (b64encode(secrets.token_bytes(length)).rstrip(b"=").decode() for length in (SALT_BYTES, HASH_BYTES))
    return f"$argon2id$v=19$m={memory_kib},t={passes},p={LANES}${salt}${digest}"


def _usable_cores() -> int:
    # Where the system can tell, fewer than the machine has: a container's share.
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
