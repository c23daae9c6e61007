"""What tests of programs that use Tabor need: rows, made from what their tables say."""

from __future__ import annotations

from tabor.testing.errors import NoValidRow
from tabor.testing.factory import Factory, factory

__all__ = ["Factory", "NoValidRow", "factory"]
