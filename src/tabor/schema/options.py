"""What ``column()``, ``key()`` and ``many()`` were told, kept until the table is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal as PythonDecimal
from typing import Any, Literal

from tabor.datatypes import Array, Bytes, DataType, Decimal, Float, Integer, Text
from tabor.errors import SchemaError
from tabor.schema.facts import MISSING
from tabor.tree.definitions import OnDelete

Number = int | float | PythonDecimal
MAX_DIGITS = 18
"""What fits into 64 bits whatever the digits are."""


def check_options(function: str, options: Iterable[str], known: type[ColumnOptions | KeyOptions]) -> None:
    """Raise ``SchemaError`` for an option that ``column()`` or ``key()`` does not have."""
    names = [field.name for field in fields(known)]
    for name in options:
        if name not in names:
            raise SchemaError(f"{function}() has no option {name}; it has {', '.join(names)}.")


@dataclass(frozen=True, slots=True)
class ColumnOptions:
    """The arguments of ``column()``."""

    primary_key: bool = False
    default: object = MISSING
    default_factory: Callable[[], object] | None = None
    unique: bool = False
    index: bool = False
    secret: bool = False
    help: str = ""
    max_length: int | None = None
    min_length: int | None = None
    minimum: Number | None = None
    maximum: Number | None = None
    plain_text: bool = False
    email: bool = False
    url: bool = False
    max_digits: int | None = None
    decimal_places: int | None = None
    init: bool | None = None
    server_default: object = MISSING
    computed: Callable[[], object] | None = None
    version: bool = False
    stamp: Literal["", "created", "updated", "deleted"] = ""
    name: str | None = None


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """The arguments of ``key()``."""

    default: object = MISSING
    on_delete: OnDelete = "restrict"
    unique: bool = False
    help: str = ""
    primary_key: bool = False
    columns: Callable[[], tuple[object, ...]] | None = None
    deferrable: bool = False
    name: str | None = None


@dataclass(frozen=True, slots=True)
class RelationOptions:
    """The arguments of ``many()``."""

    via: Callable[[], object] | None = None
    through: Callable[[], object] | None = None
    table: str = ""


_LENGTHS = frozenset({"max_length", "min_length"})
_BOUNDS = frozenset({"minimum", "maximum"})
_KNOWN: dict[type[DataType], frozenset[str]] = {
    Text: _LENGTHS | {"plain_text", "email", "url"},
    Bytes: _LENGTHS,
    Array: _LENGTHS,
    Integer: _BOUNDS,
    Float: _BOUNDS,
    Decimal: _BOUNDS | {"max_digits", "decimal_places"},
}
_LIMITS = _LENGTHS | _BOUNDS | {"plain_text", "email", "url", "max_digits", "decimal_places"}
_FIELDS = {"decimal_places": "places"}


def limited(datatype: DataType, options: ColumnOptions, place: str) -> DataType:
    """The datatype with the limits of the options; raises ``SchemaError`` for limits that cannot be or do not fit."""
    given: dict[str, Any] = {name: getattr(options, name) for name in sorted(_LIMITS)}
    wanted = {name: value for name, value in given.items() if value is not None and value is not False}
    unknown = wanted.keys() - _KNOWN.get(type(datatype), frozenset())
    if unknown:
        names = " and ".join(sorted(unknown))
        raise SchemaError(f"{place}: {names} cannot limit a column that holds {datatype.label}.")
    _check_pair(place, "min_length", options.min_length or 0, "max_length", options.max_length)
    _check_pair(place, "minimum", options.minimum, "maximum", options.maximum)
    chosen = replace(datatype, **{_FIELDS.get(name, name): value for name, value in wanted.items()})
    if isinstance(chosen, Decimal) and not 0 <= chosen.places <= chosen.max_digits <= MAX_DIGITS:
        raise SchemaError(f"{place}: decimal_places may be 0 to max_digits, and max_digits at most {MAX_DIGITS}.")
    return chosen


def _check_pair(place: str, lower: str, low: Number | None, upper: str, high: Number | None) -> None:
    if low is not None and high is not None and low > high:
        raise SchemaError(f"{place}: {lower}={low} is more than {upper}={high}.")
