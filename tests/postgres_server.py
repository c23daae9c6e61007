"""The tests' own PostgreSQL servers: one that can be configured, crash, be followed and be promoted.

A URL in the environment variable ``TABOR_TEST_POSTGRES`` points the tests at another server instead; its user must be
allowed to create databases.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tabor.engines.postgres.local_server import LocalServer, Programs, free_port, initialised


class Server(LocalServer):
    """One running server; ``stop`` ends it by its process and removes its folder."""

    _frozen: Sequence[int] = ()

    def configure(self, line: str) -> None:
        """Add a line to the configuration of the running server."""
        with (self.folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
        os.kill(self.pid, signal.SIGHUP)

    def crash(self) -> None:
        """End at once, as a machine that loses its power; the folder stays."""
        self._end(signal.SIGQUIT)

    def freeze(self) -> None:
        """Stand still with all processes, and keep every connection; only ``stop`` helps."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        self._frozen = [self.pid, *map(int, children)]
        for pid in self._frozen:
            os.kill(pid, signal.SIGSTOP)

    def shut_down(self) -> None:
        for pid in self._frozen:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)
        super().shut_down()

    def standby(self) -> Server:
        """A copy of this server that follows it by streaming replication, started."""
        folder = self.programs.folder("standby")
        connection = f"host=127.0.0.1 port={self.port} user=postgres application_name=standby"
        options = ("-R", "-X", "stream", "-c", "fast", "--no-sync")
        self.programs.run("pg_basebackup", "-d", connection, "-D", str(folder / "data"), *options)
        server = Server(self.programs, folder, free_port())
        server.start()
        return server

    def promote(self) -> None:
        """Make a standby the primary."""
        self.programs.run("pg_ctl", "promote", "-D", str(self.folder / "data"), "-W")


def new_server(programs: Programs) -> Server:
    """A fresh cluster of databases, not started yet."""
    return Server(programs, initialised(programs), free_port())
