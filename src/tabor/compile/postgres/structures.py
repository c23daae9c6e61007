"""Lists and JSON as PostgreSQL searches them: arrays and ``jsonb``, paths as strict ``jsonpath``."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tabor.compile.postgres.numbers import Spell
from tabor.compile.postgres.types import native_array
from tabor.datatypes import Array, Json
from tabor.tree.nodes import ColumnNode, Operation
from tabor.tree.walk import of_one_row

_KINDS = {"json_text": "string", "json_integer": "number", "json_float": "number", "json_boolean": "boolean"}
_WHOLE = "^-?[0-9]+$"


def _at(args: Sequence[str], node: Operation) -> str:
    # Silent: where there is nothing at the end of the path there is no error but null.
    return f"jsonb_path_query_first({args[0]}, {args[1]}, '{{}}', true)"


def _plain(args: Sequence[str], node: Operation) -> str:
    found = _at(args, node)
    text = f"({found} #>> '{{}}')"
    if node.op == "json_integer":
        return f"CASE WHEN jsonb_typeof({found}) = 'number' AND {text} ~ '{_WHOLE}' THEN {text}::bigint END"
    made = {"json_text": f'{text} COLLATE "C"', "json_float": f"{text}::double precision"}
    value = made.get(node.op, f"{text}::boolean")
    return f"CASE jsonb_typeof({found}) WHEN '{_KINDS[node.op]}' THEN {value} END"


def _native(node: Operation) -> bool:
    datatype = node.args[0].datatype
    return isinstance(datatype, Array) and native_array(datatype)


def _has(args: Sequence[str], node: Operation) -> str:
    if _native(node):
        return f"({args[0]} @> ARRAY[{args[1]}])"
    items = f"jsonb_array_elements({args[0]}) AS items (item)"
    return _unless_null(args[0], node, f"EXISTS (SELECT 1 FROM {items} WHERE item = {args[1]}::jsonb)")


def _has_any(args: Sequence[str], node: Operation) -> str:
    if _native(node):
        return f"({args[0]} && {args[1]})"
    pairs = f"jsonb_array_elements({args[0]}) AS a (item) JOIN jsonb_array_elements({args[1]}) AS b (item)"
    return _unless_null(args[0], node, f"EXISTS (SELECT 1 FROM {pairs} ON a.item = b.item)")


def _has_all(args: Sequence[str], node: Operation) -> str:
    if _native(node):
        return f"({args[0]} @> {args[1]})"
    there = f"EXISTS (SELECT 1 FROM jsonb_array_elements({args[0]}) AS a (item) WHERE a.item = b.item)"
    missing = f"SELECT 1 FROM jsonb_array_elements({args[1]}) AS b (item) WHERE NOT {there}"
    return _unless_null(args[0], node, f"NOT EXISTS ({missing})")


def _unless_null(text: str, node: Operation, found: str) -> str:
    return f"CASE WHEN {text} IS NOT NULL THEN {found} END" if node.args[0].nullable else found


def _item(args: Sequence[str], node: Operation) -> str:
    items, index = args
    if isinstance(node.datatype, Json):
        return f"({items} -> ({'-' if node.op == 'item_from_end' else ''}{index})::int)"
    if node.op == "item_from_end":
        return f"({items})[cardinality({items}) + 1 - {index}]"
    return f"({items})[{index} + 1]"


def _joined(args: Sequence[str], node: Operation) -> str:
    # An array and null are the array here, and null everywhere else.
    text = f"({args[0]} || {args[1]})"
    tests = [f"{arg} IS NOT NULL" for arg, part in zip(args, node.args, strict=True) if part.nullable]
    return f"CASE WHEN {' AND '.join(tests)} THEN {text} END" if tests else text


def _without(args: Sequence[str], node: Operation) -> str:
    items, item = args
    if _native(node):
        return f"array_remove({items}, ({item})[1])"
    kept = f"jsonb_array_elements({items}) WITH ORDINALITY AS items (item, place) WHERE item <> {item} -> 0"
    found = f"(SELECT coalesce(jsonb_agg(item ORDER BY place), '[]') FROM {kept})"
    return _unless_null(items, node, found)


def _json_with(args: Sequence[str], node: Operation) -> str:
    base, path, value, depth = args
    return _changed(base, node, lambda whole: _with(whole, path, value, 1, int(depth)))


def _json_without(args: Sequence[str], node: Operation) -> str:
    base, path, depth = args
    return _changed(base, node, lambda whole: _less(whole, path, 1, int(depth)))


def _changed(base: str, node: Operation, change: Callable[[str], str]) -> str:
    """The change of a JSON value that its text names several times: of one that is computed, computed once."""
    given = node.args[0]
    if isinstance(given, ColumnNode) or not of_one_row(given):
        return change(base)
    return f"(SELECT {change('whole')} FROM (SELECT {base} AS whole) AS held)"


def _with(whole: str, path: str, value: str, place: int, depth: int) -> str:
    key = f"({path})[{place}]"
    inner = value if place == depth else _with(f"coalesce({whole} -> {key}, '{{}}')", path, value, place + 1, depth)
    return _of_object(whole, f"{whole} || jsonb_build_object({key}, {inner})")


def _less(whole: str, path: str, place: int, depth: int) -> str:
    key = f"({path})[{place}]"
    if place == depth:
        return _of_object(whole, f"{whole} - {key}")
    inner = _less(f"({whole} -> {key})", path, place + 1, depth)
    changed = f"CASE WHEN ({whole} -> {key}) IS NOT NULL THEN {whole} || jsonb_build_object({key}, {inner}) "
    return _of_object(whole, f"{changed}ELSE {whole} END")


def _of_object(whole: str, changed: str) -> str:
    return f"CASE jsonb_typeof({whole}) WHEN 'object' THEN {changed} ELSE {whole} END"


STRUCTURES: dict[str, Spell] = {
    **dict.fromkeys(_KINDS, _plain),
    "list_length": lambda args, node: f"cardinality({args[0]})" if _native(node) else f"jsonb_array_length({args[0]})",
    "has": _has,
    "has_all": _has_all,
    "has_any": _has_any,
    "in_list": lambda args, node: f"({args[0]} = ANY({args[1]}))",
    "not_in_list": lambda args, node: f"({args[0]} <> ALL({args[1]}))",
    "list_joined": _joined,
    "list_without": _without,
    "item": _item,
    "item_from_end": _item,
    "json_at": _at,
    "json_contains": lambda args, node: f"({args[0]} @> {args[1]})",
    "json_with": _json_with,
    "json_without": _json_without,
    "json_has_key": lambda args, node: _unless_null(args[0], node, f"({_at(args, node)} IS NOT NULL)"),
}
