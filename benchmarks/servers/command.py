"""The command line of a peer's application."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileAndPort:
    """The database file and the port to listen on."""

    file: Path
    port: int


def read_file_and_port() -> FileAndPort:
    """Read ``--file`` and ``--port``."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--file", type=Path, required=True)
    parser.add_argument("--port", type=int, required=True)
    read = parser.parse_args()
    return FileAndPort(read.file, read.port)
