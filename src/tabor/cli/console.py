"""The interactive console: IPython, which awaits at the top level, with a database that is open in its loop."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from rich.console import Console

from tabor.database.database import Database
from tabor.database.url import without_password
from tabor.errors import TaborError
from tabor.version import VERSION

_QUIET = ("--no-banner", "--no-confirm-exit", "--TerminalInteractiveShell.enable_tip=False")


def start(
    console: Console,
    db: Database,
    *,
    title: str,
    try_this: str,
    prepare: Callable[[Database], Awaitable[None]] | None = None,
) -> None:
    """Run the console on ``db`` until the user leaves.

    Exits with a sentence where IPython is not installed or the database cannot be opened.
    """
    try:
        from IPython import start_ipython
        from IPython.core.async_helpers import get_asyncio_loop
    except ModuleNotFoundError:
        sys.exit("The console needs IPython. Install it with: pip install 'tabor[shell]'")

    async def opening() -> None:
        await db.open()
        if prepare is not None:
            await prepare(db)

    loop: asyncio.AbstractEventLoop = get_asyncio_loop()  # type: ignore[no-untyped-call]  # IPython has no types here
    try:
        loop.run_until_complete(opening())
    except TaborError as error:
        loop.run_until_complete(db.close())
        sys.exit(str(error))
    for line in (f"Tabor {VERSION} on {without_password(db.url)}", title, f"Try: {try_this}"):
        console.print(line, markup=False, soft_wrap=True)
    names = {facts.table.__name__: facts.table for facts in db.catalog}
    try:
        start_ipython(argv=list(_QUIET), user_ns={**names, "db": db})
    finally:
        loop.run_until_complete(db.close())
