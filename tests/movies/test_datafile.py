"""Promises of ``movies.datafile``: the bundled file is the one that NOTICE names, a damaged one gets a clear error."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from movies.datafile import BUNDLED, DataFileError, read_records


def refusal(path: Path) -> str:
    """The error of reading a file."""
    with pytest.raises(DataFileError) as caught:
        read_records(path)
    assert caught.value.path == path
    return str(caught.value).replace(str(path), "FILE")


def test_the_bundled_file() -> None:
    """The bundled file is unchanged: its checksum is the one in NOTICE, and it has 3,201 records."""
    checksum = hashlib.sha256(gzip.decompress(BUNDLED.read_bytes())).hexdigest()
    assert checksum in BUNDLED.with_name("NOTICE").read_text(encoding="utf-8")
    assert len(read_records()) == 3201


def test_a_file_without_compression(tmp_path: Path) -> None:
    """Plain JSON is read as well."""
    path = tmp_path / "few.json"
    path.write_text('[{"Title": "Die Fälscher"}, null]', encoding="utf-8")
    assert read_records(path) == [{"Title": "Die Fälscher"}, None]


def test_a_field_that_comes_twice(tmp_path: Path) -> None:
    """No value gets lost where a record names a field again."""
    path = tmp_path / "twice.json"
    path.write_text('[{"Title": "A", "Title": "B", "Title": "C"}]', encoding="utf-8")
    assert read_records(path) == [{"Title": "A", "Title (again)": "B", "Title (again) (again)": "C"}]


def test_a_missing_file(tmp_path: Path) -> None:
    """A file that is not there is named."""
    assert refusal(tmp_path / "none.json") == "FILE cannot be read: No such file or directory."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is not JSON (Expecting value: line 1 column 1 (char 0))"),
        (b'{"Title": 1}', "it holds no list of records"),
        (b'[{"Title": ', "it is not JSON (Expecting value: line 1 column 12 (char 11))"),
        (b"[NaN]", "it is not JSON (NaN is no JSON value)"),
    ],
)
def test_a_damaged_file(tmp_path: Path, content: bytes, reason: str) -> None:
    """A file that is no JSON list is refused with the place where it goes wrong."""
    path = tmp_path / "damaged.json"
    path.write_bytes(content)
    assert refusal(path) == f"FILE cannot be read: {reason}."


@pytest.mark.parametrize("content", [b'["\xff"]', b"[" * 200_000, b"[" + b"9" * 5_000 + b"]"])
def test_a_file_beyond_the_parser(tmp_path: Path, content: bytes) -> None:
    """Bytes that are no UTF-8, endless nesting and endless numbers are refused too."""
    path = tmp_path / "damaged.json"
    path.write_bytes(content)
    assert refusal(path).startswith("FILE cannot be read: it is not JSON (")


def test_damaged_compression(tmp_path: Path) -> None:
    """A compressed file that was cut, changed or followed by rubbish is refused."""
    whole = BUNDLED.read_bytes()
    middle = len(whole) // 2
    path = tmp_path / "damaged.json.gz"
    for content in (whole[:middle], whole[:middle] + b"\x00\x00\x00\x00" + whole[middle + 4 :], whole + b"rubbish"):
        path.write_bytes(content)
        assert refusal(path).startswith("FILE cannot be read: its compressed content is damaged (")


def test_compression_is_told_by_content(tmp_path: Path) -> None:
    """A file is taken for what it is, whatever its name."""
    path = tmp_path / "films.txt"
    path.write_bytes(gzip.compress(json.dumps([{"Title": "Dune"}]).encode()))
    assert read_records(path) == [{"Title": "Dune"}]
