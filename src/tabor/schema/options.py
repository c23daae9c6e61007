"""What ``column()``, ``key()`` and ``many()`` were told, kept until the table is put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal as PythonDecimal

from tabor.datatypes import Array, Bytes, DataType, Decimal, Float, Integer, Text
from tabor.errors import SchemaError
from tabor.schema.facts import MISSING
from tabor.tree.definitions import OnDelete


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
    minimum: int | float | PythonDecimal | None = None
    maximum: int | float | PythonDecimal | None = None
    plain_text: bool = False
    email: bool = False
    max_digits: int | None = None
    decimal_places: int | None = None
    init: bool | None = None


@dataclass(frozen=True, slots=True)
class KeyOptions:
    """The arguments of ``key()``."""

    default: object = MISSING
    on_delete: OnDelete = "restrict"
    unique: bool = False
    help: str = ""


def limited(datatype: DataType, options: ColumnOptions, place: str) -> DataType:
    """The datatype with the limits of the options; raises ``SchemaError`` for a limit that it does not know."""
    wanted: dict[str, object] = {}
    if options.max_length is not None:
        wanted["max_length"] = options.max_length
    if options.min_length is not None:
        wanted["min_length"] = options.min_length
    if options.minimum is not None:
        wanted["minimum"] = options.minimum
    if options.maximum is not None:
        wanted["maximum"] = options.maximum
    if options.plain_text:
        wanted["plain_text"] = True
    if options.email:
        wanted["email"] = True
    if options.max_digits is not None:
        wanted["max_digits"] = options.max_digits
    if options.decimal_places is not None:
        wanted["places"] = options.decimal_places
    if not wanted:
        return datatype
    lengths, bounds = {"max_length", "min_length"}, {"minimum", "maximum"}
    known: dict[type[DataType], set[str]] = {
        Text: lengths | {"plain_text", "email"},
        Bytes: lengths,
        Array: lengths,
        Integer: bounds,
        Float: bounds,
        Decimal: bounds | {"max_digits", "places"},
    }
    unknown = wanted.keys() - known.get(type(datatype), set())
    if unknown:
        names = " and ".join(sorted("decimal_places" if n == "places" else n for n in unknown))
        raise SchemaError(f"{place}: {names} cannot limit a column that holds {datatype.label}.")
    limited_type = replace(datatype, **wanted)  # type: ignore[arg-type]  # the names were checked just above
    if isinstance(limited_type, Decimal) and not 0 <= limited_type.places <= limited_type.max_digits <= 18:
        raise SchemaError(f"{place}: decimal_places may be 0 to max_digits, and max_digits at most 18.")
    return limited_type
