"""A request for a list, read: from the parameters of an address to a record of what is asked, or all that is wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from tabor.datatypes import DataType, Integer, Text
from tabor.errors import InvalidValue
from tabor.query.order import TotalOrder
from tabor.rest.cursor import CURSOR, Cursors
from tabor.rest.faults import Faults, unknown_field
from tabor.rest.filters import FilterReader, Term, Terms
from tabor.rest.names import MAX_RELATIONS, Field, Guards, Hop, Names
from tabor.rest.operators import sortable
from tabor.rest.query_string import Pairs, encoded_query
from tabor.rest.selection import Selection, read_selection, whole_row
from tabor.rest.values import text_reader
from tabor.web.problems import Fault, ProblemException, conflict

LIMIT = Integer(minimum=1, maximum=500)
DEFAULT_LIMIT = 50
OFFSET = Integer(minimum=0, maximum=10_000)
SEARCH = Text(min_length=1, max_length=200)
MAX_SORTS = 8

PARAMETERS = ("limit", "offset", "cursor", "sort", "fields", "count", "search")
"""The parameters that stand once, beside the filters and ``or``."""


@dataclass(frozen=True, slots=True, eq=False)
class Sort:
    """The total order that is asked for: fields and whether each descends, the key last."""

    text: str
    terms: Sequence[tuple[Field, bool]]

    @property
    def datatypes(self) -> list[DataType]:
        """The types of the values that a cursor holds."""
        return [field.facts.datatype.bare for field, _ in self.terms]

    def order(self, guards: Guards) -> TotalOrder:
        """The order, in which what a rule hides counts as null."""
        return TotalOrder([(field.seen(guards), descending) for field, descending in self.terms])


@dataclass(frozen=True, slots=True, eq=False)
class ListRequest:
    """What a list is asked for; nothing in it depends on who asks."""

    filters: Sequence[Term | Terms]
    sort: Sort
    selection: Selection
    search: str | None
    limit: int
    offset: int
    after: Sequence[object] | None
    counts: bool
    next_query: str
    """The parameters of the next page, without the cursor."""

    def steps(self) -> Iterator[Hop]:
        """The steps along foreign keys that it needs, some of them more than once."""
        for item in self.filters:
            yield from item.steps()
        for field, _ in self.sort.terms:
            yield from field.steps
        yield from self.selection.steps()


class ListReader:
    """Reads the parameters of one resource's list.

    ``table`` names the table in cursors, ``key`` is the field that makes an order total, ``relations`` are the names
    of to-many relations, ``searches`` says whether there is ``search=``.
    """

    def __init__(
        self, names: Names, *, table: str, key: Field, relations: Collection[str], searches: bool, cursors: Cursors
    ) -> None:
        self._names = names
        self._table = table
        self._key = key
        self._relations = relations
        self._cursors = cursors
        self._parameters = tuple([name for name in PARAMETERS if searches or name != "search"])
        self._whole = whole_row(names)

    def read(self, pairs: Pairs) -> ListRequest:
        """The request; raises ``ProblemException`` (400, 422) with everything that is wrong."""
        faults = Faults()
        given, filters = self._sorted_out(pairs, faults)
        sort = self._sort(given.get("sort", ""), faults)
        selection = self._whole
        if "fields" in given:
            selection = read_selection(given["fields"], self._names, self._relations, faults)
        request = ListRequest(
            filters=filters,
            sort=sort,
            selection=selection,
            search=str(_value("search", given["search"], SEARCH, faults)) if "search" in given else None,
            limit=_number("limit", given, LIMIT, DEFAULT_LIMIT, faults),
            offset=_number("offset", given, OFFSET, 0, faults),
            after=self._after(given, sort, faults),
            counts=_counts(given, faults),
            next_query=encoded_query([(name, text) for name, text in pairs if name not in ("cursor", "offset")]),
        )
        relations = {step.path for step in request.steps()}
        if len(relations) > MAX_RELATIONS:
            message = f"At most {MAX_RELATIONS} relations in a request, got {', '.join(sorted(relations))}."
            faults.unacceptable(("query",), "too_many", message)
        faults.settle()
        return request

    def next_cursor(self, request: ListRequest, values: Sequence[object]) -> str:
        """The cursor behind the row with these values of the sort."""
        return self._cursors.write(self._purpose(request.sort), request.sort.datatypes, values)

    def _purpose(self, sort: Sort) -> str:
        return f"{self._table}?{sort.text}"

    def _sorted_out(self, pairs: Pairs, faults: Faults) -> tuple[dict[str, str], list[Term | Terms]]:
        """The parameters that stand once, and the filters."""
        given: dict[str, str] = {}
        filters: list[Term | Terms] = []
        reader = FilterReader(self._names, faults, (*self._parameters, "or"))
        for name, text in pairs:
            if name in self._parameters:
                if name in given:
                    faults.meaningless(("query", name), "duplicate", f"{name} may stand once.")
                given[name] = text
                continue
            item = reader.group(text) if name == "or" else reader.parameter(name, text)
            if item is not None:
                filters.append(item)
        return given, filters

    def _sort(self, text: str, faults: Faults) -> Sort:
        terms: list[tuple[Field, bool]] = []
        names = text.split(",") if text else []
        if len(names) > MAX_SORTS:
            faults.unacceptable(("query", "sort"), "too_many", f"sort: at most {MAX_SORTS} fields, got {len(names)}.")
            names = []
        for index, name in enumerate(names):
            if name in names[:index]:
                faults.meaningless(("query", "sort"), "duplicate", f"sort: {name} is named twice.")
            field = self._sort_field(name.removeprefix("-"), faults)
            # A field that was named before adds nothing to the order.
            if field is not None and all(field.path != other.path for other, _ in terms):
                terms.append((field, name.startswith("-")))
        if all(field.path != self._key.path for field, _ in terms):
            terms.append((self._key, False))
        return Sort(text, tuple(terms))

    def _sort_field(self, path: str, faults: Faults) -> Field | None:
        place = ("query", "sort")
        found = self._names.find(tuple(path.split(".")))
        if found.field is None or found.rest:
            owner = None if found.field is None else found.field.path
            faults.meaningless(place, "unknown_field", unknown_field(owner, found.rest[0], found.known))
            return None
        datatype = found.field.facts.datatype
        if not sortable(datatype):
            faults.meaningless(place, "not_sortable", f"sort: {path} holds {datatype.label}, which has no order.")
            return None
        return found.field

    def _after(self, given: dict[str, str], sort: Sort, faults: Faults) -> Sequence[object] | None:
        text = given.get("cursor")
        if text is None:
            return None
        if not CURSOR.fullmatch(text):
            faults.unacceptable(("query", "cursor"), "malformed", "cursor: expected the text in next of a page.")
            return None
        values = self._cursors.read(self._purpose(sort), sort.datatypes, text)
        if values is None and not faults:
            # Well-formed, so no fault of form: it was made for another list or sort, or with a key that is gone.
            message = "The cursor was not made by this list with this sort; begin again without it."
            raise ProblemException(conflict(message, [Fault("/query/cursor", "invalid_cursor", message)]))
        return values


def _counts(given: dict[str, str], faults: Faults) -> bool:
    text = given.get("count")
    if text not in (None, "exact"):
        faults.unacceptable(("query", "count"), "not_a_member", "count: expected exact.")
    return text is not None


def _number(name: str, given: dict[str, str], datatype: Integer, default: int, faults: Faults) -> int:
    if name not in given:
        return default
    value = _value(name, given[name], datatype, faults)
    return value if isinstance(value, int) else default


def _value(name: str, text: str, datatype: DataType, faults: Faults) -> object:
    try:
        return text_reader(datatype)(text)
    except InvalidValue as error:
        faults.invalid(("query", name), error)
        return None
