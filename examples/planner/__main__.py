"""``python -m planner``: starts the planner with sample data, one process on one SQLite file."""

from __future__ import annotations

import argparse
from pathlib import Path
from urllib.parse import quote

import uvicorn

from planner.app import create_app
from planner.samples import ANN, BEN, load_samples, sample_password
from planner.tables import Event, User
from tabor import Database
from tabor.auth.authentication import Authentication
from tabor.auth.secret import load_secret_key


def main() -> None:
    """Run until Ctrl-C."""
    options = read_options()
    file: Path = options.file.resolve()
    # A demonstration: without TABOR_SECRET_KEY a key is made and kept beside the data, and a notice says so.
    secret = load_secret_key(development=True, folder=file.parent / ".tabor")
    db = Database(f"sqlite:///{quote(str(file))}", tables=[User, Event])

    async def at_start(auth: Authentication[User]) -> None:
        await load_samples(db, auth, secret)
        site = f"http://{options.host}:{port}"
        print(f"The page        {site}/")
        print(f"The API         {site}/docs")
        print(f"Sign in as      {ANN}, password {sample_password(secret, ANN)}")
        print(f"Administrator   {BEN}, password {sample_password(secret, BEN)}")
        print(f"Kept in         {options.file}")
        print("Ctrl-C stops it.", flush=True)

    config = uvicorn.Config(
        create_app(db, secret, at_start),
        host=options.host,
        port=options.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )
    # Bound before anything is opened or printed: a port that is taken ends the program here.
    listening = config.bind_socket()
    port = listening.getsockname()[1]
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        print("\nStopped.")


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m planner", description="An event planner on one SQLite file.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="the port to listen on (%(default)s; 0: any free one)")
    parser.add_argument("--file", type=Path, default=Path("planner.db"), help="the database file (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
