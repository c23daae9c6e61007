"""Tests of moments in JSON bodies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import TypeAdapter, ValidationError

from tabor.web.timestamp import Timestamp

ADAPTER: TypeAdapter[datetime] = TypeAdapter(Timestamp)
CEST = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("2030-05-01T19:30:00+02:00", datetime(2030, 5, 1, 19, 30, tzinfo=CEST)),
        ("2030-05-01T17:30:00Z", datetime(2030, 5, 1, 17, 30, tzinfo=UTC)),
        ("2030-05-01t17:30:00.123456z", datetime(2030, 5, 1, 17, 30, 0, 123456, tzinfo=UTC)),
        (datetime(2030, 5, 1, 17, 30, tzinfo=UTC), datetime(2030, 5, 1, 17, 30, tzinfo=UTC)),
    ],
)
def test_taken(given: object, expected: datetime) -> None:
    """RFC 3339 with an offset is taken, and so is a datetime that knows its zone."""
    assert ADAPTER.validate_python(given) == expected


@pytest.mark.parametrize(
    "given",
    [
        "2030-05-01",
        "2030-05-01T19:30:00",
        "2030-05-01T19:30Z",
        "2030-05-01 19:30:00Z",
        "20300501T193000Z",
        "1900000000",
        1_900_000_000,
        1.9e9,
        None,
        True,
        "2030-05-01T19:30:00Z ",
        "2030-13-01T19:30:00Z",
        "2030-05-01T25:30:00Z",
        datetime(2030, 5, 1),  # noqa: DTZ001  # a moment without a zone is what is refused
    ],
)
def test_refused(given: object) -> None:
    """Everything else is refused, numbers that pydantic alone would take included."""
    with pytest.raises(ValidationError):
        ADAPTER.validate_python(given)


def test_schema() -> None:
    """In OpenAPI it is text in the format date-time, which is what is taken."""
    assert ADAPTER.json_schema() == {"type": "string", "format": "date-time"}
