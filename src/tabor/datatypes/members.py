"""Values from a fixed set or made to be unique: members of an enum, and UUIDs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from tabor.datatypes.base import DataType, brief, refuse_type
from tabor.errors import InvalidValue


class Uuid(DataType):
    """A UUID."""

    __slots__ = ()

    @property
    def label(self) -> str:
        return "a UUID"

    def check(self, value: object) -> UUID:
        if not isinstance(value, UUID):
            raise refuse_type(self.label, value)
        return value


@dataclass(frozen=True, slots=True)
class Enumeration(DataType):
    """One member of an enum class whose values are all text or all whole numbers; stored as the member's value."""

    enum: type[Enum]
    integers: bool = False

    @property
    def key(self) -> str:
        return f"Enumeration:{self.enum.__module__}.{self.enum.__qualname__}:{id(self.enum)}"

    @property
    def label(self) -> str:
        return f"one of {', '.join(str(m.value) for m in self.enum)}"

    @property
    def values(self) -> tuple[str | int, ...]:
        """The members' values, in the order of the class."""
        return tuple(m.value for m in self.enum)

    def check(self, value: object) -> Enum:
        if isinstance(value, self.enum):
            return value
        said = f"expected {self.label}, got {brief(value)}"
        for member in self.enum:
            if type(value) is type(member.value) and value == member.value:
                name = self.enum.__name__
                said = f"expected a member of {name}, got {brief(value)}, which is only its value; write "
                said += f"{name}.{member.name}"
        raise InvalidValue(said, code="not_a_member", value=value)
