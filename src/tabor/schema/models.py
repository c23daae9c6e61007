"""Pydantic models made from a table: what a new row takes, what a change takes, and what a reader sees.

For endpoints of one's own; generated resources need none.  ``import tabor`` does not load this module.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from types import GenericAlias
from typing import Annotated, Any, ClassVar, Generic, Optional, Self, TypeVar, cast

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic import JsonValue as PydanticJson
from pydantic.fields import FieldInfo
from typing_extensions import Format, get_annotations

from tabor.datatypes import SIMPLE, Array, Bytes, DataType, DateTime, Enumeration, Float, Integer, Json, Model, Text
from tabor.errors import InvalidValue, SchemaError
from tabor.schema.facts import MISSING, ColumnFacts, TableFacts, facts_of
from tabor.schema.reference import key_in
from tabor.schema.table import Table

M = TypeVar("M", bound=Table)

_PYTHON = {type(datatype): kind for kind, datatype in SIMPLE.items()}


def _table_of(model: type[BaseModel]) -> type[Table] | None:
    """The table in the brackets of a model, or of its base; None for the bases themselves."""
    for base in model.__mro__:
        arguments = getattr(base, "__pydantic_generic_metadata__", {}).get("args", ())
        if arguments and isinstance(arguments[0], type) and issubclass(arguments[0], Table):
            return arguments[0]
    return None


def _field(column: ColumnFacts, *, partial: bool) -> FieldInfo:
    kind = annotation_of(column.datatype)
    if column.key is not None:
        kind = _marked(kind, BeforeValidator(key_in))
    if column.nullable:
        kind = Optional[kind]  # noqa: UP045 - of a value, not of a type written down
    info: dict[str, Any] = {"description": column.help or None}
    if partial:
        # Not required, and without a default in the JSON Schema: what is not given is not changed.
        info["default_factory"] = lambda: None
    elif column.default_factory is not None:
        info["default_factory"] = column.default_factory
    elif column.default is not MISSING:
        info["default"] = column.default
    made = cast("FieldInfo", Field(**info))
    return FieldInfo.from_annotated_attribute(kind, made)


def annotation_of(datatype: DataType) -> Any:
    """The annotation of a pydantic field that takes what a column of this type takes."""
    return _marked(_plain(datatype), Field(**_limits(datatype)), AfterValidator(_checked(datatype)))


def _marked(kind: Any, *marks: object) -> Any:
    return cast("Any", Annotated)[(kind, *marks)]


def _plain(datatype: DataType) -> Any:
    if isinstance(datatype, Model):
        return datatype.model
    if isinstance(datatype, Json):
        return PydanticJson
    if isinstance(datatype, Enumeration):
        return datatype.enum
    if isinstance(datatype, DateTime):
        return AwareDatetime
    if isinstance(datatype, Array):
        item = annotation_of(datatype.item)
        return GenericAlias(list, (Optional[item] if datatype.nullable_items else item,))  # noqa: UP045 - as above
    return _PYTHON[type(datatype)]


def _limits(datatype: DataType) -> dict[str, Any]:
    """The limits that a JSON Schema can say; the check of the column holds them all."""
    if isinstance(datatype, (Text, Bytes, Array)):
        return {"min_length": datatype.min_length or None, "max_length": datatype.max_length}
    if isinstance(datatype, (Integer, Float)):
        return {"ge": datatype.minimum, "le": datatype.maximum}
    return {}


def _checked(datatype: DataType) -> Any:
    check = datatype.check

    def checked(value: object) -> object:
        try:
            return check(value)
        except InvalidValue as error:
            raise ValueError(error.reason) from error

    return checked


class FromTable(BaseModel, Generic[M]):
    """What the three kinds share: a field for each column of the table, checked as the column checks."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", from_attributes=True)

    _facts: ClassVar[TableFacts]
    _partial: ClassVar[bool] = False
    _excluded: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, *, exclude: Collection[str] = (), **config: Any) -> None:
        super().__init_subclass__(**config)

    @classmethod
    def __pydantic_init_subclass__(cls, *, exclude: Collection[str] = (), **config: Any) -> None:
        super().__pydantic_init_subclass__(**config)
        table = _table_of(cls)
        if table is None:
            return
        cls._facts = facts_of(table)
        unknown = set(exclude) - cls._facts.columns.keys()
        if unknown:
            raise SchemaError(
                f"{cls.__name__} excludes {', '.join(sorted(unknown))}, and {table.__name__} has no such column."
            )
        cls._excluded |= frozenset(exclude)
        fields = cls.__pydantic_fields__
        for name in cls._excluded - get_annotations(cls, format=Format.FORWARDREF).keys():
            fields.pop(name, None)
        columns = [column for column in cls._columns() if column.name not in cls._excluded]
        for column in columns:
            if column.name not in fields:
                fields[column.name] = _field(column, partial=cls._partial)
        settings = cls.model_config
        if any(column.secret for column in columns):
            # A refusal is logged and shown, and would quote what was given.
            cls.model_config = settings.copy()
            cls.model_config["hide_input_in_errors"] = True
        cls.model_rebuild(force=True)
        if cls.__pydantic_generic_metadata__["args"]:
            # Read[Event] is also the base of models that may exclude what is secret.
            cls.model_config = settings

    @classmethod
    def _columns(cls) -> Iterable[ColumnFacts]:
        """The columns that are fields."""
        raise NotImplementedError

    def _given(self) -> dict[str, Any]:
        """The columns that were given, by name; those that took a default are not among them."""
        return {name: getattr(self, name) for name in self._facts.columns if name in self.model_fields_set}


class Create(FromTable[M]):
    """What a new row takes: every column that the database does not fill.

    ``exclude`` leaves columns out that the server gives.  Fields that the class declares itself stay as they are.

    Example::

        class NewEvent(Create[Event], exclude={"creator"}):
            \"\"\"What a new event takes.\"\"\"

        @app.post("/events")
        async def create(body: NewEvent, user: CurrentUser) -> ...:
            event = await Event.insert(body.to_row(creator=user)).one()
    """

    @classmethod
    def _columns(cls) -> Iterable[ColumnFacts]:
        return [c for c in cls._facts.columns.values() if not c.server_set and (c.required or not c.primary_key)]

    def to_row(self, **more: object) -> M:
        """A new row of these values and ``more``; raises ``InvalidValue`` for one that does not fit its column."""
        return cast("M", self._facts.build(self._facts.table, **self._given(), **more))


class Update(FromTable[M]):
    """What a change takes: any of the columns that may change, each of them only where it is given.

    Example: ``class EventChange(Update[Event]): ...``, then ``body.apply_to(event)`` and ``await event.save()``.
    """

    _partial: ClassVar[bool] = True

    @classmethod
    def _columns(cls) -> Iterable[ColumnFacts]:
        return [c for c in cls._facts.columns.values() if not (c.generated or c.read_only or c.primary_key)]

    def apply_to(self, row: M) -> None:
        """Set what was given on a row; raises ``InvalidValue`` for a value that does not fit its column."""
        for name, value in self._given().items():
            setattr(row, name, value)


class Read(FromTable[M]):
    """What a reader sees: every column but the secret ones; a foreign key is the key.

    Example: ``class EventOut(Read[Event]): ...``, then ``EventOut.from_row(event)``, or ``response_model=EventOut`` in
    FastAPI.
    """

    @classmethod
    def _columns(cls) -> Iterable[ColumnFacts]:
        return [c for c in cls._facts.columns.values() if not c.secret]

    @classmethod
    def from_row(cls, row: M) -> Self:
        """The model of a row."""
        return cls.model_validate(row)
