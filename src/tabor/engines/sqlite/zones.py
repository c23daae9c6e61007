"""Time zones for SQL: functions between moments in UTC and what clocks show in a zone, by the system's zone database.

Each takes the text of one moment and works for a few microseconds, so that no budget needs to stop it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tabor.compile.sqlite.moments import FROM_ZONE, TO_ZONE
from tabor.engines.sqlite.driver import Connection
from tabor.errors import StatementFailed

# In the first and the last day of the calendar zones are UTC: it has no days around them.
_SECOND, _LAST = "0001-01-02", "9999-12-31"


def to_zone(moment: str | None, zone: str) -> str | None:
    """What clocks in a zone show at a moment, written as a moment in UTC.

    >>> to_zone("2030-07-01T10:00:00.000000Z", "Europe/Berlin")
    '2030-07-01T12:00:00.000000Z'
    """
    if moment is None or not _SECOND <= moment < _LAST:
        return moment
    return _text(datetime.fromisoformat(moment).astimezone(_zone(zone)))


def from_zone(shown: str | None, zone: str) -> str | None:
    """The moment at which clocks in a zone show this, written as a moment in UTC.

    What they skip is taken by the offset before the change, what they show twice by the one after it, as PostgreSQL
    does (``DetermineTimeZoneOffset``): in both cases the smaller offset.

    >>> from_zone("2030-07-01T12:00:00.000000Z", "Europe/Berlin")
    '2030-07-01T10:00:00.000000Z'
    """
    if shown is None or not _SECOND <= shown < _LAST:
        return shown
    clock = datetime.fromisoformat(shown).replace(tzinfo=_zone(zone))
    offsets = [clock.replace(fold=fold).utcoffset() for fold in (0, 1)]
    return _text(clock.replace(tzinfo=UTC) - min([offset for offset in offsets if offset is not None]))


def offer(connection: Connection) -> None:
    """Give the functions to a connection."""
    connection.create_scalar_function(TO_ZONE, to_zone, 2, deterministic=True)
    connection.create_scalar_function(FROM_ZONE, from_zone, 2, deterministic=True)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        reason = f'time zone "{name}" not recognized; zones are those of the system, or of the package tzdata'
        raise StatementFailed(reason) from None


def _text(moment: datetime) -> str:
    return f"{moment.isoformat(timespec='microseconds')[:26]}Z"
