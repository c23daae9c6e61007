"""The Arrow table that ``query.arrow()`` gives, as far as its type is known without pyarrow."""

from __future__ import annotations

from typing import Protocol


class ArrowTable(Protocol):
    """A ``pyarrow.Table``, which this names without importing it; pandas, polars and DuckDB take it as it is.

    Example: ``frame = polars.from_arrow(await Event.select().arrow())``.
    """

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        ...

    @property
    def column_names(self) -> list[str]:
        """The names of the columns, in order."""
        ...

    @property
    def schema(self) -> object:
        """The ``pyarrow.Schema``: names, types, and which columns may be empty."""
        ...

    def to_pylist(self) -> list[dict[str, object]]:
        """The rows as dictionaries of Python values."""
        ...

    def to_pydict(self) -> dict[str, list[object]]:
        """The columns as lists of Python values."""
        ...

    def to_pandas(self) -> object:
        """A ``pandas.DataFrame``, where pandas is installed."""
        ...

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """The stream by which other libraries take the table over (Arrow's PyCapsule interface)."""
        ...
