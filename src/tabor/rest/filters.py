"""Filters: from parameters to terms over known fields, and from terms to conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from tabor.errors import InvalidValue
from tabor.query.conditions import Condition, all_of, any_of
from tabor.rest.faults import Faults, suggestion
from tabor.rest.grammar import Group, NotUnderstood, parse_group, split_list, unquoted
from tabor.rest.names import Field, Guards, Hop, Names
from tabor.rest.operators import MAX_IN, OPERATORS, Operator, operators_for
from tabor.rest.values import text_reader

MAX_TERMS = 64
"""How many terms one group may have."""
MAX_ALL_TERMS = 256
"""How many terms a request may have, in all of its filters."""
MAX_FILTER_LENGTH = 2_000
"""How many characters one filter may have."""


@dataclass(frozen=True, slots=True)
class Term:
    """One comparison of a field with values."""

    field: Field
    operator: Operator
    values: Sequence[object]
    negated: bool

    def condition(self, guards: Guards) -> Condition:
        """The condition, which is never true of a field that the rules hide."""
        made = self.operator.build(self.field.seen(guards), self.values)
        return ~made if self.negated else made

    def steps(self) -> Iterator[Hop]:
        """The steps along foreign keys that it needs."""
        yield from self.field.steps


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of which all or one must hold."""

    kind: Literal["and", "or"]
    negated: bool
    items: Sequence[Term | Terms]

    def condition(self, guards: Guards) -> Condition:
        """The condition."""
        parts = [item.condition(guards) for item in self.items]
        made = all_of(parts) if self.kind == "and" else any_of(parts)
        return ~made if self.negated else made

    def steps(self) -> Iterator[Hop]:
        """The steps along foreign keys that they need."""
        for item in self.items:
            yield from item.steps()


class _Word(NamedTuple):
    """What a dotted name says: a field, what is asked of it, and what is left (the value, within a group)."""

    field: Field
    operator: Operator
    negated: bool
    rest: tuple[str, ...]


class FilterReader:
    """Reads the filters of one request; what is wrong goes to ``faults``.

    ``others`` are the names of parameters that are no filters, for suggestions.
    """

    def __init__(self, names: Names, faults: Faults, others: Sequence[str]) -> None:
        self._names = names
        self._faults = faults
        self._others = others
        self._terms = 0
        self._group_terms = 0

    def parameter(self, name: str, text: str) -> Term | None:
        """The term of ``name=text``; None where something is wrong with it."""
        place = ("query", name)
        word = self._word(name, tuple(name.split(".")), place, at_top=True)
        if word is None or not self._counted(place, len(text)):
            return None
        try:
            texts = [text] if word.operator.takes == "one" else split_list(text)
        except NotUnderstood as error:
            self._faults.meaningless(place, "malformed", f"{name}: {error.reason}.")
            return None
        return self._term(place, word, texts)

    def group(self, text: str) -> Terms | None:
        """The terms of ``or=text``; None where something is wrong with them."""
        try:
            group = parse_group(text)
        except NotUnderstood as error:
            self._faults.meaningless(("query", "or"), "malformed", f"or: {error.reason}.")
            return None
        self._group_terms = 0
        return self._terms_of(group) if self._counted(("query", "or"), len(text), terms=0) else None

    def _terms_of(self, group: Group) -> Terms:
        items: list[Term | Terms] = []
        for item in group.items:
            made = self._terms_of(item) if isinstance(item, Group) else self._grouped(item)
            if made is not None:
                items.append(made)
        return Terms(group.kind, group.negated, tuple(items))

    def _grouped(self, text: str) -> Term | None:
        """The term of ``path.operator.value`` within a group."""
        place = ("query", "or")
        word = self._word(text, tuple(text.split(".")), place, at_top=False)
        self._group_terms += 1
        if word is None or not self._counted(place, 0):
            return None
        value = ".".join(word.rest)
        if word.operator.takes == "one":
            return self._term(place, word, [unquoted(value)])
        try:
            if value[:1] != "(" or value[-1:] != ")":
                raise NotUnderstood(f"{word.operator.word} takes its values in parentheses within a group")
            return self._term(place, word, split_list(value[1:-1]))
        except NotUnderstood as error:
            self._faults.meaningless(place, "malformed", f"or: {error.reason}.")
            return None

    def _counted(self, place: tuple[str, str], length: int, *, terms: int = 1) -> bool:
        """Whether the filters are still within their limits with this one."""
        self._terms += terms
        if length > MAX_FILTER_LENGTH:
            message = f"{place[1]}: a filter may have {MAX_FILTER_LENGTH:,} characters at most."
            self._faults.unacceptable(place, "too_long", message)
            return False
        if self._terms > MAX_ALL_TERMS or self._group_terms > MAX_TERMS:
            message = f"A group may have {MAX_TERMS} terms at most, and all filters {MAX_ALL_TERMS}."
            self._faults.unacceptable(place, "too_many", message)
            return False
        return True

    def _word(self, text: str, segments: tuple[str, ...], place: tuple[str, str], *, at_top: bool) -> _Word | None:
        found = self._names.find(segments)
        if found.field is None:
            known = (*found.known, *(self._others if at_top else ()))
            what = "parameter or field" if at_top else "field"
            message = f"There is no {what} {segments[0]!r}{suggestion(segments[0], known)}"
            self._faults.meaningless(place, "unknown_parameter" if at_top else "unknown_field", message)
            return None
        field = found.field
        negated = found.rest[:1] == ("not",)
        said = list(found.rest[1:] if negated else found.rest) or ["eq" if at_top and not negated else ""]
        word, rest = said[0], tuple(said[1:])
        fitting = [operator.word for operator in operators_for(field.facts.datatype)]
        if word not in OPERATORS:
            message = f"{field.path} has no operator or field {word!r}{suggestion(word, (*found.known, *fitting))}"
            self._faults.meaningless(place, "unknown_operator", message)
            return None
        if word not in fitting or (at_top and rest):
            message = f"{text}: {word} cannot be asked of {field.path}; possible: {', '.join(fitting)}."
            self._faults.meaningless(place, "operator_not_possible", message)
            return None
        return _Word(field, OPERATORS[word], negated, rest)

    def _term(self, place: tuple[str, str], word: _Word, texts: list[str]) -> Term | None:
        operator = word.operator
        if operator.takes == "pair" and len(texts) != 2:
            message = f"{place[1]}: between takes two values, separated by a comma."
            self._faults.unacceptable(place, "malformed", message)
            return None
        if len(texts) > MAX_IN:
            self._faults.unacceptable(place, "too_many", f"{place[1]}: at most {MAX_IN} values, got {len(texts)}.")
            return None
        values = read_texts(text_reader(operator.value_type(word.field.facts.datatype)), texts, place, self._faults)
        return None if values is None else Term(word.field, operator, values, word.negated)


def read_texts(
    read: Callable[[str], object], texts: Sequence[str], place: tuple[str, str], faults: Faults
) -> list[object] | None:
    """The values of the texts; None where one is not acceptable."""
    values: list[object] = []
    for text in texts:
        try:
            values.append(read(text))
        except InvalidValue as error:
            faults.invalid(place, error)
            return None
    return values
