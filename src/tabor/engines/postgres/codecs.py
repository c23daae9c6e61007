"""How Python values travel to PostgreSQL and back: mostly as they are, in the driver's binary forms.

JSON travels as text.  ``jsonb`` keeps numbers as decimals and forgets how they were written, so a float without a
fraction is written out with one: it comes back as a float.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal as PythonDecimal
from functools import partial
from json import JSONDecoder, JSONEncoder
from operator import attrgetter
from typing import cast
from uuid import UUID, SafeUUID

from tabor.compile.postgres.paths import json_path
from tabor.compile.postgres.search import search_text
from tabor.compile.postgres.types import native_array
from tabor.datatypes import Array, DataType, DateTime, Enumeration, Json, JsonPath, Model, Pattern, SearchQuery, Uuid
from tabor.engines.interface import Codec, Codecs
from tabor.engines.plain_forms import Function, Pair, each, enumeration_pair, pair_of

_to_json = JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_from_json = JSONDecoder().decode
_EXPONENT = re.compile(r"\de\+\d")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?e\+\d+')
_new_uuid = object.__new__
_set_slot = object.__setattr__
_bits = attrgetter("int")

_SAME = Pair(None, None)


def _decode_uuid(value: object) -> UUID:
    # The driver gives a class of its own; a row holds the standard one, made without its constructor's checks.
    made = _new_uuid(UUID)
    _set_slot(made, "int", _bits(value))
    _set_slot(made, "is_safe", SafeUUID.unknown)
    return made


def _written_out(match: re.Match[str]) -> str:
    token = match.group()
    return token if token[0] == '"' else f"{PythonDecimal(token):f}.0"


def _encode_json(value: object) -> str:
    return _with_fractions(_to_json(value))


def _with_fractions(text: str) -> str:
    return _TOKEN.sub(_written_out, text) if _EXPONENT.search(text) else text


def _encode_pattern(pattern: str) -> str:
    # A backslash at the end would take nothing literally, which the server refuses; it stands for itself.
    backslashes = len(pattern) - len(pattern.rstrip("\\"))
    return pattern + "\\" if backslashes % 2 else pattern


def _encode_list(encode: Function, values: object) -> str:
    return _with_fractions(cast("str", encode(values)))


def _array_pair(datatype: Array) -> Pair:
    if not native_array(datatype):
        # The text of a list of lists is the same in every database.
        encode, decode = pair_of(datatype)
        assert encode is not None
        return Pair(partial(_encode_list, encode), decode)
    item = _pair(datatype.item)
    return Pair(
        None if item.encode is None else partial(each, item.encode),
        None if item.decode is None else partial(each, item.decode),
    )


def _model_pair(datatype: Model) -> Pair:
    def encode(value: object) -> str:
        return _encode_json(datatype.plain(value))

    return Pair(encode, datatype.from_text)


def _decode_moment(value: datetime) -> datetime:
    # The driver sends the first and the last moment of the calendar as infinity, and gives those without a zone.
    return value if value.tzinfo is not None else value.replace(tzinfo=UTC)


_PAIRS: dict[type[DataType], Pair] = {
    DateTime: Pair(None, _decode_moment),
    Json: Pair(_encode_json, _from_json),
    JsonPath: Pair(json_path, None),
    Pattern: Pair(_encode_pattern, None),
    SearchQuery: Pair(search_text, None),
    Uuid: Pair(None, _decode_uuid),
}


def _pair(datatype: DataType) -> Pair:
    if isinstance(datatype, Enumeration):
        return enumeration_pair(datatype)
    if isinstance(datatype, Array):
        return _array_pair(datatype)
    if isinstance(datatype, Model):
        return _model_pair(datatype)
    return _PAIRS.get(type(datatype), _SAME)


class PostgresCodecs(Codecs):
    """The codecs of PostgreSQL.

    >>> PostgresCodecs().encoder(Json())({"a": 1e20})
    '{"a":100000000000000000000.0}'
    """

    def encoder(self, datatype: DataType) -> Codec | None:
        return cast("Codec | None", _pair(datatype).encode)

    def decoder(self, datatype: DataType) -> Codec | None:
        return cast("Codec | None", _pair(datatype).decode)

    def same(self, datatype: DataType) -> str:
        return "{0}.tzinfo is not None" if isinstance(datatype, DateTime) else ""
