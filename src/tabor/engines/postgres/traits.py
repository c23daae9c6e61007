"""What the text of a statement says about how it must be run; looked at once for each text.

Statements that Tabor compiles are recognised with certainty.  Text by hand is taken for harmless only where every word
of it is known to be: an unknown function may write, or change the session.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tabor.errors import StatementFailed

KEPT = 2_000

_LITERALS = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|\$(\w*)\$.*?\$\1\$|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WORD = re.compile(r"[A-Za-z_]+")
_CALLS = re.compile(r"([A-Za-z_][\w.]*|\")\s*\(")
_TARGET = re.compile(r"\binto\s+[\w.]+", re.IGNORECASE)
_CONTROL = frozenset(
    {"begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release", "prepare", "copy"}
)
_DEFINES = frozenset({"create", "alter", "drop", "truncate", "comment", "do", "grant", "revoke"})
_READS = frozenset({"select", "values", "table"})
_WRITES = frozenset({"insert", "update", "delete", "merge"})
_LOCKS = re.compile(r"\bfor\s+(update|no\s+key|share|key)\b|\binto\b", re.IGNORECASE)
_CHANGES = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)
_RETURNING = re.compile(r"\breturning\b", re.IGNORECASE)
_TEMPORARY = re.compile(r"\btemp(orary)?\b", re.IGNORECASE)
# Key words that stand before a parenthesis, and functions that neither write nor change the session.
_KNOWN = frozenset(
    """
    and any array as all between bool_and bool_or by case cast coalesce count decode distinct else encode every except
    exists extract filter from having if in inner intersect into is join jsonb_array_elements lateral left length lower
    max min not now null nullif numeric on or order over partition row_to_json select set statement_timestamp strpos sum
    then to_char union upper using values when where with clock_timestamp avg round abs row_number rank dense_rank lag
    lead first_value last_value array_agg string_agg json_agg jsonb_agg jsonb_build_object jsonb_array_length unnest
    generate_series to_tsvector plainto_tsquery websearch_to_tsquery ts_rank date_trunc date_part concat substring
    substr trim btrim ltrim rtrim replace position left right floor ceil greatest least mod power sqrt char_length
    limit offset interval varchar char decimal timestamp time bit current_setting pg_backend_pid pg_sleep
    """.split()  # noqa: SIM905  # a list of a hundred words is easier to read as text
)


@dataclass(frozen=True, slots=True)
class Traits:
    """``gives_rows``: to be fetched; ``harmless``: may be run twice; ``dirties``: leaves the session changed.

    ``defines``: changes tables, not rows.
    """

    gives_rows: bool
    harmless: bool
    dirties: bool
    defines: bool


_known: dict[str, Traits] = {}


def traits_of(sql: str) -> Traits:
    """The traits of a statement; raises ``StatementFailed`` for one that would begin or end a transaction."""
    traits = _known.get(sql)
    if traits is None:
        traits = _looked_at(sql)
        if len(_known) >= KEPT:
            _known.clear()
        _known[sql] = traits
    return traits


def _looked_at(sql: str) -> Traits:
    bare = _LITERALS.sub(_shortened, sql)
    match = _WORD.search(bare)
    first = match.group().lower() if match is not None else ""
    if first in _CONTROL:
        reason = "transactions and the copy protocol are the engine's own; use transaction()"
        raise StatementFailed(reason, sql=sql)
    calls: list[str] = _CALLS.findall(_TARGET.sub("into", bare))
    pure = all(call.lower() in _KNOWN for call in calls if call != '"')
    defines = first in _DEFINES
    reads = first in _READS or (first == "with" and _CHANGES.search(bare) is None)
    known = reads or first in _WRITES or first in ("with", "explain")
    return Traits(
        gives_rows=not (defines or _verb(first, bare) in _WRITES) or _RETURNING.search(bare) is not None,
        harmless=reads and pure and _LOCKS.search(bare) is None,
        dirties=not (known and pure) and not (defines and first != "do" and not _TEMPORARY.search(bare)),
        defines=defines,
    )


def _verb(first: str, bare: str) -> str:
    """What the statement does: its first word, or that after the named queries before it."""
    if first != "with":
        return first
    depth = 0
    outside = ""
    for part in re.split(r"([()])", bare):
        depth += {"(": 1, ")": -1}.get(part, 0)
        outside += part if depth == 0 else ""
    verbs = [word for word in _WORD.findall(outside.lower()) if word in _READS | _WRITES]
    return verbs[0] if verbs else first


def _shortened(match: re.Match[str]) -> str:
    # A quoted name stays a name, so that what looks like a call of it can be told from a call of a bare name.
    return '""' if match.group()[0] == '"' else "''" if match.group()[0] == "'" else " "
