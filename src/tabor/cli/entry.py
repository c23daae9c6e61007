"""The command ``tabor``; says what to install where the extra ``cli`` is missing."""

from __future__ import annotations

import sys
from collections.abc import Callable

_WANTED = frozenset({"typer", "rich", "click"})

application: Callable[..., None] | None = None
try:
    from tabor.cli.application import application
except ModuleNotFoundError as _error:
    if _error.name not in _WANTED:
        raise


def main() -> None:
    """Run the command with the arguments of the process."""
    if application is None:
        sys.exit("The tabor command needs typer and rich. Install them with: pip install 'tabor[cli]'")
    application(prog_name="tabor")
