"""wrk, the load generator: found on the PATH, installed by the system's package manager, or done without."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

from benchmarks.options import TASKS
from benchmarks.progress import say
from benchmarks.series import Reading
from benchmarks.servers.server import Load

THREADS = 2
_SCRIPT = Path(__file__).with_name("load.lua")
_ERROR_NAMES = {
    "status": "status over 399",
    "connect": "connect error",
    "read": "read error",
    "write": "write error",
    "timeout": "timeout",
}


def find_wrk() -> str | None:
    """The program's path; where it is missing and this is root on a system with apt, it is installed first."""
    found = shutil.which("wrk")
    if found or os.geteuid() != 0 or not shutil.which("apt-get"):
        return found
    say("http: wrk is missing; asking apt-get for it")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-q"], ["apt-get", "install", "-y", "-q", "wrk"]):
        subprocess.run(command, env=environment, capture_output=True, check=False)
    return shutil.which("wrk")


def write_plan(load: Load, file: Path) -> Path:
    """Write what the script reads; a body of several lines would not fit the form."""
    headers = [f"{name}: {value}" for name, value in load.headers.items()]
    lines = [load.method, load.body.decode(), *headers, "", *load.paths]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def run_wrk(program: str, port: int, plan: Path, seconds: int) -> Reading:
    """Load a server with 64 connections; the figure is answered requests without an error per second.

    Args:
        program: the path of wrk.
        port: the port on loopback.
        plan: a file of ``write_plan``.
        seconds: how long.
    """
    command = [program, f"-t{THREADS}", f"-c{TASKS}", f"-d{seconds}s", "--timeout", "10s", "-s", str(_SCRIPT)]
    command += [f"http://127.0.0.1:{port}", "--", str(plan)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=seconds + 60)
    line = next((line for line in ran.stdout.splitlines() if line.startswith("RESULT ")), None)
    if line is None:
        return Reading(None, {f"wrk failed: {(ran.stderr or ran.stdout).strip()[-200:]}": 1})
    counts: dict[str, int] = json.loads(line.removeprefix("RESULT "))
    errors = {text: counts[name] for name, text in _ERROR_NAMES.items() if counts[name]}
    answered = counts["requests"] - counts["status"]
    return Reading(answered / (counts["microseconds"] / 1e6), errors)
