"""Which fields an answer shows: ``fields=title,creator.email`` as a tree, and the tree as a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Union

from tabor.query.conditions import Expression, shown_where
from tabor.query.document import Document, Fields, Nested
from tabor.rest.faults import Faults, suggestion
from tabor.rest.grammar import NotUnderstood, split_fields
from tabor.rest.names import Field, Guards, Hop, Names, conditions_of
from tabor.schema.many import Many

_PLACE = ("query", "fields")
MAX_FIELDS = 200

Branch = dict[str, Union[Field, "_Embedded"]]


class _Embedded:
    """The row behind a foreign key, as far as it is asked for."""

    __slots__ = ("hop", "shown")

    def __init__(self, hop: Hop | None) -> None:
        self.hop = hop
        self.shown: Branch = {}


class Selection:
    """The fields of an answer."""

    def __init__(self, shown: Branch) -> None:
        self._shown = shown

    def document(self, guards: Guards, keys: Sequence[Expression]) -> Document:
        """What to read of each row, for a caller with these guards."""
        return Document(_fields(self._shown, guards), keys)

    def steps(self) -> Iterator[Hop]:
        """The steps along foreign keys that it needs."""
        return _steps(self._shown)


def whole_row(names: Names) -> Selection:
    """Every field of the row itself, foreign keys as keys."""
    return Selection(dict(names.fields))


def relations_of(table: type) -> frozenset[str]:
    """The names of a table's to-many relations."""
    return frozenset([name for base in table.__mro__ for name, value in vars(base).items() if isinstance(value, Many)])


def read_selection(text: str, names: Names, relations: Collection[str], faults: Faults) -> Selection:
    """The fields that ``fields=text`` names; what is wrong goes to ``faults``.

    ``relations`` are the names of to-many relations, which cannot be embedded.
    """
    shown: Branch = {}
    try:
        paths = split_fields(text)
    except NotUnderstood as error:
        faults.meaningless(_PLACE, "malformed", f"fields: {error.reason}.")
        return Selection(shown)
    if len(paths) > MAX_FIELDS:
        faults.unacceptable(_PLACE, "too_many", f"fields: at most {MAX_FIELDS} fields, got {len(paths)}.")
        return Selection(shown)
    for path in paths:
        if path.partition(".")[0] in relations:
            message = f"{path.partition('.')[0]} is a list of related rows, which cannot be embedded; ask for them at their own address."
            faults.meaningless(_PLACE, "to_many", message)
            continue
        found = names.find(tuple(path.split(".")))
        if found.field is None or found.rest:
            unknown = found.rest[0]
            owner = f"{found.field.path} has" if found.field else "There is"
            faults.meaningless(_PLACE, "unknown_field", f"{owner} no field {unknown!r}{suggestion(unknown, found.known)}")
        elif not _added(shown, path, found.field):
            message = f"fields: {path!r} is named twice, or both as a key and as an object."
            faults.meaningless(_PLACE, "duplicate", message)
    return Selection(shown)


def _added(shown: Branch, path: str, field: Field) -> bool:
    """Put the field at its place in the tree; False where something is there already."""
    *ways, name = path.split(".")
    branch = shown
    for depth, way in enumerate(ways):
        hop = next((step for step in field.steps if step.path == ".".join(ways[: depth + 1])), None)
        child = branch.setdefault(way, _Embedded(hop))
        if not isinstance(child, _Embedded):
            return False
        child.hop = child.hop or hop
        branch = child.shown
    if name in branch:
        return False
    branch[name] = field
    return True


def _fields(branch: Branch, guards: Guards) -> Fields:
    return {name: _nested(item, guards) if isinstance(item, _Embedded) else item.expression for name, item in branch.items()}


def _nested(item: _Embedded, guards: Guards) -> Nested:
    """The object of a row; null where the row is not there, or is not seen."""
    fields = _fields(item.shown, guards)
    hop = item.hop
    if hop is None:
        # Only the key is asked for, and that stands in the row before: without a key there is no row.
        return Nested(fields, next(iter(item.shown.values())).expression)  # type: ignore[union-attr]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownArgumentType]  # a key is a field
    conditions = conditions_of([hop], guards)
    if not conditions and not hop.place.source.optional:
        return Nested(fields)
    key = hop.place.column(hop.place.facts.primary_key[0])
    return Nested(fields, shown_where(conditions, key))


def _steps(branch: Branch) -> Iterator[Hop]:
    for item in branch.values():
        if isinstance(item, _Embedded):
            if item.hop is not None:
                yield from item.hop.steps
            yield from _steps(item.shown)
