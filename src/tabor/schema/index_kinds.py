"""What the kinds of indexes can and cannot have, whatever the database."""

from __future__ import annotations

from typing import get_args

from tabor.datatypes import brief
from tabor.errors import SchemaError
from tabor.tree.definitions import IndexDefinition, IndexKind

_SINGLE = frozenset({"hash", "spgist"})
_INCLUDING = frozenset({"btree", "gist", "spgist"})


def check_kind(index: IndexDefinition, table: str) -> None:
    """Raise ``SchemaError`` for an index of no known kind, or with what its kind does not have."""
    kind, why = index.using, ""
    if kind not in get_args(IndexKind):
        why = f"using= is one of {', '.join(map(repr, get_args(IndexKind)))}, got {brief(kind)}"
    elif kind in _SINGLE and len(index.terms) > 1:
        why = f"a {kind} index is over one column; declare one for each"
    elif kind not in _INCLUDING and index.include:
        why = f"a {kind} index brings no columns along; leave include= out"
    elif kind != "btree" and any(term.descending or term.nulls_last is not None for term in index.terms):
        why = f"a {kind} index has no order; leave desc() and nulls_last out"
    elif index.opclasses and len(index.opclasses) != len(index.terms):
        why = f"opclasses= names one operator class for each of its {len(index.terms)} columns"
    if why:
        raise SchemaError(f"{table}: the index {index.name} cannot be: {why}.", table=index.table)
