"""Tests of the options: what is wrong is refused when it is said, by name."""

from __future__ import annotations

from typing import Any

import pytest

from tabor.engines.postgres.options import PostgresOptionChanges, PostgresOptions
from tabor.errors import ConfigurationError


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("pool_size", 0),
        ("pool_size", 2.5),
        ("pool_size", True),
        ("statement_timeout", 0),
        ("lock_timeout", -1),
        ("retry_deadline", float("nan")),
        ("transaction_idle", "5"),
        ("pooler", "statement"),
        ("isolation", "chaos"),
        ("replicas", "postgresql://localhost/x"),
    ],
)
def test_a_wrong_option_is_refused(setting: str, value: Any) -> None:
    """The error names the option."""
    with pytest.raises(ConfigurationError) as caught:
        PostgresOptions(**{setting: value})
    assert caught.value.setting == setting


def test_changes_name_every_option() -> None:
    """What can be given as a keyword is what there is."""
    assert set(PostgresOptionChanges.__annotations__) == set(PostgresOptions.__annotations__)
