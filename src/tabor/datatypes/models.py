"""Values of a pydantic model, kept as JSON.

Pydantic is not imported here: whoever has a model has it, and what is asked of a model is written down below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self, cast

from tabor.datatypes.base import refuse_type
from tabor.datatypes.structures import Json, check_json
from tabor.errors import InvalidValue


class ModelLike(Protocol):
    """What is asked of a model class and its instances; every ``pydantic.BaseModel`` has it."""

    @classmethod
    def model_validate_json(cls, json_data: str | bytes, /) -> Self:
        """An instance from JSON text."""
        ...

    @classmethod
    def model_json_schema(cls) -> dict[str, Any]:
        """The JSON Schema of the model."""
        ...

    def model_dump(self, *, mode: str, by_alias: bool, round_trip: bool) -> dict[str, Any]:
        """The instance as plain values."""
        ...

    def model_dump_json(self, *, by_alias: bool, round_trip: bool) -> str:
        """The instance as JSON text."""
        ...


def is_model(kind: object) -> bool:
    """Whether a class is a pydantic model.

    >>> is_model(int)
    False
    """
    return isinstance(kind, type) and hasattr(kind, "model_validate_json") and hasattr(kind, "model_dump_json")


@dataclass(frozen=True, slots=True)
class Model(Json):
    """An instance of a pydantic model, which must come back from JSON equal to what it was."""

    model: type[ModelLike]

    @property
    def key(self) -> str:
        return f"Model:{self.model.__module__}.{self.model.__qualname__}:{id(self.model)}"

    @property
    def label(self) -> str:
        return f"the model {self.model.__name__}"

    def check(self, value: object) -> object:
        if not isinstance(value, self.model):
            raise refuse_type(self.label, value)
        if self.from_text(value.model_dump_json(by_alias=True, round_trip=True)) != value:
            raise InvalidValue(
                f"this {self.model.__name__} would not come back from JSON as it is; give its fields types that JSON "
                f"can tell apart",
                code="not_json",
                value=value,
            )
        check_json(self.plain(value))
        return value

    def plain(self, value: object) -> dict[str, Any]:
        """An instance as a JSON value."""
        return cast("ModelLike", value).model_dump(mode="json", by_alias=True, round_trip=True)

    def from_text(self, text: str) -> object:
        """The instance that JSON text describes; raises ``InvalidValue`` naming the field that does not fit."""
        try:
            return self.model.model_validate_json(text)
        except ValueError as error:  # pydantic's own error is one
            raise InvalidValue(f"{self.model.__name__}.{_reason(error)}", code="invalid_model") from error


def _reason(error: ValueError) -> str:
    """The first complaint of pydantic as one sentence part."""
    complaints = cast("Any", error).errors(include_url=False, include_input=False)
    where = ".".join([str(step) for step in complaints[0]["loc"]])
    message = str(complaints[0]["msg"])
    return f"{where}: {message[:1].lower()}{message[1:]}"
