"""The planner as people start it: a process of its own, asked over a socket."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Server:
    """A running planner: its process, where it answers, and what it printed until then."""

    process: subprocess.Popen[str]
    address: str
    printed: str

    def password(self, email: str) -> str:
        """The password that was printed for a sample account."""
        found = re.search(rf"{re.escape(email)}, password (\S+)", self.printed)
        assert found is not None, self.printed
        return found[1]

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C; the exit status and what was still printed."""
        self.process.send_signal(signal.SIGINT)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest


@contextmanager
def serving(file: Path, *options: str, **environment: str) -> Generator[Server]:
    """``python -m planner`` on a free port and this file; killed at the end if it still runs."""
    command = [sys.executable, "-m", "planner", "--port", "0", "--file", str(file), *options]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TABOR_")}
    # Whoever runs the tests in the background may have had Ctrl-C ignored, which a new process would take over.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command,
            env={**kept, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT / "examples")]), **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        printed = _until_ready(process)
        found = re.search(r"http://[\d.:]+", printed)
        assert found is not None, printed
        yield Server(process, found[0], printed)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def _until_ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Ctrl-C"):
            return "".join(lines)
    raise AssertionError(f"The planner ended with {process.wait()}:\n{''.join(lines)}")
