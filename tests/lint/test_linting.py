"""Tests of the lint: each rule finds its mistake, and ordinary Python is left alone."""

from __future__ import annotations

import asyncio
import email
import json
import unittest
from pathlib import Path
from textwrap import dedent

import pytest

from tabor import ConfigurationError
from tabor.lint.findings import RULES
from tabor.lint.linting import lint

ROOT = Path(__file__).resolve().parent.parent.parent
TABLES = '''
"""Tables."""
from tabor import Column, ForeignKey, Many, Table, column, key, many

class Base(Table):
    created: Column[int] = column(default=0)

class User(Base):
    id: Column[int] = column(primary_key=True)
    email: Column[str]
    events: Many["Event"] = many(lambda: Event.creator)

class Event(Base):
    id: Column[int] = column(primary_key=True)
    title: Column[str]
    seats: Column[int]
    tags: Column[list[str]]
    open: Column[bool]
    creator: ForeignKey[User] = key()
    reviewer: ForeignKey[User | None] = key(default=None)
'''


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A package with tables, which another file may import."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").write_text("from .tables import Event as Event\n", encoding="utf-8")
    (tmp_path / "app" / "tables.py").write_text(TABLES, encoding="utf-8")
    return tmp_path


def found(project: Path, code: str, *, head: str = "from app.tables import Event, User") -> list[tuple[int, str, str]]:
    """The line within ``code``, the rule and the remedy of each finding."""
    path = project / "queries.py"
    path.write_text(f"{head}\n{dedent(code).lstrip()}", encoding="utf-8")
    return [(finding.line - 1, finding.code, finding.instead) for finding in lint([path])]


@pytest.mark.parametrize(
    ("line", "code", "instead"),
    [
        ("Event.seats > 3 and Event.open", "TAB001", "(Event.seats > 3) & Event.open"),
        ("Event.open == True and print()", "TAB001", "(Event.open == True) & print()"),
        ("Event.seats > 3 or Event.title == 'x'", "TAB002", "(Event.seats > 3) | (Event.title == 'x')"),
        ("not Event.open", "TAB003", "~Event.open"),
        ("not (Event.seats == 3)", "TAB003", "~(Event.seats == 3)"),
        ("Event.id in [1, 2]", "TAB004", "Event.id.is_in([1, 2])"),
        ("Event.id not in ids", "TAB004", "Event.id.not_in(ids)"),
        ("'x' in Event.tags", "TAB004", "Event.tags.contains('x') for text, Event.tags.has('x') for lists"),
        ("1 < Event.seats < 5", "TAB005", "(1 < Event.seats) & (Event.seats < 5)"),
        ("Event.reviewer is None", "TAB006", "Event.reviewer.is_null()"),
        ("Event.title is not None", "TAB006", "Event.title.is_not_null()"),
        ("Event.open is True", "TAB006", "Event.open == True"),
        ("1 if Event.seats == 3 else 2", "TAB007", "a query with .where(Event.seats == 3)"),
        ("[x for x in y if Event.open]", "TAB007", "a query with .where(Event.open)"),
        ("Event.creator.email.lower() == 'x' and 1", "TAB001", "(Event.creator.email.lower() == 'x') & 1"),
        ("Event.created + 1 > 3 and 1", "TAB001", "(Event.created + 1 > 3) & 1"),
        ("~(Event.open == True) and 1", "TAB001", "(~(Event.open == True)) & 1"),
    ],
)
def test_each_rule(project: Path, line: str, code: str, instead: str) -> None:
    """Each mistake has its rule and its remedy."""
    assert found(project, line) == [(1, code, instead)]


@pytest.mark.parametrize(
    ("head", "name"),
    [
        ("import app.tables", "app.tables.Event"),
        ("import app.tables as t", "t.Event"),
        ("from app import tables", "tables.Event"),
        ("from app import Event as E", "E"),
        ("import app", "app.Event"),
    ],
)
def test_a_table_is_known_by_any_name(project: Path, head: str, name: str) -> None:
    """An import is followed to the class, through packages and new names."""
    assert [code for _, code, _ in found(project, f"not {name}.open", head=head)] == ["TAB003"]


def test_local_names_are_followed(project: Path) -> None:
    """A condition in a local name and a parameter typed as an expression are conditions too."""
    code = """
        def f(given: Expr[bool], plain: bool):
            soon = Event.seats > 3
            soon and plain
            plain and soon
            not given
            soon = plain
            not soon
    """
    findings = found(project, code, head="from app.tables import Event; from tabor import Expr")
    assert [(line, rule) for line, rule, _ in findings] == [(3, "TAB001"), (5, "TAB003")]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("None is Event.title", "TAB006"),
        ("all([Event.open, Event.seats > 3])", "TAB001"),
        ("any(Event.title == t for t in given)", "TAB002"),
        ("bool(Event.open)", "TAB007"),
        ("(soon := Event.seats > 3) and given", "TAB001"),
        ("exists(User.select()) and given", "TAB001"),
        ("tabor.count() > 3 and given", "TAB001"),
        ("User.events.any(Event.open) and given", "TAB001"),
        ("not User.events.where(Event.open).any()", "TAB003"),
        ("Event.reviewer(lambda u: u.email == 'x' and u.open)", "TAB001"),
        ("Event.reviewer.inner.email == 'x' and given", "TAB001"),
        ("not alias(Event, 'other').open", "TAB003"),
        ("not cte('busy', Event.select())", None),
    ],
)
def test_what_gives_a_condition_is_known(project: Path, line: str, code: str | None) -> None:
    """Functions of Tabor, relations, keys followed by a function, and Python's own functions over conditions."""
    head = "import tabor; from tabor import alias, cte, exists; from app.tables import Event, User"
    assert [rule for _, rule, _ in found(project, line, head=head)] == ([code] if code else [])


def test_names_of_tables_and_queries_are_followed(project: Path) -> None:
    """A table by another name, as an alias or a parameter, a row that may be missing, and a named query are known."""
    code = """
        def f(T: type[Event], maybe: Expr[bool] | None, rows: list[Event]):
            "A docstring."
            E = Event
            e = alias(E, "e")
            o = optional(Event, "o")
            c = cte("c", Event.select(Event.id))
            not E.open, not e.open, not o.inner.open, not T.open
            c[Event.id] > 3 and rows
            not c[Event].open
            o(lambda event: event.open and event.seats > 3)
            recursive("r", c, lambda r: r[Event.id] > 3 and rows)
            for one in (Event.open, Event.seats > 3):
                one and rows
            if maybe is not None or rows:
                return Event.select().where(maybe)
            if maybe:
                return [row for row in rows if row.open and not row.title]
            return opened() or rows

        def opened() -> Expr[bool]:
            return Event.open == True

        def closed(row: Event) -> bool:
            return not row.open

        def plain(row: Event):
            return closed(row) or not closed(row)
    """
    head = "from app.tables import Event; from tabor import Expr, alias, cte, optional, recursive"
    findings = found(project, code, head=head)
    assert [(line, rule) for line, rule, _ in findings] == [
        *[(7, "TAB003")] * 4,
        (8, "TAB001"),
        (9, "TAB003"),
        (10, "TAB001"),
        (11, "TAB001"),
        (13, "TAB001"),
        (16, "TAB007"),
        (18, "TAB002"),
    ]


def test_a_class_method_of_a_table(project: Path) -> None:
    """In the constraints of a table `cls` is the table; in a method `self` is a row."""
    code = """
        class Slot(Table):
            starts: Column[int]
            ends: Column[int]

            @classmethod
            def constraints(cls):
                return [check(cls.ends > cls.starts and cls.starts > 0, name="order")]

            def long(self):
                return self.ends > self.starts and not self.starts

        class Other:
            @classmethod
            def constraints(cls):
                return not cls.starts
    """
    findings = found(project, code, head="from tabor import Column, Table, check")
    assert [(line, rule) for line, rule, _ in findings] == [(7, "TAB001")]


def test_names_that_are_imported_all_at_once(project: Path) -> None:
    """A star import of Tabor, or of the user's own tables, hides nothing."""
    code = """
        class Own(Table):
            open: Column[bool]
        not Own.open, not Event.open, not Missing.open
        not exists(Event.select())
    """
    findings = found(project, code, head="from tabor import *; from app.tables import *")
    assert [(line, rule) for line, rule, _ in findings] == [(3, "TAB003"), (3, "TAB003"), (4, "TAB003")]
    assert found(project, "not Event.open", head="from asyncio import *") == []


def test_what_is_no_condition_is_left_alone(project: Path) -> None:
    """Rows, methods, other classes of the same name, and conditions in their right place are fine."""
    code = """
        import asyncio
        from dataclasses import dataclass

        def rows(event, user=None):
            if event.open and not event.title or event.reviewer is None or 1 < event.seats < 5:
                return event.id in [1, 2]
            return user is None and Event is not None and Event.select

        async def right(flag):
            q = Event.select().where((Event.seats > 3) & ~Event.open, Event.reviewer.is_null())
            condition = flag and Event.open == True
            settings = [Event.seats.to(3)] if flag else []
            return await q or [] if flag else condition or settings

        def shadowed(Event):
            return not Event.open

        def again():
            for User in []:
                print(not User.email)

        class Other:
            open = True
        not Other.open
        not asyncio.Event.set
    """
    assert found(project, code) == []


def test_a_class_of_the_same_name_is_no_table(project: Path) -> None:
    """What counts is where a name comes from, not how it is spelled."""
    assert found(project, "not Event.open", head="from asyncio import Event") == []
    assert found(project, "not Event.open", head="from nowhere import Event") == []


def test_the_table_of_the_same_file_is_known(project: Path) -> None:
    """A file may declare its tables itself, in any way of importing Tabor."""
    code = """
        class Note(tabor.Table):
            id: "tabor.Column[int]" = tabor.column(primary_key=True)
            text: tabor.Column[str]
        class Pinned(Note):
            place: tabor.Column[int]
        not Pinned.text, not Pinned.place, not Pinned.id
    """
    assert [code for _, code, _ in found(project, code, head="import tabor")] == ["TAB003"] * 3


def test_bases_in_a_circle_end(project: Path) -> None:
    """Classes and imports that lead to each other are no tables, and reading them ends."""
    (project / "a.py").write_text("from b import X as Y\nclass Z(W): ...\nclass W(Z): ...\n", encoding="utf-8")
    (project / "b.py").write_text("from a import Y as X\n", encoding="utf-8")
    assert found(project, "not Y.a, not Z.a", head="from a import Y, Z") == []


def test_a_line_can_be_waived(project: Path) -> None:
    """Noqa waives a line, or one rule of it."""
    code = """
        not Event.open  # noqa
        not Event.open  # noqa: TAB003 - on purpose
        not Event.open  # noqa: E711
    """
    assert [line for line, _, _ in found(project, code)] == [3]


def test_findings_are_in_order_and_say_where(project: Path) -> None:
    """Findings come by file, line and column, as editors understand them."""
    path = project / "queries.py"
    path.write_text("from app.tables import Event\n\nx = [not Event.open, not Event.seats]\n", encoding="utf-8")
    first, second = lint([project])
    assert str(first) == f"{path}:3:6: TAB003 {RULES['TAB003']}. Write instead: ~Event.open"
    assert (second.line, second.column) == (3, 22)


def test_a_file_that_is_no_python_is_a_finding(tmp_path: Path) -> None:
    """A file with a syntax error or bytes that are no text is reported, not fatal."""
    (tmp_path / "a.py").write_text("def f(:\n", encoding="utf-8")
    (tmp_path / "b.py").write_bytes(b"x = '\xff'\n")
    (tmp_path / "c.py").write_bytes(b"x = 1\0\n")
    assert [(finding.path.name, finding.code) for finding in lint([tmp_path])] == [
        ("a.py", "TAB100"),
        ("b.py", "TAB100"),
        ("c.py", "TAB100"),
    ]


def test_folders_of_no_interest_are_left_out(project: Path) -> None:
    """What tools put into a project is not read; a file named by itself is."""
    hidden = project / ".venv" / "x.py"
    hidden.parent.mkdir()
    hidden.write_text("def f(:\n", encoding="utf-8")
    assert lint([project]) == []
    assert len(lint([hidden])) == 1


def test_a_path_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """A path is checked before anything is read."""
    with pytest.raises(ConfigurationError, match="There is no file or folder"):
        lint([tmp_path / "nowhere"])


def test_the_project_itself_is_clean() -> None:
    """Tabor's source and its examples have no finding; the file of mistakes for type checkers has some."""
    assert lint([ROOT / "src", ROOT / "examples"]) == []
    assert {finding.path.name for finding in lint([ROOT / "tests" / "typing"])} == {"bad.py"}


def test_the_standard_library_is_clean() -> None:
    """A few thousand lines of ordinary Python give no false alarm."""
    folders = [Path(module.__file__ or "").parent for module in (asyncio, email, json, unittest)]
    assert lint(folders) == []
