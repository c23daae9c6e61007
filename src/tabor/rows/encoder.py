"""Makes the function that turns a statement's values into driver parameters, generated once for each shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from tabor.datatypes import INT64_MAX, INT64_MIN, DataType, Float, Integer, Text
from tabor.engines.interface import Codec, Codecs, Parameters
from tabor.errors import InvalidValue, QueryError
from tabor.tree.nodes import Placeholder

Encode = Callable[[tuple[object, ...]], Parameters]

_WHOLE = f"type({{0}}) is int and {INT64_MIN} <= {{0}} <= {INT64_MAX}"
_PLAIN = "type({0}) is str and {0}.isascii() and '\\0' not in {0}"
_FINITE = "type({0}) is float and {0} - {0} == 0"
_QUICK: dict[type[DataType], str] = {Integer: _WHOLE, Text: _PLAIN, Float: _FINITE}
"""Source of a test that accepts the usual good value without a call."""


def encoder(datatypes: Sequence[DataType], codecs: Codecs, *, checked: int = 0) -> Encode:
    """The function from values to parameters; it refuses a value of the wrong type with ``InvalidValue``.

    The first ``checked`` values were checked against their columns already.
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
        if number < checked:
            namespace[function] = codec
            parts.append(name if codec is None else f"None if {name} is None else {function}({name})")
            continue
        namespace[function] = _full(datatype, codec)
        quick = ""
        if codec is None:
            quick = _QUICK.get(type(datatype), "")
        parts.append(f"{name} if {quick.format(name)} else {function}({name})" if quick else f"{function}({name})")
    source = f"def encode(values):\n    ({', '.join(names)},) = values\n    return ({', '.join(parts)},)"
    exec(source, namespace)  # noqa: S102 - generated from numbers alone
    return cast("Encode", namespace["encode"])


def _no_values(values: tuple[object, ...]) -> Parameters:
    return ()


def _full(datatype: DataType, codec: Codec | None) -> Codec:
    check = datatype.check

    def full(value: object) -> object:
        if value is None:
            return None
        try:
            kept = check(value)
        except InvalidValue as error:
            if isinstance(value, Placeholder):
                raise QueryError("This query has param() in it: prepare() it, and call that with the values.") from None
            raise error from None
        return kept if codec is None else codec(kept)

    return full
