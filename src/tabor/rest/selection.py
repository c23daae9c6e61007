"""Which fields an answer shows: ``fields=title,creator.email`` as a tree, and the tree as a document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Union

from tabor.query.conditions import Expression, shown_where
from tabor.query.document import Document, Fields, Nested
from tabor.rest.faults import Faults, unknown_field
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
    for index, path in enumerate(paths):
        if path in paths[:index]:
            faults.meaningless(_PLACE, "duplicate", f"fields: {path} is named twice.")
        if path.partition(".")[0] in relations:
            message = f"{path.partition('.')[0]} is a list of rows, which cannot be embedded; ask at their own address."
            faults.meaningless(_PLACE, "to_many", message)
            continue
        found = names.find(tuple(path.split(".")))
        if found.field is None or found.rest:
            owner = None if found.field is None else found.field.path
            faults.meaningless(_PLACE, "unknown_field", unknown_field(owner, found.rest[0], found.known))
        else:
            _add(shown, path, found.field)
    return Selection(shown)


def _add(shown: Branch, path: str, field: Field) -> None:
    """Put the field at its place in the tree; a foreign key that is asked for beside fields behind it joins them."""
    *ways, name = path.split(".")
    branch = shown
    for depth, way in enumerate(ways):
        there = branch.get(way)
        if not isinstance(there, _Embedded):
            embedded = branch[way] = _Embedded(None)
            if there is not None:
                _add_key(embedded, there)
            there = embedded
        there.hop = there.hop or next((step for step in field.steps if step.path == ".".join(ways[: depth + 1])), None)
        branch = there.shown
    there = branch.get(name)
    if isinstance(there, _Embedded):
        _add_key(there, field)
    else:
        branch[name] = field


def _add_key(embedded: _Embedded, key: Field) -> None:
    assert key.facts.key is not None
    embedded.shown.setdefault(key.facts.key.target_column, key)


def _fields(branch: Branch, guards: Guards) -> Fields:
    return {
        name: _nested(item, guards) if isinstance(item, _Embedded) else item.expression for name, item in branch.items()
    }


def _nested(item: _Embedded, guards: Guards) -> Nested:
    """The object of a row; null where the row is not there, or is not seen."""
    fields = _fields(item.shown, guards)
    hop = item.hop
    if hop is None:
        # Only the key is asked for, and that stands in the row before: without a key there is no row.
        (key,) = item.shown.values()
        assert isinstance(key, Field)
        return Nested(fields, key.expression)
    conditions = conditions_of([hop], guards)
    if not conditions and not hop.place.source.optional:
        return Nested(fields)
    present = hop.place.column(hop.place.facts.primary_key[0])
    return Nested(fields, shown_where(conditions, present))


def _steps(branch: Branch) -> Iterator[Hop]:
    for item in branch.values():
        if isinstance(item, _Embedded):
            if item.hop is not None:
                yield from item.hop.steps
            yield from _steps(item.shown)
