"""Who takes part in the data path, in the order of the table; who is not installed is left out with a notice."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from benchmarks.contenders.contender import Contender
from benchmarks.progress import notice

BASELINE = "apsw"
TABOR = "Tabor"
ROSTER = (
    (BASELINE, "benchmarks.contenders.raw", "RawApsw"),
    (TABOR, "benchmarks.contenders.tabor_contender", "TaborContender"),
    ("aiosqlite", "benchmarks.peers.aiosqlite_contender", "Aiosqlite"),
    ("SQLAlchemy", "benchmarks.peers.sqlalchemy_contender", "SqlAlchemy"),
    ("Piccolo", "benchmarks.peers.piccolo_contender", "Piccolo"),
)
"""Name, module and class; the name is the contender's own."""


def installed_contenders() -> tuple[list[Contender], list[str]]:
    """Load everybody that can be imported; the second list says who cannot, and why."""
    contenders: list[Contender] = []
    notices: list[str] = []
    for name, module, attribute in ROSTER:
        try:
            make = cast("Callable[[], Contender]", getattr(import_module(module), attribute))
        except ImportError as missing:
            notices.append(notice(f"{name} is left out of the data path: {missing}."))
        else:
            contenders.append(make())
    return contenders, notices
