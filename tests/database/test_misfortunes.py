"""Tests of databases that are not there, not as they should be, or misspelt: what the errors name and advise."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from tabor import (
    Column,
    ConfigurationError,
    Database,
    DatabaseUnavailable,
    MissingColumn,
    PostgresOptions,
    QueryError,
    StatementFailed,
    Table,
    TaborError,
    column,
    raw,
)

pytestmark = pytest.mark.anyio

NO_DRIVER = "names a driver; leave out '+asyncpg', Tabor has its own."
NO_PORT = (
    "has no number from 1 to 65535 where its port belongs. In a user's name or password the characters / : @ ? # are "
    "written encoded: urllib.parse.quote(password, safe='')."
)


class Note(Table):
    """A table of which an older form is in the database."""

    id: Column[int] = column(primary_key=True)
    text: Column[str] = column(default="")
    extra: Column[int | None] = column(default=None)


def moved(url: str, *, netloc: str = "", path: str = "", query: str = "") -> str:
    """Another address on the same server, or nearly."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=netloc or parts.netloc, path=path or parts.path, query=query))


def files(folder: Path) -> list[str]:
    """The names of the files in a folder."""
    return [path.name for path in folder.iterdir()]


async def failure(url: str | Path) -> TaborError:
    """Why a database cannot be opened."""
    with pytest.raises((DatabaseUnavailable, ConfigurationError)) as caught:
        async with Database(url, tables=[Note], options=options_for(url)):
            pass
    return caught.value


def options_for(url: str | Path) -> PostgresOptions | None:
    """Options by which nobody waits for a server that is not there."""
    return PostgresOptions(retry_deadline=0.01) if str(url).startswith("postgresql") else None


async def test_a_column_that_was_declared_later(database_url: str) -> None:
    """A column that the table in the database does not have is named, with what to do, whatever asks for it."""
    async with Database(database_url, tables=[Note]) as db:
        await db.sql("create table note (id integer primary key, text text not null)")
        questions = [
            (Note.select(), "note"),
            (Note.insert(Note()), "note"),
            (Note.insert([Note() for _ in range(60)]), None),
            (Note.update(Note.extra.to(5)).everything(), None),
            (Note.select(Note.id).where(Note.extra == 1), "note"),
        ]
        for question, table in questions:
            with pytest.raises(MissingColumn, match=r"there is no column (note\.)?extra; correct its name") as caught:
                await question
            assert caught.value.column == "extra"
            assert caught.value.table == table or table is None
            assert isinstance(caught.value, StatementFailed)
        with pytest.raises(MissingColumn, match="there is no column other; correct its name"):
            await db.sql('select "other" from note')


@pytest.mark.parametrize("text", ["select '\0'", "select '\ud800'"])
async def test_sql_that_cannot_be_sent(database_url: str, text: str) -> None:
    """SQL by hand with characters that no statement may have is refused before it travels."""
    async with Database(database_url, tables=[Note]) as db:
        for made in (lambda: db.sql(text), lambda: raw(text, kind=str)):
            with pytest.raises(QueryError, match=r"^SQL text may not contain NUL or lone surrogates"):
                made()
        assert await db.sql("select 1").values() == [1]


async def test_a_refusal_is_one_sentence(database_url: str) -> None:
    """What the database says stands in one line."""
    async with Database(database_url, tables=[Note]) as db:
        await db.create_tables()
        with pytest.raises(StatementFailed) as caught:
            await db.sql("select tex from note")
        assert "\n" not in str(caught.value)


async def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    """The error names the file and says what is the matter with it."""
    (tmp_path / "link.db").symlink_to(tmp_path / "nowhere.db")
    whole = tmp_path / "whole.db"
    async with Database(whole, tables=[Note]) as db:
        await db.create_tables()
        await Note.insert([Note(text="x" * 100) for _ in range(100)])
    (tmp_path / "half.db").write_bytes(whole.read_bytes()[:5000])
    told = {path.name: str(await failure(path)) for path in (tmp_path, tmp_path / "link.db", tmp_path / "half.db")}
    assert told == {
        tmp_path.name: f"The database {tmp_path} cannot be opened: it is a folder. Choose the path of a file in it.",
        "link.db": (
            f"The database {tmp_path}/link.db cannot be opened: it is a link to {tmp_path}/nowhere.db, which is not "
            "there. Make that file, or remove the link."
        ),
        "half.db": (
            f"The database {tmp_path}/half.db cannot be opened: database disk image is malformed. Put a backup in its "
            "place."
        ),
    }


async def test_one_slash_too_many(tmp_path: Path) -> None:
    """An absolute path after four slashes is that path."""
    async with Database(f"sqlite:////{tmp_path}/notes.db", tables=[Note]) as db:
        await db.create_tables()
    assert files(tmp_path) == ["notes.db"]


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///", "The URL 'sqlite:///' names no file; a database in memory is sqlite:///:memory:."),
        ("sqlite:///a\0b", "The path 'a\\x00b' has a NUL in it, which no path may have."),
        (None, "A database URL is text or a Path, got None; is the environment variable set from which it comes?"),
        (
            "postgresql+asyncpg://ann:se/cr@t@db/x",
            f"The database URL 'postgresql+asyncpg://ann:***@db/x' {NO_DRIVER}",
        ),
        ("postgresql://ann:se/cr@db/x", f"The URL {NO_PORT}"),
        ("postgresql://ann@db:54x/y", f"The URL of db:54x/y {NO_PORT}"),
    ],
)
def test_addresses_that_are_wrong(url: str, message: str) -> None:
    """A wrong address is refused where it is given, by what is wrong with it, and without its password."""
    with pytest.raises(ConfigurationError) as caught:
        Database(url, tables=[])
    assert (str(caught.value), caught.value.setting) == (message, "url")


async def test_a_server_that_cannot_be_reached(postgres_url: str) -> None:
    """The error says which server and database, and what to do."""
    host = urlsplit(postgres_url).netloc.rpartition("@")[2]
    missing = await failure(moved(postgres_url, path="/nowhere"))
    assert str(missing) == (
        f'The database {host}/nowhere cannot be reached: database "nowhere" does not exist. Nothing was changed; make '
        "the database, or correct its name in the URL."
    )
    stranger = await failure(moved(postgres_url, netloc=f"stranger@{host}"))
    assert str(stranger).endswith("Nothing was changed; check the user and the password in its URL.")
    nobody = await failure("postgresql://ann@127.0.0.1:1/planner")
    assert re.match(r"The database 127\.0\.0\.1:1/planner cannot be reached: .+; see to the server", str(nobody))


@pytest.mark.parametrize("query", ["sslmode=sometimes", "conect_timeout=3"])
async def test_parameters_that_are_wrong(postgres_url: str, query: str) -> None:
    """A parameter in the URL that the driver or the server does not take is a wrong setting."""
    error = await failure(moved(postgres_url, query=query))
    assert isinstance(error, ConfigurationError)
    assert re.match(r"The parameters in the URL of .+ are refused: .+ Deadlines and the like are options", str(error))
