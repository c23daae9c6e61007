"""The data path: what every contender does, the driver itself, and Tabor; the peers live in ``benchmarks.peers``."""

from __future__ import annotations
