"""What one resource comes to once all tables are known: names, bodies, address; what its actions share."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from tabor.auth.policy import Rule, Verdict, anyone, nobody
from tabor.database.database import Database
from tabor.errors import ConfigurationError, InvalidValue, NotFound, SchemaError
from tabor.query.conditions import Condition, roots
from tabor.query.document import Document
from tabor.query.select import Query
from tabor.rest.body import BodyReader
from tabor.rest.exchange import Exchange
from tabor.rest.faults import Faults
from tabor.rest.names import Field, Names
from tabor.rest.query_string import parse_query
from tabor.rest.resource import Resource
from tabor.rest.selection import whole_row
from tabor.rest.values import text_reader
from tabor.schema.facts import TableFacts, facts_of
from tabor.schema.server_set import live_rows
from tabor.schema.table import Table
from tabor.web.error_mapping import Place


class Offer:
    """A resource in a database at an address.

    ``rules`` are the list rules of all offered tables, by token.  Raises ``SchemaError`` for a table without a key of
    one column, and for columns that cannot be what the resource says of them.
    """

    def __init__(self, resource: Resource, db: Database, prefix: str, rules: Mapping[int, Rule]) -> None:
        self.resource = resource
        self.db = db
        self.table: type[Table] = resource.table
        self.facts: TableFacts = facts_of(resource.table)
        keys = self.facts.primary_key
        if len(keys) != 1:
            has = f", and it has {', '.join(keys)}; keep those together with unique()" if keys else ""
            raise SchemaError(
                f"{self.facts.name} needs a primary key of one column to be offered over HTTP{has}.",
                table=self.facts.name,
            )
        self.name: str = resource.name or self.facts.name
        self.address: str = f"{prefix}/{self.name}"
        self.names: Names = Names(self.facts, rules)
        key = self.names.fields.get(self.facts.primary_key[0])
        if key is None:
            raise SchemaError(
                f"The key of {self.facts.name} is secret, so its rows could have no address.", table=self.facts.name
            )
        self.key: Field = key
        self.bodies: BodyReader = BodyReader(self.facts, resource.server_set, creates=resource.create is not nobody)
        self.live: list[Condition] = live_rows(self.facts)
        self.whole: Document = whole_row(self.names).document({}, [key.expression])
        hidden = [name for name, column in self.facts.columns.items() if column.secret]
        self.place: Place = Place(hidden=frozenset(hidden))
        self._read_key = text_reader(self.key.facts.datatype.bare)

    def key_of(self, text: str) -> object:
        """The key that stands in an address; raises ``NotFound`` for a text that no key could be."""
        try:
            return self._read_key(text)
        except InvalidValue:
            raise NotFound(self.facts.name, text) from None

    def address_of(self, key: object, root: str) -> bytes:
        """The address of a row, for ``Location``."""
        return f"{quote(root)}{self.address}/{quote(str(key), safe='')}".encode()

    def row(self, key: object) -> Condition:
        """The condition that finds one row."""
        return self.key.expression == key

    def own_condition(self, verdict: Verdict) -> list[Condition]:
        """A verdict as conditions on rows of this table; raises ``ConfigurationError`` for one about another table."""
        if verdict is True:
            return []
        if verdict is False:
            raise AssertionError("a plain no was answered before anybody asks for conditions")
        if roots(verdict) - {self.facts.source.token}:
            raise ConfigurationError(
                f"A rule of {self.name} answered a condition on another table than {self.facts.name}."
            )
        return [verdict]

    def rows(self) -> Query[Table]:
        """All rows."""
        return self.table.select()

    async def visible(self, exchange: Exchange) -> Verdict:
        """Which rows this caller may know of: by the rule of read, or of list where reading one is not offered."""
        resource = self.resource
        rule = next((rule for rule in (resource.read, resource.list) if rule is not nobody), anyone)
        return await exchange.quiet_verdict(rule)

    async def refuse_absent(self, key: object, visible: Verdict) -> None:
        """Raise ``NotFound`` unless the caller may know of the row."""
        if visible is False:
            raise NotFound(self.facts.name, key)
        query = self.rows().where(self.row(key), *self.own_condition(visible))
        if not await self.db.run(query.exists()):
            raise NotFound(self.facts.name, key)


def refuse_parameters(exchange: Exchange) -> None:
    """Raise ``ProblemException`` (400) for any parameter, where none has a meaning."""
    query: bytes = exchange.scope["query_string"]
    if query:
        faults = Faults()
        for name, _ in parse_query(query):
            faults.meaningless(("query", name), "unknown_parameter", f"There is no parameter {name!r} here.")
        faults.settle()
