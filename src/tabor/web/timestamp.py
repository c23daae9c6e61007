"""``Timestamp``: the type of a moment in a JSON body, as strict as its description in OpenAPI promises."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

_RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})")


def _rfc3339(value: object) -> object:
    # pydantic by itself also takes numbers, dates without a time, and times without an offset.
    if isinstance(value, datetime) or (isinstance(value, str) and _RFC3339.fullmatch(value)):
        return value
    raise PydanticCustomError(
        "timestamp", "Expected a date and time with its offset from UTC (RFC 3339), such as 2030-05-01T19:30:00+02:00"
    )


Timestamp = Annotated[AwareDatetime, BeforeValidator(_rfc3339)]
"""A date and time with its offset from UTC (RFC 3339) for pydantic models; anything else is refused.

    class NewEvent(BaseModel):
        starts_at: Timestamp
"""
