"""Values that hold other values: JSON, and lists of one type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from tabor.datatypes.base import DataType, check_length, refuse_type
from tabor.datatypes.numbers import Float, Integer
from tabor.datatypes.text import Text
from tabor.errors import ValueOutOfRange

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What a JSON column holds."""

JSON_DEPTH = 64
"""How deep a JSON value may nest; a deeper one is refused rather than left to a parser's stack."""


class Json(DataType):
    """Any JSON value: null, booleans, numbers, text, lists and objects with text keys."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a JSON value"

    def check(self, value: object) -> object:
        check_json(value)
        return value


@dataclass(frozen=True, slots=True)
class Array(DataType):
    """A list of values of one type; ``max_length`` counts its items."""

    item: DataType = field(default_factory=Text)
    max_length: int | None = None
    min_length: int = 0
    nullable_items: bool = False

    @property
    def key(self) -> str:
        return f"Array[{self.item.key}{'?' if self.nullable_items else ''}]"

    @property
    def label(self) -> str:
        return "a list"

    @property
    def bare(self) -> DataType:
        return Array(self.item.bare, nullable_items=self.nullable_items)

    def check(self, value: object) -> list[object]:
        if not isinstance(value, (list, tuple)):
            raise refuse_type(self.label, value)
        check, nulls = self.item.check, self.nullable_items
        given = cast("list[object]", value)  # or a tuple, which is read alike
        items = [None if nulls and item is None else check(item) for item in given]
        check_length(len(items), self.min_length, self.max_length, "items", given)
        return items


def check_json(value: object) -> None:
    """Raise ``InvalidValue`` for what is no JSON value or nests too deep."""
    _check_json(value, 0)


def _check_json(value: object, depth: int) -> None:
    if depth > JSON_DEPTH:
        raise ValueOutOfRange(f"JSON may nest {JSON_DEPTH} levels deep at most", code="too_deep")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        Text().check(value)
    elif isinstance(value, int):
        Integer().check(value)
    elif isinstance(value, float):
        Float().check(value)
    elif isinstance(value, list):
        for item in cast("list[object]", value):
            _check_json(item, depth + 1)
    elif isinstance(value, dict):
        for name, item in cast("dict[object, object]", value).items():
            Text().check(name)
            _check_json(item, depth + 1)
    else:
        raise refuse_type("a JSON value (null, boolean, number, text, list or dict)", value)
