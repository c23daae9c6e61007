"""What OpenAPI cannot say about values, told to schemathesis: loaded by it, by name, in its own process."""

from __future__ import annotations

from collections.abc import Mapping

import schemathesis
from hypothesis import strategies as st

# Long enough, and on no list of common passwords: the part that a schema cannot describe.
PASSWORDS = st.text(st.characters(codec="ascii", min_codepoint=33, max_codepoint=126), min_size=20, max_size=60).map(
    "otters sing: {}".format
)

schemathesis.openapi.format("password", PASSWORDS)


@schemathesis.hook  # pyright: ignore[reportUnknownMemberType]  # its own annotation says no more
def filter_query(context: schemathesis.HookContext, query: Mapping[str, object] | None) -> bool:
    """A list takes 64 filters at most, which OpenAPI cannot say; no case has all that it describes at once."""
    return query is None or len(query) <= 60
