"""Strict JSON: text in, plain values out, and for anything else the place and what is wrong there.

Stricter than RFC 8259, in the spirit of I-JSON (RFC 7493): no duplicate names, no NaN or Infinity and no number that
would become one, whole numbers within 64 bits, no lone surrogates, no NUL, 32 levels at most.
One pass of the C scanner decides about a body without fault; only a body with one is read again to find its place.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from json import JSONDecodeError, JSONDecoder
from typing import Never, cast

from tabor.datatypes import INT64_MAX, INT64_MIN, JsonValue
from tabor.web.limits import JSON_DEPTH
from tabor.web.problems import Fault, ProblemException, malformed, pointer

_WHITE_SPACE = " \t\n\r"
_TOO_DEEP = f"JSON may nest {JSON_DEPTH} levels deep at most"
_INT64_DIGITS = 18  # numerals of up to so many characters fit into 64 bits whatever they are
# An escape that may stand for NUL or half of a pair; whether it does, only the parsed text tells.
_RISKY_ESCAPE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse_json(body: bytes) -> JsonValue:
    """The value that ``body`` holds, in UTF-8.

    Raises ``ProblemException`` (400) with the pointer and what is wrong there.

    >>> parse_json(b'{"title": "Stage", "capacity": 1200}')
    {'title': 'Stage', 'capacity': 1200}
    """
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise _refusal((), "not_utf8", f"The body is not UTF-8 at byte {error.start}") from None
    try:
        value = _decode(_STRICT, text)
    except _Suspect:
        raise _refusal(*_find_fault(text)) from None
    # An opening bracket for each level is the least that nesting takes, so few of them need no look at the levels.
    if body.count(b"[") + body.count(b"{") > JSON_DEPTH and _is_too_deep(value):
        raise _refusal(*_find_fault(text))
    if "\\" in text and _RISKY_ESCAPE.search(text) and _has_unstorable_text(value):
        raise _refusal(*_find_fault(text))
    return value


class _Suspect(Exception):
    """The first pass met something that may not be; the second says where."""


class _Fault:
    """Stands in the second pass for a number that may not be."""

    __slots__ = ("code", "message")

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message


class _Pairs:
    """Stands in the second pass for an object, with the names as they came."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        self.pairs = pairs


def _decode(decoder: JSONDecoder, text: str) -> JsonValue:
    try:
        value, end = cast("tuple[JsonValue, int]", decoder.raw_decode(text))
        if end == len(text) or not text[end:].strip(_WHITE_SPACE):
            return value
    except JSONDecodeError:
        pass  # white space before the value, which only decode() takes, or a fault, which it tells
    except RecursionError:
        raise _refusal((), "too_deep", _TOO_DEEP) from None
    return _decode_slowly(decoder, text)


def _decode_slowly(decoder: JSONDecoder, text: str) -> JsonValue:
    try:
        return cast("JsonValue", decoder.decode(text))
    except JSONDecodeError as error:
        if not text.strip(_WHITE_SPACE):
            raise _refusal((), "empty", "The body is empty; send JSON") from None
        message = f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}"
        raise _refusal((), "invalid_json", message) from None
    except RecursionError:
        raise _refusal((), "too_deep", _TOO_DEEP) from None


def _unique_names(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Suspect
    return value


def _whole_number(numeral: str) -> int:
    if len(numeral) <= _INT64_DIGITS:
        return int(numeral)
    if len(numeral) > 20 or not INT64_MIN <= int(numeral) <= INT64_MAX:
        raise _Suspect
    return int(numeral)


def _fraction(numeral: str) -> float:
    number = float(numeral)
    if math.isinf(number):
        raise _Suspect
    return number


def _constant(name: str) -> Never:
    raise _Suspect


def _marked_whole_number(numeral: str) -> int | _Fault:
    try:
        return _whole_number(numeral)
    except _Suspect:
        return _Fault("out_of_range", "The whole number does not fit into 64 bits")


def _marked_fraction(numeral: str) -> float | _Fault:
    try:
        return _fraction(numeral)
    except _Suspect:
        return _Fault("not_finite", "The number is too large")


def _marked_constant(name: str) -> _Fault:
    return _Fault("not_finite", f"{name} is no JSON value")


_STRICT = JSONDecoder(
    object_pairs_hook=_unique_names, parse_int=_whole_number, parse_float=_fraction, parse_constant=_constant
)
_MARKING = JSONDecoder(
    object_pairs_hook=_Pairs,
    parse_int=_marked_whole_number,
    parse_float=_marked_fraction,
    parse_constant=_marked_constant,
)


def _is_too_deep(value: JsonValue) -> bool:
    level: list[JsonValue] = [value]
    for _ in range(JSON_DEPTH):
        level = [item for container in level for item in _items(container)]
    return any(isinstance(item, (dict, list)) for item in level)


def _items(value: JsonValue) -> Iterable[JsonValue]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _has_unstorable_text(value: JsonValue) -> bool:
    if isinstance(value, str):
        return _UNSTORABLE.search(value) is not None
    if isinstance(value, dict) and any(_UNSTORABLE.search(name) for name in value):
        return True
    return any(_has_unstorable_text(item) for item in _items(value))


_Found = tuple[tuple[str | int, ...], str, str]


def _find_fault(text: str) -> _Found:
    """Place, code and message of the first fault in a text that has one."""
    found = _fault_in(_decode(_MARKING, text), ())
    assert found is not None, "the first pass found a fault that the second does not see"
    return found


def _fault_in(value: object, path: tuple[str | int, ...]) -> _Found | None:
    if isinstance(value, _Fault):
        return path, value.code, value.message
    if isinstance(value, str):
        return _fault_in_text(value, path)
    if not isinstance(value, (list, _Pairs)):
        return None
    if len(path) >= JSON_DEPTH:
        return path, "too_deep", _TOO_DEEP
    if isinstance(value, _Pairs):
        return _fault_in_object(value.pairs, path)
    items = cast("list[object]", value)
    return next((found for index, item in enumerate(items) if (found := _fault_in(item, (*path, index)))), None)


def _fault_in_object(pairs: list[tuple[str, object]], path: tuple[str | int, ...]) -> _Found | None:
    seen: set[str] = set()
    for name, item in pairs:
        if found := _fault_in_text(name, path):
            return found
        if name in seen:
            return (*path, name), "duplicate_name", "The object has this name twice"
        seen.add(name)
        if found := _fault_in(item, (*path, name)):
            return found
    return None


def _fault_in_text(text: str, path: tuple[str | int, ...]) -> _Found | None:
    if _UNSTORABLE.search(text):
        return path, "bad_character", "Text may not contain NUL or lone surrogates"
    return None


def _refusal(path: tuple[str | int, ...], code: str, message: str) -> ProblemException:
    detail = f"{message}."
    return ProblemException(malformed(detail, [Fault(pointer("body", *path), code, detail)]))
