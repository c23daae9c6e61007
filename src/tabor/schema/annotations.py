"""From annotations to datatypes: which kind of attribute an annotation declares, and what it can hold.

Annotations are resolved late, at the first use of a table, so that tables may name each other in any order.
"""

from __future__ import annotations

import ast
import builtins
import sys
import types
import typing
from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, Union, cast, get_args, get_origin

from typing_extensions import Format, get_annotations

from tabor.datatypes import SIMPLE, Array, DataType, Enumeration, Json, JsonValue, Model, is_model
from tabor.errors import SchemaError
from tabor.schema.facts import TableBase
from tabor.schema.types import AsJson

_by_name: dict[str, list[type[TableBase]]] = {}
_by_token: dict[int, type[TableBase]] = {}


def register(table: type[TableBase]) -> None:
    """Remember a declared table: for annotations inside a function that name it, and by the token of its source."""
    _by_name.setdefault(table.__name__, []).append(table)
    _by_token[table._token_] = table  # pyright: ignore[reportPrivateUsage]  # same room


def table_with(token: int) -> type[TableBase]:
    """The declared table with this token."""
    return _by_token[token]


def known_table(token: int) -> type[TableBase] | None:
    """The declared table with this token, or None where the rows are not those of a table."""
    return _by_token.get(token)


def owner_of(table: type[TableBase], name: str) -> type:
    """The class in which the attribute is annotated: its module is where the names are looked up."""
    for base in table.__mro__:
        if name in vars(base).get("__annotations__", {}) or name in _own_annotations(base):
            return base
    return table


def annotation_of(table: type[TableBase], name: str) -> object:
    """The annotation of an attribute of a table, wherever it was taken over from."""
    return _own_annotations(owner_of(table, name))[name]


def _own_annotations(base: type) -> Mapping[str, object]:
    return get_annotations(base, format=Format.FORWARDREF) if base is not object else {}


def head_of(annotation: object, namespace: dict[str, Any]) -> object:
    """The class before the brackets of an annotation (``Column`` of ``Column[int]``), or None if it is none."""
    if not isinstance(annotation, str):
        return get_origin(annotation) or annotation
    try:
        tree = ast.parse(annotation.strip(), mode="eval").body
    except SyntaxError:
        return None
    if isinstance(tree, ast.Subscript):
        tree = tree.value
    parts: list[str] = []
    while isinstance(tree, ast.Attribute):
        parts.append(tree.attr)
        tree = tree.value
    if not isinstance(tree, ast.Name):
        return None
    found: object = namespace.get(tree.id)
    for part in reversed(parts):
        found = getattr(found, part, None)
    return found


def argument_of(annotation: object, owner: type, place: str) -> tuple[object, bool]:
    """The first type in the brackets of an annotation and whether None is allowed beside it.

    Raises ``SchemaError`` for a name that cannot be found or an annotation without a type.
    """
    resolved = _resolve(annotation, owner, place) if isinstance(annotation, str) else annotation
    args = get_args(resolved)
    if not args:
        raise SchemaError(f"{place} needs a type in brackets, such as Column[str].")
    inner: object = args[0]
    if isinstance(inner, typing.ForwardRef):
        inner = _resolve(inner.__forward_arg__, owner, place)
    elif isinstance(inner, str):
        inner = _resolve(inner, owner, place)
    if _any_json(inner):
        return JsonValue, True
    if get_origin(inner) in (Union, types.UnionType):
        members = [m for m in get_args(inner) if m is not type(None)]
        nullable = len(members) < len(get_args(inner))
        if len(members) != 1:
            raise SchemaError(f"{place} may hold one type, or one type and None; got {inner}.")
        return members[0], nullable
    return inner, False


def datatype_of(python_type: object, place: str) -> DataType:
    """The datatype for a Python type; raises ``SchemaError`` for a type that no column can hold."""
    if get_origin(python_type) is Annotated:
        return _annotated(python_type, place)
    if _any_json(python_type):
        return Json()
    if isinstance(python_type, type) and not get_args(python_type):
        known = SIMPLE.get(python_type)
        if known is not None:
            return known
        if issubclass(python_type, Enum):
            return _enumeration(python_type, place)
        if python_type is dict:
            return Json()
    if get_origin(python_type) is dict:
        return Json()
    if get_origin(python_type) is list:
        return _array(get_args(python_type)[0], place)
    raise SchemaError(
        f"{place}: a column cannot hold {python_type!r}. It can hold int, float, bool, str, bytes, Decimal, date, "
        f"time, datetime, timedelta, UUID, an Enum, dict[str, object], JsonValue, Json[Model] of a pydantic model, "
        f"or a list of one of them."
    )


def _any_json(kind: object) -> bool:
    """Whether a type is ``JsonValue``, or pydantic's alias of that name, which means the same."""
    named = (getattr(kind, "__module__", ""), getattr(kind, "__name__", ""))
    return kind == JsonValue or named == ("pydantic.types", "JsonValue")


def _annotated(python_type: object, place: str) -> DataType:
    """The datatype of ``Email``, ``Json[Model]`` and the like; other marks are passed over."""
    kind, *marks = get_args(python_type)
    for mark in marks:
        if isinstance(mark, DataType):
            return mark
        if isinstance(mark, AsJson):
            if not is_model(kind):
                raise SchemaError(f"{place}: Json[...] takes a pydantic model, got {kind!r}.")
            return Model(kind)
    return datatype_of(kind, place)


def _array(item: object, place: str) -> DataType:
    nullable = False
    if get_origin(item) in (Union, types.UnionType) and item != JsonValue:
        members = [m for m in get_args(item) if m is not type(None)]
        nullable = len(members) < len(get_args(item))
        item = members[0] if len(members) == 1 else item
    if item is object or item is Any:
        return Json()
    return Array(datatype_of(item, place), nullable_items=nullable)


def _enumeration(enum: type[Enum], place: str) -> DataType:
    values: list[object] = [member.value for member in enum]
    if values and all(isinstance(v, str) for v in values):
        return Enumeration(enum)
    if values and all(isinstance(v, int) and not isinstance(v, bool) for v in values):
        return Enumeration(enum, integers=True)
    raise SchemaError(f"{place}: the members of {enum.__name__} must all be text or all be whole numbers.")


class _Names(dict[str, Any]):
    """Names for resolving annotations: the module's, then tables declared beside the owner."""

    def __init__(self, owner: type, module: dict[str, Any]) -> None:
        super().__init__()
        self._owner = owner
        self._module = module

    def __missing__(self, name: str) -> object:
        if name == self._owner.__name__:
            return self._owner
        beside = _table_beside(self._owner, name)
        if beside is not None:
            return beside
        if name in self._module:
            return cast("object", self._module[name])
        raise KeyError(name)


def _table_beside(owner: type, name: str) -> object:
    """The latest table called ``name`` that was declared in the same function as ``owner``."""
    scope = owner.__qualname__.rpartition(".")[0]
    if not scope:
        return None
    for table in reversed(_by_name.get(name, [])):
        if table.__module__ == owner.__module__ and table.__qualname__.rpartition(".")[0] == scope:
            return table
    return None


def _resolve(annotation: str, owner: type, place: str) -> object:
    module = vars(sys.modules[owner.__module__]) if owner.__module__ in sys.modules else {}
    try:
        # The text is the developer's own annotation, evaluated as typing.get_type_hints would.
        return eval(annotation, dict(vars(builtins)), _Names(owner, module))  # noqa: S307
    except NameError as error:
        raise SchemaError(
            f"{place} is annotated {annotation!r}, and {error.name!r} cannot be found. Define or import it at the top "
            f"level of the module {owner.__module__} (not under TYPE_CHECKING)."
        ) from error
