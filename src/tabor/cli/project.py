"""Finds a database in the user's project by the module that holds it and its name there."""

from __future__ import annotations

import sys
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from types import ModuleType

from tabor.database.database import Database
from tabor.errors import ConfigurationError


def database_at(place: str) -> Database:
    """The database at ``module:name``, or the only one of ``module``; the working directory is searched first.

    Raises ``ConfigurationError`` where there is none; what the module itself raises goes on as it is.
    """
    name, _, attribute = place.partition(":")
    module = _imported(name)
    databases = {key: value for key, value in vars(module).items() if isinstance(value, Database)}
    if not attribute:
        if len(databases) == 1:
            return next(iter(databases.values()))
        known = " or ".join([f"{name}:{key}" for key in databases])
        raise ConfigurationError(
            f"{name} holds several databases; say which: {known}." if known else f"{name} holds no database.",
            setting="database",
        )
    if attribute in databases:
        return databases[attribute]
    close = get_close_matches(attribute, databases, n=1, cutoff=0.4) or list(databases)
    hint = f" Did you mean {name}:{close[0]}?" if close else ""
    what = "is no Database" if hasattr(module, attribute) else "does not exist"
    raise ConfigurationError(f"{name}:{attribute} {what}.{hint}", setting="database")


def _imported(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise
        raise ConfigurationError(
            f"There is no module {name!r} in {here} or among the installed ones.", setting="database"
        ) from None
    except (ValueError, TypeError):
        raise ConfigurationError(
            f"{name!r} is no name of a module; write module:name, as in app.tables:db.", setting="database"
        ) from None
