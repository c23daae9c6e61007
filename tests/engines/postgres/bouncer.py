"""A real PgBouncer in transaction mode, where one is installed: its program is no wheel."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tabor.engines.postgres.local_server import free_port

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
SETTINGS = """
[databases]
* = host={host} port={port} user={user}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {sessions}
"""


@asynccontextmanager
async def bounced(program: str, url: str, sessions: int) -> AsyncGenerator[str]:
    """The address of a PgBouncer in front of the server of ``url``."""
    own = free_port()
    folder, settings = _configured(url, own, sessions)
    # It refuses to run as root.
    user = pwd.getpwnam("nobody").pw_name if os.geteuid() == 0 else None
    process = await asyncio.create_subprocess_exec(
        program, "-q", str(settings), user=user, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        await _listening(own)
        parts = urlsplit(url)
        yield urlunsplit(parts._replace(netloc=f"{parts.username}@127.0.0.1:{own}"))
    finally:
        process.kill()
        await process.wait()
        shutil.rmtree(folder)


def _configured(url: str, own: int, sessions: int) -> tuple[Path, Path]:
    """A folder that everybody may read, and the settings in it."""
    parts = urlsplit(url)
    folder = Path(tempfile.mkdtemp(prefix="tabor-pgbouncer-"))
    settings = folder / "pgbouncer.ini"
    text = SETTINGS.format(host=parts.hostname, port=parts.port, user=parts.username, own=own, sessions=sessions)
    settings.write_text(text, encoding="utf-8")
    folder.chmod(0o755)
    return folder, settings


async def _listening(port: int) -> None:
    async with asyncio.timeout(10):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return
