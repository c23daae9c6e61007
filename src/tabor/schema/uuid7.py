"""UUIDs of version 7: unique, and in the order of the time they were made (RFC 9562, section 5.7)."""

from __future__ import annotations

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """A new UUID whose first 48 bits are the time in milliseconds, the rest random.

    Example: ``id: Column[UUID] = column(primary_key=True, default_factory=uuid7)`` (which is also the default).
    """
    number = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    number = number & ~(0xF << 76) | 7 << 76
    return UUID(int=number & ~(0x3 << 62) | 2 << 62)
