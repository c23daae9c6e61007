"""What is wrong with a request, collected so that one answer names all of it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from tabor.errors import InvalidValue
from tabor.web.problems import Fault, ProblemException, malformed, pointer, validation

_MESSAGE_LENGTH = 300  # a reason quotes the caller's value, which may be as long as the request


class Faults:
    """The faults of one request: parts that mean nothing here (400), and values that are not acceptable (422)."""

    __slots__ = ("_meaningless", "_unacceptable")

    def __init__(self) -> None:
        self._meaningless: list[Fault] = []
        self._unacceptable: list[Fault] = []

    def __bool__(self) -> bool:
        return bool(self._meaningless or self._unacceptable)

    def meaningless(self, place: tuple[str | int, ...], code: str, message: str) -> None:
        """Note a part that has no meaning here."""
        self._meaningless.append(Fault(pointer(*place), code, _short(message)))

    def unacceptable(self, place: tuple[str | int, ...], code: str, message: str) -> None:
        """Note a value that is not acceptable."""
        self._unacceptable.append(Fault(pointer(*place), code, _short(message)))

    def invalid(self, place: tuple[str | int, ...], error: InvalidValue) -> None:
        """Note a value that does not fit its column."""
        self.unacceptable(place, error.code, f"{place[-1]}: {error.reason}.")

    def settle(self) -> None:
        """Raise ``ProblemException`` with all that was noted: 400 where anything has no meaning, else 422."""
        faults = [*self._meaningless, *self._unacceptable]
        if self._meaningless:
            detail = faults[0].message if len(faults) == 1 else f"{len(faults)} parts of the request cannot be taken."
            raise ProblemException(malformed(detail, faults))
        if faults:
            raise ProblemException(validation(faults))


def unknown_field(owner: str | None, name: str, known: Iterable[str]) -> str:
    """The sentence about a field that is not there, of the row itself or of what ``owner`` leads to."""
    return f"{f'{owner} has' if owner else 'There is'} no field {name!r}{suggestion(name, known)}"


def suggestion(name: str, known: Iterable[str]) -> str:
    """The end of a sentence that names the nearest known name, or all where none is near and they are few.

    >>> suggestion("titel", ["id", "title"])
    '; did you mean title?'
    """
    names = sorted(set(known))
    near = get_close_matches(name, names, 1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; there is {', '.join(names)}." if 0 < len(names) <= 12 else "."


def _short(message: str) -> str:
    return message if len(message) <= _MESSAGE_LENGTH else message[: _MESSAGE_LENGTH - 3] + "..."
