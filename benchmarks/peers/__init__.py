"""Tabor's peers, each imported only inside its own module: a peer that is not installed is left out of the run."""

from __future__ import annotations
