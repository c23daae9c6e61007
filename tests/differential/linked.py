"""Random schemas of rows that are linked many to many: by a table that is made or declared, with one side or both."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import strategies as st

from tabor import ForeignKey, ManyToMany, Table, column, key, many
from tests.differential.relations import Relation
from tests.differential.schemas import INT, KINDS, Kind, Link, Made, Row, World, nullable, row_of

__all__ = ["ManyToMany", "linked_schemas", "linked_worlds"]

Columns = dict[str, tuple[Kind, bool]]
LEFT, RIGHT, BETWEEN = "Left", "Right", "Between"


def declared(name: str, annotations: Row, attributes: Row, module: str = __name__) -> Any:
    """A table of this name, whose annotations may name the others."""
    space = {"__annotations__": annotations, "__module__": module, "__qualname__": f"linked.<locals>.{name}"}
    return cast("Any", type(Table))(name, (Table,), {**space, **attributes})


@st.composite
def some_columns(draw: st.DrawFn, least: int = 1) -> Columns:
    """Columns of any types."""
    kinds = draw(st.lists(st.sampled_from(sorted(KINDS)), min_size=least, max_size=3))
    return {f"{name}_{number}": (KINDS[name], draw(st.booleans())) for number, name in enumerate(kinds)}


def parts_of(columns: Columns) -> tuple[Row, Row]:
    """The annotations and the attributes of columns."""
    annotations = {name: nullable(kind) if empty else kind.annotation for name, (kind, empty) in columns.items()}
    return annotations, {name: column(**kind.options) for name, (kind, _) in columns.items() if kind.options}


def side(name: str, columns: Columns, relations: dict[str, tuple[str, Any]]) -> Made:
    """One side: a table with a key, columns and relations."""
    annotations, attributes = parts_of(columns)
    annotations |= {"id": INT.annotation} | {relation: told for relation, (told, _) in relations.items()}
    attributes |= {"id": column(primary_key=True, init=True)} | {
        relation: made for relation, (_, made) in relations.items()
    }
    table = declared(name, annotations, attributes)
    return Made(name.lower(), table, ("id",), {**columns, "id": (INT, False)}, [], {})


def table_between(sides: tuple[Made, Made], columns: Columns, *, paired: bool, optional: bool) -> Made:
    """A declared table between: with a key of its own, or with that of the pair; its own keys may be empty."""
    annotations, attributes = parts_of(columns)
    links: list[Link] = []
    for name, made in zip(("one", "other"), sides, strict=True):
        lands = made.table | None if optional and not paired else made.table
        annotations[name] = ForeignKey[lands]  # type: ignore[valid-type]  # made as the test runs
        attributes[name] = key(default=None) if optional and not paired else key(primary_key=paired)
        links.append(Link(name, made, (name,)))
    if not paired:
        annotations["id"] = INT.annotation
        attributes["id"] = column(primary_key=True, init=True)
        columns = {**columns, "id": (INT, False)}
    own = ("one", "other") if paired else ("id",)
    return Made(BETWEEN.lower(), declared(BETWEEN, annotations, attributes), own, columns, links, {})


@st.composite
def linked_schemas(draw: st.DrawFn) -> list[Made]:
    """Two tables, or one with itself, and the table between them."""
    tables: dict[str, Any] = {}
    alone, makes, both = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    target = LEFT if alone else RIGHT
    forth: tuple[str, Any] = (
        f"ManyToMany[{target}]",
        many() if makes else many(through=lambda: (tables[BETWEEN].one, tables[BETWEEN].other)),
    )
    back: tuple[str, Any] = (f"ManyToMany[{LEFT}]", many(lambda: tables[LEFT].linked))
    turned: dict[str, tuple[str, Any]] = {"turned": back} if both else {}
    left = side(LEFT, draw(some_columns()), {"linked": forth, **(turned if alone else {})})
    right = left if alone else side(RIGHT, draw(some_columns()), turned)
    tables[LEFT] = left.table
    if makes:
        table = left.table._relations_["linked"].between.table
        names = [name for name, known in table.columns.items() if known.key is not None]
        links = [Link(name, made, (name,)) for name, made in zip(names, (left, right), strict=True)]
        between = Made(table.name, table.table, tuple(names), {}, links, {}, implied=True)
    else:
        pair = draw(some_columns(least=0))
        between = table_between((left, right), pair, paired=draw(st.booleans()), optional=draw(st.booleans()))
        tables[BETWEEN] = between.table
    mine, theirs = between.links
    left.linked.append(relation("linked", left, between, mine, theirs))
    if both:
        right.linked.append(relation("turned", right, between, theirs, mine))
    return [left, between] if alone else [left, right, between]


def relation(name: str, owner: Made, between: Made, mine: Link, theirs: Link) -> Relation:
    """A side's relation to the other."""

    def find(world: World, row: Row) -> list[Any]:
        links = [link for link in world[between.name].values() if link[mine.name] == row["id"]]
        there = world[theirs.target.name]
        return [{"row": there[link[theirs.name],], "link": link} for link in links if link[theirs.name] is not None]

    return Relation(name, owner, theirs.target, find, between)


@st.composite
def linked_worlds(draw: st.DrawFn, schema: list[Made]) -> World:
    """Rows on both sides, and some that link them."""
    *sides, between = schema
    world: World = {}
    for made in sides:
        rows = [{**draw(row_of(world, made)), "id": number} for number in range(draw(st.integers(0, 4)))]
        world[made.name] = {(row["id"],): row for row in rows}
    world[between.name] = {}
    possible = all(world[made.name] for made in sides)
    for number in range(draw(st.integers(0, 8)) if possible else 0):
        row = draw(row_of(world, between))
        row |= {"id": number} if "id" in between.columns else {}
        world[between.name][tuple(row[part] for part in between.key)] = row
    return world
