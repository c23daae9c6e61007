"""The commands and their arguments."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from tabor.cli.console import start
from tabor.cli.project import database_at
from tabor.errors import TaborError
from tabor.lint.findings import Finding
from tabor.lint.linting import lint as findings_in
from tabor.playground.rows import fill
from tabor.playground.rows import playground as playground_database
from tabor.version import VERSION

application: typer.Typer = typer.Typer(
    name="tabor",
    help="Tabor: an async, statically typed data layer.",
    no_args_is_help=True,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tabor {VERSION}")
        raise typer.Exit


@application.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", "-V", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Tabor: an async, statically typed data layer."""


@application.command()
def lint(
    paths: Annotated[list[Path], typer.Argument(help="Files, and folders to search for Python files.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as one JSON list.")] = False,
) -> None:
    """Find and, or, not, in and is where a query needs & | ~ is_in() and is_null().

    Nothing is imported or run. The exit status is 1 where something was found.
    """
    try:
        found = findings_in(paths)
    except TaborError as error:
        raise typer.BadParameter(str(error)) from None
    if as_json:
        typer.echo(json.dumps([_record(finding) for finding in found], indent=2))
    else:
        for finding in found:
            typer.echo(str(finding))
    raise typer.Exit(1 if found else 0)


@application.command()
def playground() -> None:
    """Try Tabor out: a Python console with await, an event planner and some films, on a scratch database."""
    console = Console(highlight=False)
    db = playground_database()
    start(
        console,
        db,
        title="Tables User, Event, Director and Film with a few rows each, in memory: nothing is kept.",
        try_this="await Event.select(Event.title, Event.creator.name).order_by(Event.starts_at)",
        prepare=fill,
    )


@application.command()
def shell(
    database: Annotated[str, typer.Argument(metavar="MODULE:NAME", help="Where the database is, as in app.tables:db.")],
) -> None:
    """Open a Python console with await on the database of your project; its tables are there by name."""
    console = Console(highlight=False)
    try:
        db = database_at(database)
    except TaborError as error:
        raise typer.BadParameter(str(error)) from None
    names = ", ".join([facts.table.__name__ for facts in db.catalog]) or "none"
    first = next(iter(db.catalog), None)
    try_this = f"await {first.table.__name__}.select().limit(3)" if first is not None else "await db.sql('select 1')"
    start(console, db, title=f"db is {database}; tables: {names}", try_this=try_this)


def _record(finding: Finding) -> dict[str, object]:
    return {
        "path": str(finding.path),
        "line": finding.line,
        "column": finding.column,
        "code": finding.code,
        "message": finding.message,
        "instead": finding.instead,
    }
