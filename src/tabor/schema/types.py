"""Names for annotations that say more than a Python type: ``Email``, ``Url``, ``PlainText`` and ``Json[Model]``.

For type checkers each is the plain type: ``Column[Email]`` is a ``Column[str]``, ``Column[Json[Opening]]`` a
``Column[Opening]``.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias, TypeVar

from tabor.datatypes import Text

T = TypeVar("T")


class AsJson:
    """Marks a pydantic model that a column keeps as JSON."""

    __slots__ = ()


AS_JSON: Final = AsJson()

Email: TypeAlias = Annotated[str, Text(email=True)]
"""Text in the shape of an e-mail address; the same as ``column(email=True)``."""

Url: TypeAlias = Annotated[str, Text(url=True)]
"""The address of a page: http or https, a host, no user name; the same as ``column(url=True)``."""

PlainText: TypeAlias = Annotated[str, Text(plain_text=True)]
"""Text without markup and control characters; the same as ``column(plain_text=True)``."""

Json: TypeAlias = Annotated[T, AS_JSON]
"""A pydantic model kept as JSON: ``opening: Column[Json[Opening]]``; the attribute is an ``Opening``."""
