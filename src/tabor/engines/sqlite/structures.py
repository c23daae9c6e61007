"""Changes of lists and JSON for SQL: what SQLite's own functions do, with objects written as everywhere else.

Each takes the texts of whole values and works for microseconds where these are small, as they are in a row.
"""

from __future__ import annotations

from collections.abc import Iterable
from json import JSONDecoder, JSONEncoder
from typing import Any, cast

from tabor.compile.sqlite.structures import JSON_WITH, JSON_WITHOUT, LIST_JOINED, LIST_WITHOUT
from tabor.engines.sqlite.driver import Connection

_from_json = JSONDecoder().decode
# Sorted, so that two equal objects are equal texts.
_to_json = JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, sort_keys=True).encode


def list_joined(one: str | None, two: str | None) -> str | None:
    """The items of both lists.

    >>> list_joined('["a"]', '["b"]')
    '["a","b"]'
    """
    if one is None or two is None:
        return None
    return _to_json([*_from_json(one), *_from_json(two)])


def list_without(items: str | None, unwanted: str) -> str | None:
    """The list without what is equal to the only item of another list.

    >>> list_without('["a","b","a"]', '["a"]')
    '["b"]'
    """
    if items is None:
        return None
    (item,) = map(_to_json, _from_json(unwanted))
    return _to_json([one for one in _from_json(items) if _to_json(one) != item])


def json_with(whole: str | None, path: str, value: str | None) -> str | None:
    """The JSON value with another one at the end of a path of keys, objects on the way made where there are none.

    >>> json_with('{"b":1}', '["a","c"]', "[2]")
    '{"a":{"c":[2]},"b":1}'
    """
    if whole is None:
        return None
    found: Any = _from_json(whole)
    *way, last = _from_json(path)
    there = _object_at(found, way, made=True)
    if there is not None:
        there[last] = None if value is None else _from_json(value)
    return whole if there is None else _to_json(found)


def json_without(whole: str | None, path: str) -> str | None:
    """The JSON value without the key at the end of a path of keys.

    >>> json_without('{"a":{"c":2},"b":1}', '["a","c"]')
    '{"a":{},"b":1}'
    """
    if whole is None:
        return None
    found: Any = _from_json(whole)
    *way, last = _from_json(path)
    there = _object_at(found, way, made=False)
    if there is not None:
        there.pop(last, None)
    return _to_json(found)


def _object_at(found: Any, way: Iterable[str], *, made: bool) -> dict[str, Any] | None:
    """The object at the end of a path of keys, ``made`` where there is none; None where something else stands there."""
    there = found
    for key in way:
        if not isinstance(there, dict):
            return None
        there = cast("dict[str, Any]", there)
        there = there.setdefault(key, {}) if made else there.get(key)
    return cast("dict[str, Any]", there) if isinstance(there, dict) else None


def offer(connection: Connection) -> None:
    """Give the functions to a connection."""
    connection.create_scalar_function(LIST_JOINED, list_joined, 2, deterministic=True)
    connection.create_scalar_function(LIST_WITHOUT, list_without, 2, deterministic=True)
    connection.create_scalar_function(JSON_WITH, json_with, 3, deterministic=True)
    connection.create_scalar_function(JSON_WITHOUT, json_without, 2, deterministic=True)
