"""The servers that wrk loads: Tabor's planner and its peers, each a process of its own on loopback."""

from __future__ import annotations
