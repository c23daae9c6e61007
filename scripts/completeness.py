"""Asks pyright how much of Tabor's public surface has a known type, and fails below 100%.

The same question as ``pyright --verifytypes tabor --ignoreexternal``, with only the gaps in the answer.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel


class Record(BaseModel):
    """A part of pyright's JSON report, whose names are in camel case."""

    model_config = ConfigDict(alias_generator=to_camel)


class Diagnostic(Record):
    """One thing that pyright has to say about a symbol."""

    severity: str
    message: str


class Symbol(Record):
    """A symbol of the public surface, or one that the surface refers to."""

    name: str
    is_type_known: bool
    diagnostics: list[Diagnostic] = Field(default_factory=list[Diagnostic])


class Completeness(Record):
    """The part of the report that counts: a score from 0 to 1, and the symbols behind it."""

    completeness_score: float
    symbols: list[Symbol]


class Report(Record):
    """What ``pyright --verifytypes … --outputjson`` prints."""

    general_diagnostics: list[Diagnostic]
    type_completeness: Completeness


def main() -> None:
    """Print the score and every gap; exit with 1 where there is one."""
    programs = Path(sys.executable).parent
    # --verifytypes looks for the package through the first python on PATH, whatever --pythonpath says.
    environment = {**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"}
    command = [str(programs / "pyright"), "--verifytypes", "tabor", "--ignoreexternal", "--outputjson"]
    answer = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)
    if not answer.stdout.startswith("{"):
        sys.exit(f"pyright gave no report: {answer.stdout}{answer.stderr}")
    report = Report.model_validate_json(answer.stdout)
    gaps = gaps_of(report)
    for gap in gaps:
        print(gap)
    print(f"{report.type_completeness.completeness_score:.1%} of {len(report.type_completeness.symbols)} symbols")
    sys.exit(1 if gaps or report.type_completeness.completeness_score < 1 else 0)


def gaps_of(report: Report) -> list[str]:
    """One line for each symbol whose type is not fully known, and for what keeps pyright from looking at all.

    A symbol that is unknown only through another one is left out where that other one is listed.
    """
    general = [item.message for item in report.general_diagnostics if item.severity == "error"]
    causes: list[str] = []
    consequences: list[str] = []
    for symbol in report.type_completeness.symbols:
        if not symbol.is_type_known:
            reasons = [item.message.replace("\n", " ") for item in symbol.diagnostics]
            follows = all("is partially unknown" in reason for reason in reasons)
            (consequences if follows else causes).append(f"{symbol.name}: {'; '.join(reasons) or 'not known'}")
    return general + (causes or consequences)


if __name__ == "__main__":
    main()
