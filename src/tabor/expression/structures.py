"""Paths into JSON, what stands at their end and how it changes, and items of lists, as nodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import cast

from tabor.datatypes import (
    BOOLEAN,
    INT64_MAX,
    Array,
    Boolean,
    Bytes,
    DataType,
    Enumeration,
    Integer,
    Json,
    JsonPath,
    Model,
    Text,
    brief,
    check_json,
)
from tabor.errors import QueryError
from tabor.expression.operand import Operand, json_node
from tabor.tree.nodes import Constant, Node, Operation, Value

INTEGER = Integer()
TEXT = Text()
JSON = Json()
KEYS = Array()
PATH = JsonPath()
_DEEPEST = 8
_BEYOND = 2**31 - 2
"""No list has so many items; databases count them with 32 bits."""


def at(node: Node, key: object) -> Node:
    """What stands at a key of an object or at an index of a list, negative ones counted from the end."""
    if isinstance(node.datatype, Array):
        return _item(node, node.datatype, key)
    json_node(node, "[...]")
    if type(key) is not str and type(key) is not int:
        raise QueryError(f"A JSON value has text keys or whole indexes, got [{brief(key)}].")
    base, steps = _path(node)
    return Operation("json_at", (base, Value(PATH, (*steps, key))), JSON, nullable=True)


def _path(node: Node) -> tuple[Node, tuple[object, ...]]:
    """The JSON value from which a path starts, and its steps so far."""
    if isinstance(node, Operation) and node.op == "json_at":
        base, path = node.args
        return base, cast("tuple[object, ...]", path.values[0])
    return node, ()


def _item(node: Node, datatype: Array, index: object) -> Node:
    if type(index) is not int or not -INT64_MAX // 2 < index < INT64_MAX // 2:
        raise QueryError(f"A list has whole indexes, got [{brief(index)}].")
    if isinstance(datatype.item, (Array, Bytes)):
        raise QueryError(f"A list whose items are {datatype.item.label} each has no items to select one by one.")
    op, number = ("item", index) if index >= 0 else ("item_from_end", -index)
    number = min(number, _BEYOND)
    return Operation(op, (node, Value(INTEGER, number)), datatype.item, nullable=True)


def plain(op: str, node: Node, datatype: DataType) -> Node:
    """The JSON value as a plain one of a datatype; null where it is none."""
    base, steps = _path(json_node(node, "as_" + datatype.key.lower() + "()"))
    return Operation(op, (base, Value(PATH, steps)), datatype, nullable=True)


def has_key(node: Node, name: object) -> Node:
    """Whether a JSON object has a key."""
    if not isinstance(name, str):
        raise QueryError(f"has_key() takes a text, got {brief(name)}.")
    base, steps = _path(json_node(node, "has_key()"))
    return Operation("json_has_key", (base, Value(PATH, (*steps, name))), BOOLEAN)


def contains(node: Node, part: object) -> Node:
    """Whether a JSON object or list has everything that another has."""
    json_node(node, "contains_json()")
    if isinstance(part, (str, bytes)) or not isinstance(part, (Mapping, Sequence)):
        raise QueryError(f"contains_json() takes a dict or a list, got {brief(part)}.")
    given = cast("object", part if isinstance(part, Mapping) else list(cast("Sequence[object]", part)))
    check_json(given)
    wanted = deepcopy(given)  # a query does not change with what it was made of
    depth = _lists_deep(wanted)
    if depth > _DEEPEST:
        raise QueryError(f"contains_json() compares lists up to {_DEEPEST} deep in one another, got {depth}.")
    return Operation("json_contains", (node, Value(JSON, wanted), Constant(INTEGER, depth)), BOOLEAN)


def _lists_deep(part: object) -> int:
    """How many lists there are at most on the way from the whole to an object or a list that is an item."""
    if isinstance(part, dict):
        return max(map(_lists_deep, cast("dict[str, object]", part).values()), default=0)
    items = cast("list[object]", part) if isinstance(part, list) else []
    return max([1 + _lists_deep(item) for item in items if isinstance(item, (list, dict))], default=0)  # pyright: ignore[reportUnknownArgumentType]  # of whatever


def with_key(node: Node, path: Sequence[object], value: object) -> Node:
    """A JSON object with a value at the end of a path of keys, objects on the way made where there are none."""
    keys = _keys(node, path, "with_key")
    given = _kept(value)
    _check_at(keys, None if isinstance(value, Operand) else given.values[0])
    depth = Constant(INTEGER, len(keys))
    return Operation("json_with", (node, Value(KEYS, keys), given, depth), JSON, nullable=node.nullable)


def without_key(node: Node, path: Sequence[object]) -> Node:
    """A JSON object without the key at the end of a path of keys."""
    keys = _keys(node, path, "without_key")
    _check_at(keys, None)
    depth = Constant(INTEGER, len(keys))
    return Operation("json_without", (node, Value(KEYS, keys), depth), JSON, nullable=node.nullable)


def _keys(node: Node, path: Sequence[object], method: str) -> list[object]:
    """The keys of a path; raises ``QueryError`` for a node of which the whole is not told."""
    if isinstance(json_node(node, f"{method}()").datatype, Model):
        raise QueryError(
            f"{method}() does not know what fits {node.datatype.label}; read the row, change the field, and save it."
        )
    if isinstance(node, Operation) and node.op == "json_at":
        raise QueryError(
            f"{method}() gives the whole of what it is called on, which is a part here; name all keys on the "
            f"column: Event.details.{method}('address', 'city'{', value=...' if method == 'with_key' else ''})."
        )
    if not path:
        raise QueryError(f"{method}() needs a key, or several that lead to one through objects.")
    for key in path:
        if not isinstance(key, str):
            raise QueryError(f"{method}() takes keys of objects, which are texts, got {brief(key)}.")
    return list(path)


def _check_at(keys: Sequence[object], value: object) -> None:
    """Raise ``InvalidValue`` where the value, or where it would stand, is no JSON that can be kept."""
    for key in reversed(keys):
        value = {key: value}
    check_json(value)


def _kept(value: object) -> Node:
    """What is put into JSON: a value, or an expression that stands in JSON alike on every database."""
    if not isinstance(value, Operand):
        return Value(JSON, deepcopy(dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else value))
    node = value.node
    if isinstance(node.datatype, Model) or not isinstance(node.datatype, (Boolean, Enumeration, Integer, Json, Text)):
        raise QueryError(
            f"with_key() takes expressions of text, whole numbers, true and false, and JSON, not of "
            f"{node.datatype.label}; cast() it first."
        )
    return node
