"""Reads the data file: from a path to its records, just as they stand there."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import cast

BUNDLED = Path(__file__).with_name("movies.json.gz")
"""The file that comes with the example; NOTICE says where it is from."""

GZIP = b"\x1f\x8b"


class DataFileError(Exception):
    """A data file cannot be read at all; ``path`` names it, ``reason`` says why."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path} cannot be read: {reason}.")
        self.path = path
        self.reason = reason


def read_records(path: Path = BUNDLED) -> list[object]:
    """The records of a JSON file that holds one list, compressed with gzip or not.

    Raises ``DataFileError`` where the file is missing, damaged, or holds something else.

    Example: ``len(read_records())`` is 3201.
    """
    content = _parsed(path, _content(path))
    if not isinstance(content, list):
        raise DataFileError(path, "it holds no list of records")
    return cast("list[object]", content)


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataFileError(path, error.strerror or "the system refuses it") from error
    if not content.startswith(GZIP):
        return content
    try:
        return gzip.decompress(content)
    except (EOFError, OSError, zlib.error) as error:
        raise DataFileError(path, f"its compressed content is damaged ({error})") from error


def _parsed(path: Path, content: bytes) -> object:
    try:
        return cast("object", json.loads(content, object_pairs_hook=_all_pairs, parse_constant=_no_json))
    except (ValueError, RecursionError) as error:
        raise DataFileError(path, f"it is not JSON ({error})") from error


def _all_pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object with every pair in it: a name that comes again keeps its value under a name of its own."""
    record: dict[str, object] = {}
    for name, value in pairs:
        place = name
        while place in record:
            place += " (again)"
        record[place] = value
    return record


def _no_json(name: str) -> object:
    raise ValueError(f"{name} is no JSON value")
