"""The rules of the lint, and what it reports."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

RULES = {
    "TAB001": "`and` asks for the truth of a condition, which only the database knows",
    "TAB002": "`or` asks for the truth of a condition, which only the database knows",
    "TAB003": "`not` asks for the truth of a condition, which only the database knows",
    "TAB004": "`in` compares in Python, before the query is sent",
    "TAB005": "A chained comparison hides an `and`, which asks for the truth of a condition",
    "TAB006": "`is` compares the column itself, so that this is always the same whatever the rows hold",
    "TAB007": "A condition has no truth here; only the database knows it, row by row",
    "TAB100": "The file cannot be read as Python",
}
"""What is wrong, by the code of the rule."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: where it stands (lines and columns counted from 1), the rule, and what to write instead.

    Example: ``Finding(Path("app.py"), 7, 20, "TAB001", "(Event.a == 1) & (Event.b == 2)")``.
    """

    path: Path
    line: int
    column: int
    code: str
    instead: str

    @property
    def message(self) -> str:
        """One sentence on what is wrong, and one on what to do."""
        return f"{RULES[self.code]}. Write instead: {self.instead}"

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.code} {self.message}"
