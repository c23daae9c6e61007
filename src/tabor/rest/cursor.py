"""Cursors: where a page ended, as opaque text that only this application can write.

A cursor holds the values by which rows are sorted, of the last row of a page; its signature binds it to the table and
the sort, so that it means nothing for another one.
"""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence

from tabor.datatypes import DataType
from tabor.errors import InvalidValue
from tabor.rest.values import json_reader
from tabor.rows.json_text import jsonable

CURSOR = re.compile("[A-Za-z0-9_-]{26,4096}")
"""The form of a cursor."""

_SIGNATURE_BYTES = 16
_encode = json.JSONEncoder(separators=(",", ":"), allow_nan=False).encode


class Cursors:
    """Writes and reads cursors; the first of ``keys`` (32 bytes each) signs, all of them verify."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def write(self, purpose: str, datatypes: Sequence[DataType], values: Sequence[object]) -> str:
        """The cursor behind the row with these values; ``purpose`` names the table and the sort."""
        plain = [
            None if value is None else jsonable(value, datatype)
            for datatype, value in zip(datatypes, values, strict=True)
        ]
        payload = _encode(plain).encode()
        return urlsafe_b64encode(_signature(self._keys[0], purpose, payload) + payload).rstrip(b"=").decode()

    def read(self, purpose: str, datatypes: Sequence[DataType], text: str) -> list[object] | None:
        """The values in a cursor; None where it was not written by this application for this purpose."""
        if not CURSOR.fullmatch(text):
            return None
        try:
            data = b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
        except (Base64Error, ValueError):
            return None
        given, payload = data[:_SIGNATURE_BYTES], data[_SIGNATURE_BYTES:]
        if not any(hmac.compare_digest(given, _signature(key, purpose, payload)) for key in self._keys):
            return None
        plain: list[object] = json.loads(payload)
        try:
            return [
                None if value is None else json_reader(datatype)(value)
                for datatype, value in zip(datatypes, plain, strict=True)
            ]
        except (InvalidValue, ValueError):  # written before the columns changed
            return None


def _signature(key: bytes, purpose: str, payload: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + payload, "sha256")[:_SIGNATURE_BYTES]
