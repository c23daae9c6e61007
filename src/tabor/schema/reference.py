"""``Ref``: the value of a foreign key on a row; it knows the key and fetches the row only when asked."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeGuard, cast

from typing_extensions import TypeVar

from tabor.datatypes import brief
from tabor.errors import InvalidValue
from tabor.schema.facts import LinkFacts, TableBase

M = TypeVar("M", bound=TableBase)
K = TypeVar("K", default=int)


class Ref(Generic[M, K]):
    """A reference to a row: ``.id`` is its key, ``await ref`` reads the row (``NotFound`` where it is gone).

    Two references are equal where table and key are.
    """

    __slots__ = ("id",)
    _target: ClassVar[type[TableBase]]

    id: K

    def __await__(self) -> Generator[Any, None, M]:
        return self._target.get(self.id).__await__()  # type: ignore[return-value]  # pyright: ignore[reportReturnType]  # the subclass made for the key knows the target

    def __eq__(self, other: object) -> bool:
        return isinstance(other, type(self)) and bool(self.id == other.id)

    def __hash__(self) -> int:
        return hash((self._target, self.id))

    def __repr__(self) -> str:
        return f"Ref({self._target.__name__}, {self.id!r})"

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            target = self._target.__name__
            if name.startswith("_") or name == "id":
                raise AttributeError(f"A reference to {target} has no {name!r}.")
            raise AttributeError(
                f"A reference to {target} has the key, .id, and no {name!r}; the row has it: (await reference).{name}, "
                "or select it along the key."
            )

    def __copy__(self) -> Ref[M, K]:
        return self

    def __deepcopy__(self, memo: object) -> Ref[M, K]:
        return self

    def __reduce__(self) -> tuple[object, tuple[object, object]]:
        return reference, (self._target, self.id)


AnyRef = Ref[Any, Any]

_classes: dict[type[TableBase], type[AnyRef]] = {}


def reference_class(target: type[TableBase]) -> type[AnyRef]:
    """The class of references to ``target``."""
    found = _classes.get(target)
    if found is None:
        found = type("Ref", (Ref,), {"__slots__": (), "_target": target, "__module__": __name__})
        _classes[target] = found
    return found


def reference(target: type[TableBase], key: object) -> AnyRef:
    """A reference to the row of ``target`` with this key."""
    made = reference_class(target).__new__(reference_class(target))
    made.id = key
    return made


def _refers(value: object) -> TypeGuard[AnyRef]:
    return isinstance(value, Ref)


def key_in(value: object) -> object:
    """The key in a reference; any other value as it is."""
    return value.id if _refers(value) else value


def key_of(value: object, target: type[TableBase], target_column: str) -> object:
    """The key in what a user gives for a foreign key: the key itself, a row of the target, or a reference to one.

    Raises ``InvalidValue`` for a row that has no key yet or is of another table.
    """
    if _refers(value):
        return _key_to(target, value)
    return key_of_row(value, target, target_column) if isinstance(value, target) else value


def key_parts(value: object, link: LinkFacts) -> tuple[object, ...]:
    """The same for a foreign key of several columns: a value for each, which its column has yet to check.

    Raises ``InvalidValue`` for anything that has not as many parts, too.
    """
    target = link.target
    if isinstance(value, target):
        return tuple([key_of_row(value, target, name) for name in link.remote])
    parts = _key_to(target, value) if _refers(value) else value
    if isinstance(parts, tuple) and len(cast("tuple[object, ...]", parts)) == len(link.local):
        return cast("tuple[object, ...]", parts)
    raise InvalidValue(
        f"expected a {target.__name__} or its key of {len(link.local)} values, got {brief(value)}",
        code="wrong_type",
        value=value,
    )


def _key_to(target: type[TableBase], value: AnyRef) -> object:
    if type(value) is not reference_class(target):
        raise InvalidValue(
            f"expected a reference to {target.__name__}, got {brief(value)}", code="wrong_type", value=value
        )
    return value.id


def key_of_row(row: TableBase, target: type[TableBase], column: str) -> object:
    """One column of the key of a row; raises ``InvalidValue`` where the row has none yet."""
    try:
        return key_in(getattr(row, column))
    except AttributeError:
        raise InvalidValue(
            f"the {target.__name__} given is not saved yet and has no key; save it first", code="not_saved", value=row
        ) from None


def referred(row: object, link: LinkFacts) -> AnyRef | None:
    """The reference that a row's columns hold by a key of several columns; None where one of them is empty."""
    parts = tuple([key_in(getattr(row, name)) for name in link.local])
    return None if None in parts else reference(link.target, parts)
