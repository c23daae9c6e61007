"""``into()``: what takes the values of each row, held against the columns when the query is built."""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Hashable, Sequence
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from tabor.datatypes import SIMPLE, Array, DataType, Enumeration, Json, Model, is_model
from tabor.errors import QueryError
from tabor.query.selection import name_of
from tabor.tree.calls import Named
from tabor.tree.nodes import ColumnNode, Entity, Node, Source
from tabor.tree.related import Collection

Make = Callable[..., Any]
KEPT = 1_000
_PYTHON: dict[type[DataType], type] = {type(datatype): kind for kind, datatype in SIMPLE.items()}
_UNKNOWN = object()
_fitting: dict[object, tuple[str, ...]] = {}
"""What was held against columns before, with the names by which it takes values if not by their places."""


class Parameter(NamedTuple):
    """Where a value of a row goes: its name, its annotation if there is a plain one, and whether it has to be given."""

    name: str
    hint: object = _UNKNOWN
    required: bool = True


def fitted(make: Any, columns: Sequence[Node], key: Hashable) -> Make:
    """The function that takes the values of these columns in their order.

    ``key`` stands for the columns.  Raises ``QueryError`` where their number, order, types or the possibility of None
    do not fit the parameters of a class or function, or the fields of a pydantic model.
    """
    if Named in map(type, columns):
        # Names are no part of the key.
        key = (key, tuple(map(name_of, columns)))
    same = (_identity(make), key)
    names = _fitting.get(same)
    if names is None:
        if len(_fitting) >= KEPT:
            _fitting.clear()
        names = _fitting[same] = _checked(make, columns)
    return _by_name(make, names) if names else make


def _identity(make: object) -> object:
    """What stands for a class or function: one that is written down in a handler is made anew, its code is not."""
    code = getattr(make, "__code__", None)
    if code is not None:
        return code, hasattr(make, "__self__"), len(getattr(make, "__defaults__", None) or ())
    return ("one of", type(make)) if type(make).__hash__ is None else make


def _checked(make: Any, columns: Sequence[Node]) -> tuple[str, ...]:
    model = is_model(make)
    parameters, rest = _fields(make) if model else _parameters(make)
    name = getattr(make, "__name__", repr(make))
    names = [name_of(column) for column in columns]
    wanted = [parameter.name for parameter in parameters]
    if len(names) < sum(parameter.required for parameter in parameters) or (len(names) > len(wanted) and not rest):
        raise QueryError(
            f"{name} takes {len(wanted)} values ({', '.join(wanted)}), and the query gives {len(names)}: "
            f"{', '.join(names)}."
        )
    _check_order(name, wanted, [each.rpartition(".")[2] for each in names])
    for parameter, column, given in zip(parameters, columns, names, strict=False):
        reason = _misfit(parameter.hint, column, lenient=model)
        if reason:
            raise QueryError(f"{name} takes {_shown(parameter.hint)} for {parameter.name}, and {given} {reason}.")
    return tuple(wanted) if model else ()


def _check_order(name: str, wanted: Sequence[str], given: Sequence[str]) -> None:
    """Raise ``QueryError`` for a parameter that has the name of another column than the one that it would get."""
    for place, parameter in enumerate(wanted[: len(given)]):
        if given[place] != parameter and given.count(parameter) == 1:
            raise QueryError(
                f"{name} takes {parameter} as value {place + 1}, and the query gives it as value "
                f"{given.index(parameter) + 1}; select in the order of {name}: {', '.join(wanted)}."
            )


def _by_name(make: Make, names: Sequence[str]) -> Make:
    return lambda *values: make(**dict(zip(names, values, strict=False)))


def _fields(model: Any) -> tuple[list[Parameter], bool]:
    """The fields of a pydantic model under the names that its constructor takes."""
    fields = model.model_fields.items()
    return [Parameter(_alias(field) or name, field.annotation, field.is_required()) for name, field in fields], False


def _alias(field: Any) -> str:
    alias = field.validation_alias or field.alias
    return alias if isinstance(alias, str) else ""


def _parameters(make: Any) -> tuple[list[Parameter], bool]:
    """The parameters that take values by their places, and whether any number of values more is taken."""
    try:
        found = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):
        return [], True  # what is written in C may tell nothing of itself
    hints = _hints(make)
    places = [p for p in found if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    by_name = [p.name for p in found if p.kind is p.KEYWORD_ONLY and p.default is p.empty]
    if by_name:
        name = getattr(make, "__name__", repr(make))
        raise QueryError(f"{name} takes {', '.join(by_name)} by name alone, and into() gives values by their places.")
    rest = any(p.kind is p.VAR_POSITIONAL for p in found)
    return [Parameter(p.name, hints.get(p.name, _UNKNOWN), p.default is p.empty) for p in places], rest


def _hints(make: Any) -> dict[str, Any]:
    """The annotations of the parameters, as far as they can be resolved."""
    init = getattr(make, "__init__", None)
    source = make
    if isinstance(make, type) and not hasattr(make, "__dataclass_fields__") and not hasattr(make, "_fields"):
        source = init
    try:
        return get_type_hints(source)
    except (NameError, TypeError, AttributeError):
        return {}


def _misfit(hint: object, column: Node, *, lenient: bool) -> str:
    """Why a value of the column is none for a parameter; empty where it is one, or where nobody knows."""
    options = _options(hint)
    if options is None:
        return ""
    if _may_be_none(column) and type(None) not in options:
        return "may be None"
    kind = _kind_of(column)
    if kind is None or any(_takes(option, kind) for option in options):
        return ""
    # A pydantic model makes many types of others, but nothing into text.
    if lenient and str not in options:
        return ""
    return f"is {kind.__name__}"


def _options(hint: object) -> tuple[type, ...] | None:
    """The classes whose instances fit an annotation; None where it says something else."""
    if get_origin(hint) is Annotated:
        hint = get_args(hint)[0]
    if hint is None:
        return (type(None),)
    if get_origin(hint) in (Union, types.UnionType):
        found: list[type] = []
        for part in get_args(hint):
            options = _options(part)
            if options is None:
                return None
            found += options
        return tuple(found)
    plain = get_origin(hint) or hint
    if not isinstance(plain, type) or plain is object or getattr(plain, "_is_protocol", False):
        return None
    return (plain,)


def _takes(option: type, kind: type) -> bool:
    return issubclass(kind, option) or (option is float and kind is int) or (option is complex and kind in (int, float))


def _kind_of(column: Node) -> type | None:
    """The class of the values of a column; None where it may be one of several."""
    if isinstance(column, Entity):
        table = getattr(column.row, "table", None)
        return table if isinstance(table, type) else None
    datatype = column.datatype
    if isinstance(column, Collection) or isinstance(datatype, Array):
        return list
    if isinstance(datatype, Model):
        return datatype.model
    if isinstance(datatype, Json):
        return None
    return datatype.enum if isinstance(datatype, Enumeration) else _PYTHON.get(type(datatype))


def _may_be_none(column: Node) -> bool:
    if isinstance(column, Collection):
        return False
    source: Source | None = column.source if isinstance(column, ColumnNode) else None
    optional = False
    while source is not None:
        optional |= source.optional
        source = source.parent
    return column.nullable or optional


def _shown(hint: object) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint).replace("typing.", "")
