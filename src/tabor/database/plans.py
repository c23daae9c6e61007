"""What is made once for each shape of query and kept: SQL text, encoder, decoder."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from tabor.compile.checks import named_twice
from tabor.compile.compiler import Compiler
from tabor.compile.emission import Compiled
from tabor.datatypes import BOOLEAN, Integer
from tabor.engines.interface import Engine, Parameters
from tabor.errors import QueryError
from tabor.query.runnable import Asked
from tabor.query.runner import Question
from tabor.query.shape import Parted, Shape
from tabor.rows.decoder import Decode, decoder
from tabor.rows.documents import documents_decoder
from tabor.rows.encoder import NO_ARGUMENTS, Arguments, Encode, encoder
from tabor.tree.giving import giving
from tabor.tree.insert_from import InsertFrom, InsertValues
from tabor.tree.nodes import JsonObject, Node, Value
from tabor.tree.related import Collection, PageOfEach
from tabor.tree.statements import Select, Statement
from tabor.tree.update_many import UpdateMany
from tabor.tree.walk import flat_fields
from tabor.tree.writes import Delete, Insert, Update

PLANS_KEPT = 2_000


class Plan:
    """How to run one shape of statement.

    ``table`` is where it starts from, ``secret`` the positions of values that belong to secret columns.
    """

    __slots__ = ("collections", "decode", "encode", "reads", "secret", "sql", "table", "then")

    def __init__(
        self,
        compiled: Compiled,
        encode: Encode,
        decode: Decode | None,
        collections: tuple[int, ...],
        table: str,
    ) -> None:
        self.sql: str = compiled.sql
        self.then: str = compiled.then
        self.encode: Encode = encode
        self.decode: Decode | None = decode
        self.collections: tuple[int, ...] = collections
        self.reads: bool = compiled.reads
        self.secret: frozenset[int] = compiled.secret
        self.table: str = table


class Plans:
    """The cache of plans of one database, by shape; the oldest go when it is full.

    ``by_sql`` finds a plan by its text, for those who watch statements go by.
    """

    def __init__(self, compiler: Compiler, engine: Engine) -> None:
        self._compiler = compiler
        self._codecs = engine.codecs
        self._max_parameters = engine.capabilities.max_parameters
        self._check = engine.check
        self._plans: dict[Hashable, Plan] = {}
        self.by_sql: dict[str, Plan] = {}
        self.get: Callable[[Hashable], Plan | None] = self._plans.get

    def make(self, key: Hashable, statement: Statement, shape: Shape) -> Plan:
        """Compile a shape seen for the first time and keep it under ``key``."""
        return self._keep(key, self.fresh(statement, shape))

    def bound(self, question: Question[object]) -> Plan:
        """Compile a prepared query, whose values come with each call, and keep it under the query itself."""
        arguments = question.arguments if isinstance(question, Asked) else NO_ARGUMENTS
        return self._keep(question, self.fresh(question.statement, question.shape, arguments))

    def _keep(self, key: Hashable, plan: Plan) -> Plan:
        if len(self._plans) >= PLANS_KEPT:
            for old in list(self._plans)[: PLANS_KEPT // 4]:
                self.by_sql.pop(self._plans.pop(old).sql, None)
        self._plans[key] = plan
        self.by_sql[plan.sql] = plan
        return plan

    def fresh(self, statement: Statement, shape: Shape, arguments: Arguments = NO_ARGUMENTS) -> Plan:
        """Compile without keeping."""
        columns = returned(statement)
        if shape.kind == "documents":
            return self._documents(statement, columns, arguments)
        built_here = self._built_here(statement, columns, shape)
        if built_here:
            statement = giving(statement, (*columns[:-1], *flat_fields(built_here)))
        compiled = self._compiled(statement)
        if len(compiled.datatypes) > self._max_parameters:
            raise QueryError(
                f"This statement binds {len(compiled.datatypes)} values, and the database takes at most "
                f"{self._max_parameters} in one; give is_in() fewer of them at a time."
            )
        encode = self._encoder(statement, compiled, arguments)
        decode = None
        if shape.kind != "count":
            decode = decoder(columns, shape, self._codecs, built_here)
        collections = tuple([i for i, column in enumerate(columns) if isinstance(column, Collection)])
        return Plan(compiled, encode, decode, collections, statement.source.table)

    def _compiled(self, statement: Statement) -> Compiled:
        compiled = self._compiler.compile(statement)
        self._check(compiled.sql)
        return compiled

    def _built_here(self, statement: Statement, columns: Sequence[Node], shape: Shape) -> JsonObject | None:
        """The objects whose text is built in Python, where that is so."""
        shape = shape.inner if isinstance(shape, Parted) else shape
        node = columns[-1] if shape.kind == "json" else None
        if not isinstance(node, JsonObject):
            return None
        # Rows that differ are told apart by their values, not by their text.
        told_apart = isinstance(statement, Select) and statement.outline.distinct
        return node if told_apart or not self._compiler.builds_json(node) else None

    def _documents(self, statement: Statement, columns: Sequence[Node], arguments: Arguments) -> Plan:
        node, *keys = columns
        assert isinstance(node, JsonObject)
        ready = self._compiler.builds_json(node)
        if not ready:
            statement = giving(statement, (*flat_fields(node), *keys))
        compiled = self._compiled(statement)
        encode = self._encoder(statement, compiled, arguments)
        decode = documents_decoder(node, keys, self._codecs, ready=ready)
        return Plan(compiled, encode, decode, (), statement.source.table)

    def _encoder(self, statement: Statement, compiled: Compiled, arguments: Arguments) -> Encode:
        picks = compiled.picks
        if picks:
            arguments = {place: arguments[pick] for place, pick in enumerate(picks) if pick in arguments}
        encode = encoder(
            compiled.datatypes,
            self._codecs,
            checked=_checked(statement),
            places=compiled.places,
            arguments=arguments,
            secret=compiled.secret,
        )
        return _picking(encode, picks, compiled.alike) if picks else encode


def _checked(statement: Statement) -> int:
    """How many of the first values of a statement were checked when a row was made."""
    if isinstance(statement, UpdateMany):
        return len(statement.rows) * (len(statement.keys) + len(statement.columns))
    if not isinstance(statement, Insert) or isinstance(statement, (InsertFrom, InsertValues)):
        return 0
    return len(statement.columns)


def _picking(encode: Encode, picks: tuple[int, ...], alike: Sequence[tuple[str, slice, slice]]) -> Encode:
    """The encoder of a text that takes these of a statement's values, where those that are to be ``alike`` are."""

    def picked(values: tuple[object, ...]) -> Parameters:
        for name, first, again in alike:
            if values[first] != values[again]:
                raise named_twice(name)
        return encode(tuple([values[place] for place in picks]))

    return picked


def returned(statement: Statement) -> Sequence[Node]:
    """The columns that a statement gives back."""
    if isinstance(statement, Select):
        return [ASKED[statement.asks]] if statement.asks != "rows" else statement.columns
    if isinstance(statement, PageOfEach):
        return statement.columns
    if isinstance(statement, (Insert, Update, Delete, UpdateMany)):
        return statement.returning
    return ()


ASKED: dict[str, Node] = {"count": Value(Integer(), 0), "exists": Value(BOOLEAN, False)}
"""What stands for the result of a select that asks for a number or for existence."""
