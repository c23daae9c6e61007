"""What a local name may stand for: a condition, a table, a named query; and what Tabor's own functions give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Columns = Mapping[str, str]
"""The columns of a table by name, each with its kind."""

EXPRESSIONS = frozenset(
    {
        "case",
        "cast",
        "coalesce",
        "concat",
        "count",
        "every",
        "excluded",
        "exists",
        "greatest",
        "least",
        "list_agg",
        "now",
        "nullif",
        "param",
        "raw",
        "some",
        "string_agg",
        "today",
        "value",
    }
)
"""Functions of Tabor that give an expression."""
NAMED_QUERIES = frozenset({"cte", "recursive"})
"""Functions that give a query whose columns are taken by an index."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name stands for.

    ``condition``: an expression of a query; ``maybe``: one, or None; ``columns``: the table with these columns;
    ``any_column``: a table of which every attribute is taken for a column; ``named_query``: what ``cte()`` gives.
    """

    condition: bool = False
    maybe: bool = False
    any_column: bool = False
    named_query: bool = False
    columns: Columns | None = field(default=None, hash=False)

    def column(self, name: str) -> str | None:
        """The kind of a column; ``None`` where the name is none."""
        if self.any_column:
            return "ForeignKey"
        return None if self.columns is None else self.columns.get(name)

    @property
    def table(self) -> bool:
        """Whether it is a table."""
        return self.any_column or self.columns is not None


NOTHING = Meaning()
CONDITION = Meaning(condition=True)
MAYBE = Meaning(condition=True, maybe=True)
ANY_TABLE = Meaning(any_column=True)
NAMED_QUERY = Meaning(named_query=True)
# A table that may be missing: its columns stand behind one attribute.
OPTIONAL = Meaning(columns={"inner": "ForeignKey"})
