"""Paths into JSON values."""

from __future__ import annotations

from typing import cast

from tabor.datatypes.base import DataType, refuse_type
from tabor.datatypes.numbers import Integer
from tabor.datatypes.text import Text


class JsonPath(DataType):
    """The way to a value within a JSON value: text keys of objects and indexes of lists, as a tuple.

    Negative indexes count from the end of a list; a database may spell paths in its own way.
    """

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a path into JSON"

    def check(self, value: object) -> object:
        if not isinstance(value, tuple):
            raise refuse_type(self.label, value)
        for step in cast("tuple[object, ...]", value):
            if isinstance(step, int):
                Integer().check(step)
            else:
                Text().check(step)
        return cast("object", value)
