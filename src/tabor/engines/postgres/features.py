"""What the server can do, found out by asking for each thing; never from ``version()``."""

from __future__ import annotations

from dataclasses import dataclass

from tabor.engines.postgres.driver import Connection

# Settings that only databases have which run a definition in a transaction of its own, or not with others.
_ALONE = ("autocommit_before_ddl", "yb_enable_ddl_atomicity_infra", "ysql_ddl_rollback_enabled", "yb_read_time")

_QUESTION = """
    SELECT
        EXISTS (SELECT 1 FROM pg_catalog.pg_settings WHERE name = ANY($1::text[])),
        EXISTS (SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'pg_advisory_xact_lock')
"""


@dataclass(frozen=True, slots=True)
class Features:
    """``ddl_alone``: a definition is run alone in its transaction; ``advisory_locks``: there are such locks."""

    ddl_alone: bool = False
    advisory_locks: bool = True


async def detect(connection: Connection, seconds: float) -> Features:
    """The features of the server at the other end, which has so many seconds to tell them."""
    ((ddl_alone, advisory_locks),) = await connection.fetch(_QUESTION, list(_ALONE), timeout=seconds)
    return Features(bool(ddl_alone), bool(advisory_locks))
