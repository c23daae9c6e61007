"""The options of the SQLite engine say at once when they cannot work."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields
from typing import get_type_hints

import pytest

from tabor.engines.sqlite.engine import SqliteEngine
from tabor.engines.sqlite.options import SqliteOptionChanges, SqliteOptions
from tabor.errors import ConfigurationError


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("reads", "sometimes"),
        ("synchronous", "OFF"),
        ("queue_size", 0),
        ("batch", -1),
        ("batch", True),
        ("wal_limit", 1.5),
        ("busy_deadline", 0),
        ("inline_budget", float("nan")),
        ("transaction_idle", float("inf")),
        ("read_deadline", "5"),
    ],
)
def test_an_impossible_option_is_refused_by_name(option: str, value: object) -> None:
    """The error names the option and the value."""
    with pytest.raises(ConfigurationError) as refused:
        SqliteOptions(**{option: value})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # on purpose
    assert refused.value.setting == option
    assert repr(value) in str(refused.value)


def test_options_do_not_change() -> None:
    """Options are frozen."""
    with pytest.raises(FrozenInstanceError):
        SqliteOptions().batch = 1  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]  # on purpose


def test_every_option_can_be_given_as_a_keyword() -> None:
    """The keywords of the engine are exactly the fields of the options, with the same types."""
    hints = get_type_hints(SqliteOptions)
    assert get_type_hints(SqliteOptionChanges) == {option.name: hints[option.name] for option in fields(SqliteOptions)}


def test_a_keyword_wins_over_the_options() -> None:
    """A keyword is checked like the option it replaces."""
    with pytest.raises(ConfigurationError):
        SqliteEngine("x.db", SqliteOptions(batch=3), batch=0)
