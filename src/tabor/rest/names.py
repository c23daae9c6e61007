"""The names that a caller may use: columns that exist for callers, along foreign keys as far as tables are offered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tabor.auth.policy import Rule, anyone, nobody
from tabor.query.conditions import Condition, Expression, shown_where
from tabor.schema.facts import ColumnFacts, TableFacts
from tabor.schema.hops import Place, own_place

MAX_RELATIONS = 3
"""How many foreign keys one path may follow, and how many different ones a request."""


@dataclass(frozen=True, slots=True, eq=False)
class Hop:
    """A step along a foreign key: the row that it leads to, and the rule that says whether a caller sees that row.

    ``before`` are the steps on the way to it.
    """

    path: str
    place: Place
    rule: Rule
    before: tuple[Hop, ...]

    @property
    def steps(self) -> tuple[Hop, ...]:
        """All steps, this one last."""
        return (*self.before, self)


Guards = Mapping[str, Condition]
"""For each step, by its path, the condition under which the row there is seen; one that is always seen is missing."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A column as a caller names it."""

    path: str
    facts: ColumnFacts
    expression: Expression
    steps: tuple[Hop, ...] = ()

    def seen(self, guards: Guards) -> Expression:
        """The value as far as the rules let it be seen, null where they do not."""
        return shown_where(conditions_of(self.steps, guards), self.expression)


def conditions_of(steps: Iterable[Hop], guards: Guards) -> list[Condition]:
    """The conditions of these steps that are not always true."""
    return [guards[step.path] for step in steps if step.path in guards]


def ruled(steps: Iterable[Hop]) -> tuple[Hop, ...]:
    """The steps, each once, whose rows are not seen by everybody."""
    return tuple({step.path: step for step in steps if step.rule is not anyone}.values())


class Found(NamedTuple):
    """A field and what follows it in a dotted name; no field where the first name is unknown already.

    ``known`` are the names that could have stood where the rest begins.
    """

    field: Field | None
    rest: tuple[str, ...]
    known: tuple[str, ...]


class Names:
    """The names below one table.

    ``rules`` are the list rules of the tables that are offered, by the tables' tokens.  Secret columns have no name,
    and of a table that is not offered only the key has one, since it stands in the row that refers to it.
    """

    def __init__(self, facts: TableFacts, rules: Mapping[int, Rule]) -> None:
        self.own: Place = own_place(facts)
        self._rules = rules
        self._hops: dict[str, Hop | None] = {}
        self.fields: dict[str, Field] = {name: self._field(name, self.own, ()) for name in visible(facts)}

    def find(self, segments: tuple[str, ...]) -> Found:
        """The field that the segments lead to, as far as they can be followed."""
        field = self.fields.get(segments[0])
        if field is None:
            return Found(None, segments, tuple(self.fields))
        place, used = self.own, 1
        steps: tuple[Hop, ...] = ()
        while used < len(segments):
            hop = self.hop(field.path, place, field.facts, steps)
            name = segments[used]
            key = field.facts.key
            if key is not None and name == key.target_column:
                # The key of the row there stands in this row.
                return Found(
                    Field(f"{field.path}.{name}", field.facts, field.expression, steps), segments[used + 1 :], ()
                )
            if hop is None or name not in visible(hop.place.facts):
                known = (key.target_column,) if key is not None else ()
                return Found(field, segments[used:], known if hop is None else tuple(visible(hop.place.facts)))
            place, steps, used = hop.place, hop.steps, used + 1
            field = self._field(f"{hop.path}.{name}", place, steps)
        return Found(field, (), ())

    def hop(self, path: str, place: Place, column: ColumnFacts, steps: tuple[Hop, ...]) -> Hop | None:
        """The step along the foreign key at ``path``; None where it is none, or leads to what is not offered."""
        if path not in self._hops:
            self._hops[path] = self._made(path, place, column, steps)
        return self._hops[path]

    def _made(self, path: str, place: Place, column: ColumnFacts, steps: tuple[Hop, ...]) -> Hop | None:
        if column.key is None or len(steps) >= MAX_RELATIONS:
            return None
        target = place.along(column.name)
        rule = self._rules.get(target.source.token, nobody)
        return None if rule is nobody else Hop(path, target, rule, steps)

    @staticmethod
    def _field(path: str, place: Place, steps: tuple[Hop, ...]) -> Field:
        name = path.rpartition(".")[2]
        return Field(path, place.facts.columns[name], place.column(name), steps)


def visible(facts: TableFacts) -> list[str]:
    """The columns of a table that exist for callers."""
    return [name for name, column in facts.columns.items() if not column.secret]
