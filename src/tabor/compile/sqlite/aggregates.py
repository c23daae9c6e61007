"""Aggregates that put values in a row, as SQLite spells them."""

from __future__ import annotations

from collections.abc import Sequence

from tabor.compile.dialect import Around


def listed(item: str, around: Around) -> str:
    """A JSON list of these items; an empty one where there is none.

    Put together as text: a window would not keep that a value is JSON.  Without a separator it is a comma.
    """
    items = f"group_concat({around.word}json_quote({item}){around.order}){around.tail}"
    return f"('[' || coalesce({items}, '') || ']')"


def joined(args: Sequence[str], around: Around) -> str:
    """Texts in one, with a separator between them."""
    text, separator = args
    if not around.distinct:
        return f"group_concat({text}, {separator}{around.order}){around.tail}"
    # Different ones take no separator here and have a comma between them, so that no text may hold one: %0 stands for
    # a percent sign and %1 for a comma until the texts are together.
    commas = f"group_concat(DISTINCT {_without_commas(text)}{around.order}){around.tail}"
    return f"replace(replace(replace({commas}, ',', {_without_commas(separator)}), '%1', ','), '%0', '%')"


def _without_commas(text: str) -> str:
    return f"replace(replace({text}, '%', '%0'), ',', '%1')"
