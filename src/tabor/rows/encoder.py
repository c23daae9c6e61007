"""Makes the function that turns a statement's values into driver parameters, generated once for each shape."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from tabor.datatypes import INT64_MAX, INT64_MIN, DataType, Float, Integer, Text
from tabor.engines.interface import Codec, Codecs, Parameters
from tabor.errors import InvalidValue, QueryError
from tabor.query.runnable import Argument
from tabor.schema.annotations import known_table
from tabor.tree.nodes import ColumnNode, Placeholder

Places = Mapping[int, ColumnNode]
Arguments = Mapping[int, Argument]
NO_ARGUMENTS: Arguments = MappingProxyType({})
Encode = Callable[[tuple[object, ...]], Parameters]

_WHOLE = f"type({{0}}) is int and {INT64_MIN} <= {{0}} <= {INT64_MAX}"
_PLAIN = "type({0}) is str and {0}.isascii() and '\\0' not in {0}"
_FINITE = "type({0}) is float and {0} - {0} == 0 != {0}"
_QUICK: dict[type[DataType], str] = {Integer: _WHOLE, Text: _PLAIN, Float: _FINITE}
"""Source of a test that accepts the usual good value without a call."""


def encoder(
    datatypes: Sequence[DataType],
    codecs: Codecs,
    *,
    checked: int = 0,
    places: Places = MappingProxyType({}),
    arguments: Arguments = NO_ARGUMENTS,
    secret: frozenset[int] = frozenset(),
) -> Encode:
    """The function from values to parameters; it refuses a value of the wrong type with ``InvalidValue``.

    The first ``checked`` values were checked against their columns already.  ``places`` has, by the positions of
    values, the columns that a refusal names; ``arguments`` which of them a prepared query is called with.  A refusal
    hides those at the positions that are ``secret``.
    """
    if not datatypes:
        return _no_values
    namespace: dict[str, Any] = {}
    names: list[str] = []
    parts: list[str] = []
    for number, datatype in enumerate(datatypes):
        name, function = f"v{number}", f"e{number}"
        codec = codecs.encoder(datatype)
        names.append(name)
        argument = arguments.get(number)
        if number < checked and argument is None:
            namespace[function] = codec
            parts.append(name if codec is None else f"None if {name} is None else {function}({name})")
            continue
        namespace[function] = _full(datatype, codec, required=argument is not None and not argument.nullable)
        quick = ""
        # What was checked when the query was built keeps to the limits of its column; what comes later may not.
        if codec is None and (argument is None or datatype.bare == datatype):
            quick = _QUICK.get(type(datatype), "")
        parts.append(f"{name} if {quick.format(name)} else {function}({name})" if quick else f"{function}({name})")
    if parts == names:
        return as_they_are
    functions = [cast("Codec | None", namespace[f"e{number}"]) for number in range(len(datatypes))]
    known = _Known(functions, places, arguments, secret)
    namespace["InvalidValue"], namespace["located"] = InvalidValue, partial(_located, known)
    exec(_source(names, parts), namespace)  # noqa: S102 - generated from numbers alone
    return cast("Encode", namespace["encode"])


def _source(names: Sequence[str], parts: Sequence[str]) -> str:
    return f"""def encode(values):
    ({", ".join(names)},) = values
    try:
        return ({", ".join(parts)},)
    except InvalidValue as error:
        raise located(error, values) from None"""


class _Known(NamedTuple):
    """What is known of the values of a statement: how each is checked, and what a refusal of it tells."""

    functions: Sequence[Codec | None]
    places: Places
    arguments: Arguments
    secret: frozenset[int]


def _located(known: _Known, error: InvalidValue, values: Sequence[object]) -> InvalidValue:
    """The refusal of one of these values, naming the column that the value stands beside, or else its number."""
    functions, places, arguments, secret = known
    for place, (function, value) in enumerate(zip(functions, values, strict=True)):
        if function is None or (value is None and place not in arguments):
            continue
        try:
            function(value)
        except InvalidValue as found:
            told = found if found.column or place not in places else _at(places[place], found)
            told = told.hidden() if place in secret else told
            return _numbered(told, arguments[place].number) if place in arguments else told
    return error.hidden() if secret else error


def _at(column: ColumnNode, error: InvalidValue) -> InvalidValue:
    table = known_table(column.source.token)
    return error.at(column.source.table if table is None else table.__name__, column.name)


def _numbered(error: InvalidValue, number: int) -> InvalidValue:
    """The refusal of a value that a prepared query was called with."""
    place = error.table, error.column
    return type(error)(
        error.reason, code=error.code, value=error.value, table=place[0], column=place[1], argument=number
    )


def _no_values(values: tuple[object, ...]) -> Parameters:
    return ()


def as_they_are(values: tuple[object, ...]) -> Parameters:
    """The encoder of values that were checked already and travel as they are."""
    return values


def _full(datatype: DataType, codec: Codec | None, *, required: bool) -> Codec:
    check = datatype.check

    def full(value: object) -> object:
        if value is None:
            if required:
                raise InvalidValue("a value is needed here, not None", code="null")
            return None
        try:
            kept = check(value)
        except InvalidValue as error:
            if isinstance(value, Placeholder):
                raise QueryError("This query has param() in it: prepare() it, and call that with the values.") from None
            raise error from None
        return kept if codec is None else codec(kept)

    return full
