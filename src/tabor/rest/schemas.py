"""JSON Schema of columns: of values in answers, in bodies, and in addresses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, cast

from tabor.datatypes import (
    INT64_MAX,
    INT64_MIN,
    Array,
    Boolean,
    Bytes,
    DataType,
    Date,
    DateTime,
    Decimal,
    Duration,
    Enumeration,
    Float,
    Integer,
    Json,
    Model,
    Text,
    Time,
    Uuid,
)
from tabor.datatypes.text import URL, URL_LENGTH
from tabor.rest.filters import MAX_FILTER_LENGTH
from tabor.rest.values import CLOCK
from tabor.schema.facts import MISSING, ColumnFacts
from tabor.web.openapi_problems import Description

Use = Literal["answer", "body", "address"]

# Written without look-ahead, so that generators can make values from them.
_YEAR = "(?:000[2-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])"
_DAY = f"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}"
_OCLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
_ZONE = "(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_SECONDS = r"[0-9]{1,9}(?:\.[0-9]{1,6})?S"
_CLOCK_LENGTH = f"T(?:[0-9]{{1,9}}H(?:[0-9]{{1,9}}M)?(?:{_SECONDS})?|[0-9]{{1,9}}M(?:{_SECONDS})?|{_SECONDS})"
_LENGTH = f"-?P(?:[0-9]{{1,5}}W|[0-9]{{1,6}}D(?:{_CLOCK_LENGTH})?|{_CLOCK_LENGTH})"
_ANY_LENGTH = f"-?P(?:[0-9]+D(?:{_CLOCK_LENGTH})?|{_CLOCK_LENGTH})"
_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
# What plain text may not hold, spelled for a JSON Schema; a test compares it with what the datatype refuses.
MARKUP = r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|<[a-zA-Z/!?]|&#?[a-zA-Z0-9]+;"
_STORABLE = "^[^\\u0000]*$"
JSON_VALUE = "json_value"
"""The name of ``JSON_VALUE_SCHEMA`` among the document's schemas."""
JSON_VALUE_SCHEMA: Description = {
    "description": "Any JSON value whose texts hold no NUL.",
    "anyOf": [
        {"type": ["null", "boolean", "number"]},
        {"type": "string", "pattern": _STORABLE},
        {"type": "array", "items": {"$ref": f"#/components/schemas/{JSON_VALUE}"}},
        {
            "type": "object",
            "propertyNames": {"pattern": _STORABLE},
            "additionalProperties": {"$ref": f"#/components/schemas/{JSON_VALUE}"},
        },
    ],
}
_LISTABLE = '^[^",\\u0000]*$'


def schema_of(datatype: DataType, use: Use) -> Description:
    """The schema of values of this type, null left out."""
    if isinstance(datatype, Array):
        items = schema_of(datatype.item, use)
        schema: Description = {"type": "array", "items": nullable(items) if datatype.nullable_items else items}
        return _bounded(schema, "Items", datatype.min_length, datatype.max_length)
    if isinstance(datatype, Text):
        return _text(datatype, use)
    if isinstance(datatype, Integer):
        return _integer(datatype, use)
    if isinstance(datatype, Decimal):
        return _decimal(datatype, use)
    if isinstance(datatype, Float):
        return _number(datatype)
    if isinstance(datatype, Enumeration):
        return {"type": "integer" if datatype.integers else "string", "enum": list(datatype.values)}
    if isinstance(datatype, Bytes):
        return _bytes(datatype)
    if isinstance(datatype, Model):
        return _model(datatype)
    return _plain(datatype, use)


def column_schema(column: ColumnFacts, use: Use) -> Description:
    """The schema of a column's values, with its help and its default."""
    schema = schema_of(column.datatype, use)
    if column.nullable:
        schema = nullable(schema)
    if column.help:
        schema["description"] = column.help
    default = column.default
    if use == "body" and default is not MISSING and (default is None or isinstance(default, (bool, int, str))):
        schema["default"] = default
    return schema


def nullable(schema: Description) -> Description:
    """The schema of the same values, or null."""
    kinds = schema.get("type")
    if kinds is None:
        return {"anyOf": [schema, {"type": "null"}]}
    names: list[object] = [*kinds, "null"] if isinstance(kinds, list) else [kinds, "null"]
    made: Description = {**schema, "type": names}
    values = schema.get("enum")
    if isinstance(values, list):
        made["enum"] = [*values, None]
    return made


def listed(datatype: DataType) -> Description:
    """The schema of a value in a list with commas, quotes left aside."""
    return {"type": "string", "pattern": _LISTABLE} if isinstance(datatype, Text) else schema_of(datatype, "address")


def term_pattern(datatype: DataType) -> str | None:
    """The form of a value within ``or=(...)``; None for values that have no plain form there."""
    if isinstance(datatype, Text):
        return '(?:[A-Za-z0-9 _%-]*|"[^"\\\\\\u0000]*")'
    if isinstance(datatype, Enumeration):
        return _either(str(value) for value in datatype.values)
    return _IN_TERMS.get(type(datatype))


_IN_TERMS: dict[type[DataType], str] = {
    Integer: "-?[0-9]{1,18}",
    Boolean: "(?:true|false)",
    Float: r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?",
    Decimal: "-?[0-9]{1,9}",
    Date: f"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])",
    Time: _OCLOCK,
    DateTime: f"{_YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T{_OCLOCK}Z",
    Duration: _LENGTH,
    Uuid: "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
}


def _either(words: Iterable[str]) -> str | None:
    plain = [word for word in words if word.replace("_", "").replace("-", "").isalnum()]
    return f"(?:{'|'.join(plain)})" if plain else None


def _bounded(schema: Description, what: str, minimum: int, maximum: int | None) -> Description:
    if minimum:
        schema[f"min{what}"] = minimum
    if maximum is not None:
        schema[f"max{what}"] = maximum
    return schema


def _text(datatype: Text, use: Use) -> Description:
    schema: Description = {"type": "string"}
    if datatype.email:
        schema["format"] = "email"
    if datatype.url:
        schema["format"] = "uri"
    if use == "answer":
        return schema
    if datatype.url:
        schema["pattern"] = f"^{URL}$"
    elif not datatype.email:
        schema["pattern"] = _STORABLE
    if datatype.plain_text:
        schema["not"] = {"pattern": MARKUP}
    longest = 254 if datatype.email else URL_LENGTH if datatype.url else None
    maximum = longest if datatype.max_length is None else datatype.max_length
    return _bounded(schema, "Length", datatype.min_length, MAX_FILTER_LENGTH if use == "address" else maximum)


def _integer(datatype: Integer, use: Use) -> Description:
    schema: Description = {"type": "integer", "format": "int64"}
    if use != "answer":
        schema["minimum"] = INT64_MIN if datatype.minimum is None else datatype.minimum
        schema["maximum"] = INT64_MAX if datatype.maximum is None else datatype.maximum
    return schema


def _number(datatype: Float) -> Description:
    schema: Description = {"type": "number", "format": "double"}
    if datatype.minimum is not None:
        schema["minimum"] = datatype.minimum
    if datatype.maximum is not None:
        schema["maximum"] = datatype.maximum
    return schema


def _decimal(datatype: Decimal, use: Use) -> Description:
    whole = max(datatype.max_digits - datatype.places, 1)
    fraction = rf"(?:\.[0-9]{{1,{datatype.places}}})?" if datatype.places else ""
    text: Description = {"type": "string", "pattern": f"^-?[0-9]{{1,{whole}}}{fraction}$"}
    if use != "body":
        return text
    limits = {"at least": datatype.minimum, "at most": datatype.maximum}
    bounds = [f"{word} {bound}" for word, bound in limits.items() if bound is not None]
    if bounds:
        text["description"] = f"A number, {' and '.join(bounds)}"
    largest = 10**whole - 1
    number: Description = {
        "type": "integer",
        "minimum": -largest if datatype.minimum is None else int(datatype.minimum.__ceil__()),
        "maximum": largest if datatype.maximum is None else int(datatype.maximum.__floor__()),
    }
    return {"anyOf": [text, number]}


def _bytes(datatype: Bytes) -> Description:
    schema: Description = {"type": "string", "contentEncoding": "base64", "pattern": f"^{_BASE64}$"}
    if datatype.max_length is not None:
        schema["maxLength"] = (datatype.max_length + 2) // 3 * 4
    if datatype.min_length:
        schema["minLength"] = (datatype.min_length + 2) // 3 * 4
    return schema


def _plain(datatype: DataType, use: Use) -> Description:
    strict = use != "answer"
    if isinstance(datatype, Boolean):
        return {"type": "boolean"}
    if isinstance(datatype, DateTime):
        return {"type": "string", "format": "date-time", **_pattern(f"{_DAY}[Tt]{_OCLOCK}{_ZONE}", strict)}
    if isinstance(datatype, Date):
        return {"type": "string", "format": "date", **_pattern(_DAY, strict)}
    if isinstance(datatype, Time):
        return {"type": "string", "pattern": f"^{_OCLOCK if strict else CLOCK}$"}
    if isinstance(datatype, Duration):
        # No format: that of JSON Schema knows no length below nothing.
        return {"type": "string", "pattern": f"^{_LENGTH if strict else _ANY_LENGTH}$"}
    if isinstance(datatype, Uuid):
        return {"type": "string", "format": "uuid"}
    assert isinstance(datatype, Json)
    kinds = ["object", "array", "string", "number", "boolean"]
    return {"type": kinds, "$ref": f"#/components/schemas/{JSON_VALUE}"} if strict else {"type": kinds}


def _model(datatype: Model) -> Description:
    schema = cast("Description", datatype.model.model_json_schema())
    # Definitions of its own would have to stand among the document's; the outline is enough where there are some.
    return {"type": "object", "title": datatype.model.__name__} if "$defs" in schema else schema


def _pattern(text: str, wanted: bool) -> Description:
    return {"pattern": f"^{text}$"} if wanted else {}
