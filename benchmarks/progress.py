"""Where the run stands, for the person who waits: one line at a time on standard error."""

from __future__ import annotations

import sys


def say(text: str) -> None:
    """Print one line of progress; a terminal and a log both keep every line."""
    print(text, file=sys.stderr, flush=True)


def notice(text: str) -> str:
    """Print something that changes what the run can show, and give the text back for the results."""
    say(f"  note: {text}")
    return text
