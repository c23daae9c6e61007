"""Tests of the log of slow statements."""

from __future__ import annotations

import logging

import pytest

from tabor import ConfigurationError, Database, StatementEvent, StatementFailed, log_slow
from tests.festival import Gig, ann

pytestmark = pytest.mark.anyio


async def test_slow_statements_are_logged(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    """A statement at or over the threshold is a warning on tabor.slow, with its event; values are not in it."""
    db.on_statement(log_slow(0))
    with caplog.at_level(logging.WARNING, "tabor.slow"):
        await ann()
    (record,) = caplog.records
    event: object = vars(record)["event"]
    assert isinstance(event, StatementEvent)
    assert (record.name, record.levelname) == ("tabor.slow", "WARNING")
    assert record.getMessage() == f"{event.seconds:.3f} s, 1 rows, in {event.task}: {event.sql}"
    assert "ann@example.org" not in record.getMessage()


async def test_quick_statements_are_not(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    """What stays below the threshold is not logged."""
    db.on_statement(log_slow(3_600))
    with caplog.at_level(logging.WARNING, "tabor.slow"):
        await Gig.select()
    assert caplog.records == []


async def test_a_failure_is_named(db: Database, caplog: pytest.LogCaptureFixture) -> None:
    """A slow statement that failed says with what."""
    db.on_statement(log_slow(0))
    with caplog.at_level(logging.WARNING, "tabor.slow"), pytest.raises(StatementFailed):
        await db.sql("select from from")
    assert [", failed with StatementFailed, in " in record.getMessage() for record in caplog.records] == [True]


def test_the_threshold_is_checked() -> None:
    """A threshold below zero is refused."""
    with pytest.raises(ConfigurationError, match="from 0 up"):
        log_slow(-1)
