"""The query part of an address as pairs of text, decoded strictly."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from tabor.rest.faults import Faults

Pairs = list[tuple[str, str]]

_ESCAPE_AT_FAULT = re.compile(rb"%(?![0-9a-fA-F]{2})")


def parse_query(query: bytes) -> Pairs:
    """The parameters in their order, ``+`` and ``%xx`` decoded.

    Raises ``ProblemException`` (400) for an escape that is none and for what is no UTF-8.

    >>> parse_query(b"title.contains=a+b&limit=5")
    [('title.contains', 'a b'), ('limit', '5')]
    """
    if not query:
        return []
    faults = Faults()
    pairs: Pairs = []
    for part in query.split(b"&"):
        name, _, value = part.partition(b"=")
        if part:
            pairs.append((_decoded(name, faults), _decoded(value, faults)))
    faults.settle()
    return pairs


def encoded_query(pairs: Pairs) -> str:
    """The pairs as the query part of an address."""
    return "&".join([f"{quote(name, safe='.-_')}={quote(value, safe='')}" for name, value in pairs])


def _decoded(text: bytes, faults: Faults) -> str:
    if _ESCAPE_AT_FAULT.search(text):
        faults.meaningless(("query",), "malformed", "A % in the address is not followed by two hexadecimal digits.")
    try:
        return unquote_to_bytes(text.replace(b"+", b" ")).decode()
    except UnicodeDecodeError:
        faults.meaningless(("query",), "not_utf8", "The address is not UTF-8.")
        return ""
