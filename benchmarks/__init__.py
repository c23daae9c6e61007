"""Tabor measured beside its peers: the same work, the same machine, one run; see ``__main__`` for the command."""

from __future__ import annotations
