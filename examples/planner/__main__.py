"""``python -m planner``: starts the planner with sample data, one process on one SQLite file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import quote

from planner.app import create_app
from planner.samples import ANN, BEN, load_samples, sample_password
from planner.tables import Event, User
from tabor import ConfigurationError, Database
from tabor.auth.authentication import Authentication
from tabor.auth.secret import load_secret_key
from tabor.web.server import Server, server_config


def main() -> None:
    """Run until Ctrl-C."""
    options = read_options()
    try:
        serve(options.host, options.port, options.file)
    except ConfigurationError as error:
        sys.exit(f"{error}")
    except KeyboardInterrupt:
        print("\nStopped.")


def serve(host: str, port: int, file: Path) -> None:
    """Answer on ``host`` and ``port`` (0: any free one) from the database in ``file``."""
    path = file.resolve()
    # A demonstration: without TABOR_SECRET_KEY a key is made and kept beside the data, and a notice says so.
    secret = load_secret_key(development=True, folder=path.parent / ".tabor")
    db = Database(f"sqlite:///{quote(str(path))}", tables=[User, Event])

    async def at_start(auth: Authentication[User]) -> None:
        await load_samples(db, auth, secret)
        site = f"http://{host}:{listening.getsockname()[1]}"
        print(f"The page        {site}/")
        print(f"The API         {site}/docs")
        print(f"Sign in as      {ANN}, password {sample_password(secret, ANN)}")
        print(f"Administrator   {BEN}, password {sample_password(secret, BEN)}")
        print(f"Kept in         {file}")
        print("Ctrl-C stops it.", flush=True)

    config = server_config(create_app(db, secret, at_start), host=host, port=port)
    # Bound before anything is opened or printed: a port that is taken ends the program here.
    listening = config.bind_socket()
    Server(config).run(sockets=[listening])


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m planner", description="An event planner on one SQLite file.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (%(default)s)")
    parser.add_argument("--port", type=port_number, default=8000, help="0 takes any free one (%(default)s)")
    parser.add_argument("--file", type=Path, default=Path("planner.db"), help="the database file (%(default)s)")
    return parser.parse_args()


def port_number(text: str) -> int:
    """A port from the command line."""
    number = int(text)
    if not 0 <= number < 65_536:
        raise ValueError
    return number


if __name__ == "__main__":
    main()
