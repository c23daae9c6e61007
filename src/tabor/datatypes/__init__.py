"""What a column can hold: frozen descriptions that also know which Python values they accept.

No SQL and no driver here.  Each description has a ``key`` (two descriptions with the same key travel and are
compiled alike), a ``label`` for people, and ``check``, which gives the value to keep or raises
``InvalidValue`` with a reason that fits after a column's name.
"""

from __future__ import annotations

from tabor.datatypes.base import DataType, brief, refuse_type
from tabor.datatypes.members import Enumeration, Uuid
from tabor.datatypes.models import Model, ModelLike, is_model
from tabor.datatypes.moments import Date, DateTime, Duration, Time
from tabor.datatypes.numbers import INT64_MAX, INT64_MIN, Boolean, Decimal, Float, Integer
from tabor.datatypes.paths import JsonPath
from tabor.datatypes.plain import BOOLEAN, SIMPLE
from tabor.datatypes.search import Alternative, Phrase, SearchQuery, alternatives
from tabor.datatypes.structures import JSON_DEPTH, Array, Json, JsonValue, check_json
from tabor.datatypes.text import Bytes, Pattern, Text

__all__ = [
    "BOOLEAN",
    "INT64_MAX",
    "INT64_MIN",
    "JSON_DEPTH",
    "SIMPLE",
    "Alternative",
    "Array",
    "Boolean",
    "Bytes",
    "DataType",
    "Date",
    "DateTime",
    "Decimal",
    "Duration",
    "Enumeration",
    "Float",
    "Integer",
    "Json",
    "JsonPath",
    "JsonValue",
    "Model",
    "ModelLike",
    "Pattern",
    "Phrase",
    "SearchQuery",
    "Text",
    "Time",
    "Uuid",
    "alternatives",
    "brief",
    "check_json",
    "is_model",
    "refuse_type",
]
