"""Bodies of writes: from JSON to checked values for columns, or everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from tabor.auth.policy import Caller
from tabor.datatypes import JsonValue
from tabor.errors import ConfigurationError, InvalidValue, SchemaError
from tabor.query.write import Setting
from tabor.rest.faults import Faults, suggestion
from tabor.rest.resource import ServerSet
from tabor.rest.values import Read, json_reader, steps_to
from tabor.schema.column import Column
from tabor.schema.facts import ColumnFacts, TableFacts
from tabor.schema.reference import Ref
from tabor.web.problems import Fault, ProblemException, validation


@dataclass(frozen=True, slots=True)
class _Entry:
    """How one field of a body is taken."""

    column: ColumnFacts
    read: Read
    nullable: bool
    refusal: str = ""
    """Why it may not stand in a body, empty where it may."""


class BodyReader:
    """Reads the bodies of one resource's writes.

    A new row takes every column that callers see, except those that the database or the server fills; a change takes
    the same without the key.  Raises ``SchemaError`` for a ``server_set`` column that the table does not have, and,
    where ``creates``, for a column that needs a value which nobody can give.
    """

    def __init__(self, facts: TableFacts, server_set: ServerSet, *, creates: bool) -> None:
        self._facts = facts
        self._version = next((name for name, column in facts.columns.items() if column.mark == "version"), "")
        self._server_set = dict(server_set)
        for name in server_set:
            if name not in facts.columns:
                message = f"server_set names {name!r}, and {facts.name} has no such column."
                raise SchemaError(message, table=facts.name, column=name)
        shown = {name: column for name, column in facts.columns.items() if not column.secret}
        self._new = {name: _entry(column, server_set, new=True) for name, column in shown.items()}
        self._change = {name: _entry(column, server_set, new=False) for name, column in shown.items()}
        self._columns = [facts.columns[node.name] for node in facts.insertable]
        # In the order of the columns, which is the order of complaints.
        self.required: tuple[str, ...] = tuple(
            [c.name for c in self._columns if c.required and c.name not in server_set and c.name in shown]
        )
        for column in self._columns:
            if creates and column.required and column.secret and column.name not in server_set:
                raise SchemaError(
                    f"{facts.name}.{column.name} is secret and needs a value, so no caller could create a row; "
                    f"give it a default or name it in server_set.",
                    table=facts.name,
                    column=column.name,
                )

    def writable(self, *, new: bool) -> list[ColumnFacts]:
        """The columns that a body may name."""
        return [entry.column for entry in (self._new if new else self._change).values() if not entry.refusal]

    def new_row(self, body: JsonValue, caller: Caller) -> tuple[object, ...]:
        """The values of the insertable columns, in order; raises ``ProblemException`` (422), ``NotSignedIn``."""
        given = self._read(body, self._new, self.required)
        return tuple([given[c.name] if c.name in given else self._filled(c, caller) for c in self._columns])

    def changes(self, body: JsonValue) -> list[Setting]:
        """The changes; raises ``ProblemException`` (422) for what cannot be taken and where nothing is changed."""
        given = self._read(body, self._change, ())
        if not given:
            message = "The change names no field."
            raise ProblemException(validation([Fault("/body", "empty", message)]))
        facts = self._facts
        given.pop(self._version, None)
        if not given:
            message = "The change names a version and no field to change."
            raise ProblemException(validation([Fault("/body", "empty", message)]))
        return [Column.at(facts.nodes[name], facts.table).to(value) for name, value in given.items()]

    def expected(self, body: JsonValue) -> int | None:
        """The version of the row that a change is about, where its body, which was read already, names one."""
        version = body.get(self._version) if isinstance(body, dict) else None
        return int(version) if isinstance(version, (int, float)) else None

    def _read(self, body: JsonValue, entries: Mapping[str, _Entry], required: Collection[str]) -> dict[str, object]:
        if not isinstance(body, dict):
            message = "The body must be one JSON object; each row is sent by itself."
            raise ProblemException(validation([Fault("/body", "not_an_object", message)]))
        given: dict[str, object] = {}
        faults: Faults | None = None
        for name, value in body.items():
            entry = entries.get(name)
            if entry is not None and not entry.refusal:
                if value is None and entry.nullable:
                    given[name] = None
                    continue
                if value is not None:
                    try:
                        given[name] = entry.read(value)
                        continue
                    except InvalidValue as error:
                        faults = faults or Faults()
                        faults.unacceptable(("body", name, *steps_to(error)), error.code, f"{name}: {error.reason}.")
                        continue
            faults = faults or Faults()
            _refused(name, entry, entries, faults)
        for name in required:
            if name not in body:
                faults = faults or Faults()
                faults.unacceptable(("body", name), "required", f"{name} is required.")
        if faults is not None:
            faults.settle()
        return given

    def _filled(self, column: ColumnFacts, caller: Caller) -> object:
        """The value that the server gives a column of a new row."""
        make = self._server_set.get(column.name)
        if make is None:
            return column.default if column.default_factory is None else column.default_factory()
        try:
            kept = self._facts.checks[column.name](make(caller))
        except InvalidValue as error:
            message = f"server_set of {column.name} gave what the column cannot hold: {error}"
            raise ConfigurationError(message) from error
        return kept.id if isinstance(kept, Ref) else kept  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]  # any key


def _entry(column: ColumnFacts, server_set: ServerSet, *, new: bool) -> _Entry:
    refusal = ""
    if column.name in server_set:
        refusal = "is set by the server and cannot be given"
    elif column.mark == "version" and not new:
        # A change may say which version it is about.
        refusal = ""
    elif column.read_only or (column.server_set and new) or (column.primary_key and not column.required):
        refusal = "is made by the server and cannot be given"
    elif column.primary_key and not new:
        refusal = "is the key and cannot be changed"
    return _Entry(column, json_reader(column.datatype), column.nullable, refusal)


def _refused(name: str, entry: _Entry | None, entries: Mapping[str, _Entry], faults: Faults) -> None:
    """Note why a field cannot be taken, or not without a value."""
    if entry is None:
        known = [known for known, other in entries.items() if not other.refusal]
        faults.unacceptable(("body", name), "unknown_field", f"There is no field {name!r}{suggestion(name, known)}")
    elif entry.refusal:
        faults.unacceptable(("body", name), "read_only", f"{name} {entry.refusal}.")
    else:
        faults.unacceptable(("body", name), "null", f"{name}: a value is needed here, not null.")
