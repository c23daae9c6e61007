"""Lists and JSON as SQLite searches them: both are JSON text."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.sqlite.numbers import Spell
from tabor.datatypes import Boolean, Decimal, Json
from tabor.tree.nodes import Operation

LIST_JOINED, LIST_WITHOUT = "tabor_list_joined", "tabor_list_without"
JSON_WITH, JSON_WITHOUT = "tabor_json_with", "tabor_json_without"
"""Functions that the engine gives to each connection: SQLite's own keep no order of keys, by which equal values are
equal texts."""
_KINDS = {
    "json_text": ("'text'",),
    "json_integer": ("'integer'",),
    "json_float": ("'integer'", "'real'"),
    "json_boolean": ("'true'", "'false'"),
}
_PLACE = "CASE typeof({0}.key) WHEN 'integer' THEN {0}.path || '[]' ELSE {0}.fullkey END"
_STRUCTURE = "(typeof({0}.key) = 'integer' AND {0}.type IN ('array', 'object'))"
_BENEATH = "substr({0}.fullkey, 1, length({1}.fullkey)) = {1}.fullkey"
_KIND = "CASE {0}.type WHEN 'integer' THEN 'real' ELSE {0}.type END"


def _plain(args: Sequence[str], node: Operation) -> str:
    base, path = args
    found = f"json_extract({base}, {path})"
    if node.op == "json_float":
        found = f"CAST({found} AS REAL)"
    return f"CASE WHEN json_type({base}, {path}) IN ({', '.join(_KINDS[node.op])}) THEN {found} END"


def _contains(args: Sequence[str], node: Operation) -> str:
    base, part, depth = args
    found = _contained(base, part, int(depth))
    return f"CASE WHEN {base} IS NOT NULL THEN {found} END" if node.args[0].nullable else f"({found})"


def _contained(base: str, part: str, depth: int) -> str:
    """Whether all that is in one JSON value is at the same place of another, at any index of its lists.

    Objects and lists that are items of lists are compared as wholes, so many levels down as ``depth`` says.
    """
    there, wanted = (f"there{depth}", f"wanted{depth}") if depth else ("there", "wanted")
    same = [f"{text.format(there)} = {text.format(wanted)}" for text in (_PLACE, _KIND)]
    alike = f"{there}.atom IS {wanted}.atom"
    own = ""
    if depth:
        inner = _contained(f"{there}.value", f"{wanted}.value", depth - 1)
        alike = f"CASE WHEN {_STRUCTURE.format(wanted)} THEN {inner} ELSE {alike} END"
        within = f"{_STRUCTURE.format('above')} AND above.id <> {wanted}.id AND {_BENEATH.format(wanted, 'above')}"
        own = f"NOT EXISTS (SELECT 1 FROM json_tree({wanted}.json) AS above WHERE {within}) AND "
    missing = f"NOT EXISTS (SELECT 1 FROM json_tree({base}) AS {there} WHERE {' AND '.join([*same, alike])})"
    return f"NOT EXISTS (SELECT 1 FROM json_tree({part}) AS {wanted} WHERE {own}{missing})"


def _has(args: Sequence[str], node: Operation) -> str:
    found = f"EXISTS (SELECT 1 FROM json_each({args[0]}) AS item WHERE item.value = {args[1]})"
    return f"CASE WHEN {args[0]} IS NOT NULL THEN {found} END" if node.args[0].nullable else found


def _has_key(args: Sequence[str], node: Operation) -> str:
    found = f"(json_type({args[0]}, {args[1]}) IS NOT NULL)"
    return f"CASE WHEN {args[0]} IS NOT NULL THEN {found} END" if node.args[0].nullable else found


def _has_any(args: Sequence[str], node: Operation) -> str:
    items, wanted = args
    found = f"SELECT 1 FROM json_each({items}) AS item JOIN json_each({wanted}) AS wanted ON item.value = wanted.value"
    return f"CASE WHEN {items} IS NOT NULL THEN EXISTS ({found}) END" if node.nullable else f"(EXISTS ({found}))"


def _has_all(args: Sequence[str], node: Operation) -> str:
    items, wanted = args
    there = f"EXISTS (SELECT 1 FROM json_each({items}) AS item WHERE item.value = wanted.value)"
    found = f"NOT EXISTS (SELECT 1 FROM json_each({wanted}) AS wanted WHERE NOT {there})"
    return f"CASE WHEN {items} IS NOT NULL THEN {found} END" if node.nullable else f"({found})"


def _item(args: Sequence[str], node: Operation) -> str:
    path = "'$[#-'" if node.op == "item_from_end" else "'$['"
    text = f"{args[0]}, {path} || {args[1]} || ']'"
    if isinstance(node.datatype, Json):
        return f"({args[0]} -> ({path} || {args[1]} || ']'))"
    if isinstance(node.datatype, Decimal):
        # The text has all its places: without its point it is the number of the smallest units.
        return f"CAST(replace(json_extract({text}), '.', '') AS INTEGER)"
    return f"json_extract({text})"


def _with(args: Sequence[str], node: Operation) -> str:
    base, path, value, _ = args
    datatype = node.args[2].datatype
    if isinstance(datatype, Boolean):
        value = f"CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    elif not isinstance(datatype, Json):
        value = f"json_quote({value})"
    return f"{JSON_WITH}({base}, {path}, {value})"


STRUCTURES: dict[str, Spell] = {
    **dict.fromkeys(_KINDS, _plain),
    "list_length": lambda args, node: f"json_array_length({args[0]})",
    "has": _has,
    "has_all": _has_all,
    "has_any": _has_any,
    "in_list": lambda args, node: f"({args[0]} IN (SELECT value FROM json_each({args[1]})))",
    "not_in_list": lambda args, node: f"({args[0]} NOT IN (SELECT value FROM json_each({args[1]})))",
    "list_joined": lambda args, node: f"{LIST_JOINED}({args[0]}, {args[1]})",
    "list_without": lambda args, node: f"{LIST_WITHOUT}({args[0]}, {args[1]})",
    "item": _item,
    "item_from_end": _item,
    "json_at": lambda args, node: f"({args[0]} -> {args[1]})",
    "json_contains": _contains,
    "json_has_key": _has_key,
    "json_with": _with,
    "json_without": lambda args, node: f"{JSON_WITHOUT}({args[0]}, {args[1]})",
    "json_valid": lambda args, node: f"(json_valid({args[0]}))",
}
