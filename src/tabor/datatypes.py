"""What a column can hold: frozen descriptions that also know which Python values they accept.

No SQL and no driver here.  Each description has a ``key`` (two descriptions with the same key travel and are
compiled alike), a ``label`` for people, and ``check``, which gives the value to keep or raises
``InvalidValue`` with a reason that fits after a column's name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal as PythonDecimal
from enum import Enum
from uuid import UUID

from tabor.errors import InvalidValue, ValueOutOfRange

INT64_MIN = -(2**63)
INT64_MAX = 2**63 - 1

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]
"""What a JSON column holds."""

# A pragmatic shape of an address: RFC 5321 length limits, one @, a dotted domain, no spaces or control characters.
_EMAIL = re.compile(r"(?=.{3,254}\Z)[^\s@<>()\[\],;:\\\"\x00-\x1f\x7f]{1,64}@[^\s@<>()\[\],;:\\\"_\x00-\x1f\x7f]+\.[^\s@.<>()\[\],;:\\\"_\x00-\x1f\x7f]+\Z")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Control characters except tab, line feed and carriage return; and what opens a tag or an entity in HTML.
_MARKUP = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|<[a-zA-Z/!?]|&#?[a-zA-Z0-9]+;")


def refuse_type(expected: str, value: object) -> InvalidValue:
    """The refusal of a value of the wrong type."""
    shown = repr(value)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    return InvalidValue(f"expected {expected}, got {shown} ({type(value).__name__})", code="wrong_type", value=value)


@dataclass(frozen=True, slots=True)
class DataType:
    """Base of all descriptions."""

    @property
    def key(self) -> str:
        """Equal for types that are compiled and travel alike."""
        return type(self).__name__

    @property
    def label(self) -> str:
        """What people call a value of this type, with its article."""
        return "a value"

    @property
    def bare(self) -> DataType:
        """The same type without limits: what a value must be to be compared with."""
        return self

    def check(self, value: object) -> object:
        """The value to keep; raises ``InvalidValue`` where ``value`` does not fit."""
        return value


@dataclass(frozen=True, slots=True)
class Integer(DataType):
    """Whole numbers of 64 bits with optional inclusive bounds."""

    minimum: int | None = None
    maximum: int | None = None

    @property
    def label(self) -> str:
        return "a whole number"

    @property
    def bare(self) -> DataType:
        return Integer()

    def check(self, value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise refuse_type(self.label, value)
        _check_bounds(value, self.minimum, self.maximum)
        if not INT64_MIN <= value <= INT64_MAX:
            raise ValueOutOfRange(f"{value} does not fit into 64 bits", code="out_of_range", value=value)
        return int(value)


@dataclass(frozen=True, slots=True)
class Float(DataType):
    """Finite floating-point numbers; a whole number is taken and stored as a float."""

    minimum: float | None = None
    maximum: float | None = None

    @property
    def label(self) -> str:
        return "a number"

    @property
    def bare(self) -> DataType:
        return Float()

    def check(self, value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise refuse_type(self.label, value)
        try:
            number = float(value)
        except OverflowError:
            number = float("inf")
        if number != number or number in (float("inf"), float("-inf")):
            raise ValueOutOfRange(f"{value} is not a finite number", code="out_of_range", value=value)
        _check_bounds(number, self.minimum, self.maximum)
        return number


@dataclass(frozen=True, slots=True)
class Boolean(DataType):
    """True or False."""

    @property
    def label(self) -> str:
        return "true or false"

    def check(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise refuse_type(self.label, value)
        return value


@dataclass(frozen=True, slots=True)
class Text(DataType):
    """Unicode text, lengths counted in characters (code points).

    ``plain_text`` refuses markup and control characters; ``email`` demands the shape of an address.
    """

    max_length: int | None = None
    min_length: int = 0
    plain_text: bool = False
    email: bool = False

    @property
    def key(self) -> str:
        return "Text"

    @property
    def label(self) -> str:
        return "text"

    @property
    def bare(self) -> DataType:
        return Text()

    def check(self, value: object) -> str:
        if not isinstance(value, str) or isinstance(value, Enum):
            raise refuse_type(self.label, value)
        if _UNSTORABLE.search(value):
            raise InvalidValue("text may not contain NUL or lone surrogates", code="bad_character", value=value)
        _check_length(len(value), self.min_length, self.max_length, "characters", value)
        if self.plain_text and _MARKUP.search(value):
            raise InvalidValue("markup and control characters are not allowed here", code="not_plain", value=value)
        if self.email and not _EMAIL.match(value):
            raise InvalidValue(f"{value[:80]!r} is not an e-mail address", code="not_an_email", value=value)
        return str(value)


@dataclass(frozen=True, slots=True)
class Pattern(DataType):
    """A pattern of ``like``: ``%`` stands for any text, ``_`` for one character, a backslash takes either literally.

    ``ignore_case`` is for ``ilike``; a database may spell the two kinds of pattern differently.
    """

    ignore_case: bool = False

    @property
    def key(self) -> str:
        return f"Pattern{int(self.ignore_case)}"

    @property
    def label(self) -> str:
        return "a pattern"

    def check(self, value: object) -> str:
        return Text().check(value)


@dataclass(frozen=True, slots=True)
class Bytes(DataType):
    """Binary data, lengths counted in bytes."""

    max_length: int | None = None
    min_length: int = 0

    @property
    def key(self) -> str:
        return "Bytes"

    @property
    def label(self) -> str:
        return "bytes"

    @property
    def bare(self) -> DataType:
        return Bytes()

    def check(self, value: object) -> bytes:
        if not isinstance(value, (bytes, bytearray, memoryview)):
            raise refuse_type(self.label, value)
        data = bytes(value)
        _check_length(len(data), self.min_length, self.max_length, "bytes", value)
        return data


@dataclass(frozen=True, slots=True)
class Decimal(DataType):
    """Exact decimal numbers of at most ``max_digits`` digits, ``places`` of them behind the point.

    A value that needs more places is refused, never rounded.
    """

    places: int = 6
    max_digits: int = 18
    minimum: PythonDecimal | int | None = None
    maximum: PythonDecimal | int | None = None

    @property
    def key(self) -> str:
        return f"Decimal{self.places}"

    @property
    def label(self) -> str:
        return "a decimal number"

    @property
    def bare(self) -> DataType:
        return Decimal(self.places, self.max_digits)

    def check(self, value: object) -> PythonDecimal:
        if isinstance(value, bool) or not isinstance(value, (int, PythonDecimal)):
            raise refuse_type(self.label, value)
        number = PythonDecimal(value)
        if not number.is_finite():
            raise ValueOutOfRange(f"{value} is not a finite number", code="out_of_range", value=value)
        sign, digits, exponent = number.as_tuple()
        assert isinstance(exponent, int)
        trailing = len(digits) - len("".join(map(str, digits)).rstrip("0")) if number else 0
        if number and -(exponent + trailing) > self.places:
            raise ValueOutOfRange(f"{value} has more than {self.places} decimal places", code="too_precise", value=value)
        if number and number.adjusted() >= self.max_digits - self.places:
            whole = self.max_digits - self.places
            raise ValueOutOfRange(f"{value} has more than {whole} digits before the point", code="out_of_range", value=value)
        _check_bounds(number, self.minimum, self.maximum)
        return number


@dataclass(frozen=True, slots=True)
class Date(DataType):
    """A calendar day."""

    @property
    def label(self) -> str:
        return "a date"

    def check(self, value: object) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise refuse_type(self.label, value)
        return value


@dataclass(frozen=True, slots=True)
class Time(DataType):
    """A time of day without a zone, to the microsecond."""

    @property
    def label(self) -> str:
        return "a time of day without a zone"

    def check(self, value: object) -> time:
        if not isinstance(value, time) or value.tzinfo is not None:
            raise refuse_type(self.label, value)
        return value.replace(fold=0) if value.fold else value


@dataclass(frozen=True, slots=True)
class DateTime(DataType):
    """A moment with a time zone, kept and given back in UTC, to the microsecond."""

    @property
    def label(self) -> str:
        return "a date and time with a zone"

    def check(self, value: object) -> datetime:
        if not isinstance(value, datetime):
            raise refuse_type(self.label, value)
        if value.tzinfo is None:
            raise InvalidValue(
                f"{value.isoformat()} has no time zone; use datetime.now(UTC) or .replace(tzinfo=...)",
                code="no_time_zone",
                value=value,
            )
        try:
            return value if value.tzinfo is timezone.utc else value.astimezone(timezone.utc)
        except OverflowError:
            raise ValueOutOfRange(f"{value.isoformat()} is outside the calendar in UTC", code="out_of_range", value=value) from None


@dataclass(frozen=True, slots=True)
class Duration(DataType):
    """A length of time, to the microsecond, within 64 bits of microseconds (about 292,000 years)."""

    @property
    def label(self) -> str:
        return "a duration"

    def check(self, value: object) -> timedelta:
        if not isinstance(value, timedelta):
            raise refuse_type(self.label, value)
        if not INT64_MIN <= value // timedelta(microseconds=1) <= INT64_MAX:
            raise ValueOutOfRange(f"{value} is longer than 292,000 years", code="out_of_range", value=value)
        return value


@dataclass(frozen=True, slots=True)
class Uuid(DataType):
    """A UUID."""

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
        raise InvalidValue(f"expected {self.label}, got {value!r}", code="not_a_member", value=value)


@dataclass(frozen=True, slots=True)
class Json(DataType):
    """Any JSON value: null, booleans, numbers, text, lists and objects with text keys."""

    @property
    def label(self) -> str:
        return "a JSON value"

    def check(self, value: object) -> object:
        _check_json(value, 0)
        return value


@dataclass(frozen=True, slots=True)
class Array(DataType):
    """A list of values of one type; ``max_length`` counts its items."""

    item: DataType = field(default_factory=Text)
    max_length: int | None = None
    min_length: int = 0
    nullable_items: bool = False

    @property
    def key(self) -> str:
        return f"Array[{self.item.key}{'?' if self.nullable_items else ''}]"

    @property
    def label(self) -> str:
        return "a list"

    @property
    def bare(self) -> DataType:
        return Array(self.item.bare, nullable_items=self.nullable_items)

    def check(self, value: object) -> list[object]:
        if not isinstance(value, (list, tuple)):
            raise refuse_type(self.label, value)
        check, nulls = self.item.check, self.nullable_items
        items: list[object] = [None if nulls and item is None else check(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # items of any type are what check is for
        _check_length(len(items), self.min_length, self.max_length, "items", value)
        return items


def _check_bounds(value: int | float | PythonDecimal, minimum: object, maximum: object) -> None:
    if minimum is not None and value < minimum:  # type: ignore[operator]  # both come from one typed description
        raise ValueOutOfRange(f"{value} is less than {minimum}", code="too_small", value=value)
    if maximum is not None and value > maximum:  # type: ignore[operator]  # both come from one typed description
        raise ValueOutOfRange(f"{value} is more than {maximum}", code="too_large", value=value)


def _check_length(length: int, minimum: int, maximum: int | None, unit: str, value: object) -> None:
    if maximum is not None and length > maximum:
        raise ValueOutOfRange(f"at most {maximum} {unit} are allowed, got {length}", code="too_long", value=value)
    if length < minimum:
        raise ValueOutOfRange(f"at least {minimum} {unit} are needed, got {length}", code="too_short", value=value)


JSON_DEPTH = 64
"""How deep a JSON value may nest; a deeper one is refused rather than left to a parser's stack."""


def _check_json(value: object, depth: int) -> None:
    if depth > JSON_DEPTH:
        raise ValueOutOfRange(f"JSON may nest {JSON_DEPTH} levels deep at most", code="too_deep")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        Text().check(value)
    elif isinstance(value, int):
        Integer().check(value)
    elif isinstance(value, float):
        Float().check(value)
    elif isinstance(value, list):
        for item in value:  # pyright: ignore[reportUnknownVariableType]  # any JSON value
            _check_json(item, depth + 1)  # pyright: ignore[reportUnknownArgumentType]  # any JSON value
    elif isinstance(value, dict):
        for name, item in value.items():  # pyright: ignore[reportUnknownVariableType]  # any JSON value
            Text().check(name)
            _check_json(item, depth + 1)  # pyright: ignore[reportUnknownArgumentType]  # any JSON value
    else:
        raise refuse_type("a JSON value (null, boolean, number, text, list or dict)", value)


BOOLEAN = Boolean()

SIMPLE: dict[type, DataType] = {
    int: Integer(),
    float: Float(),
    bool: BOOLEAN,
    str: Text(),
    bytes: Bytes(),
    PythonDecimal: Decimal(),
    date: Date(),
    time: Time(),
    datetime: DateTime(),
    timedelta: Duration(),
    UUID: Uuid(),
}
"""The datatype of each plain Python type."""
