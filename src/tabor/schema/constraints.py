"""``unique()``, ``index()`` and ``check()``: what a table promises about several columns or about expressions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tabor.errors import InvalidValue, QueryError, SchemaError
from tabor.expression.expr import Expr
from tabor.expression.operand import condition, operand
from tabor.expression.order import Order
from tabor.schema.facts import TableFacts
from tabor.schema.index_kinds import check_kind
from tabor.schema.path import Maybe, key_name
from tabor.tree.definitions import CheckDefinition, IndexDefinition, IndexKind, UniqueDefinition
from tabor.tree.nodes import ColumnNode, Node, Operation, Ordering, Value
from tabor.tree.nulls import may_be_null
from tabor.tree.walk import has_aggregate, has_window, nodes_in

Term = Expr[Any] | Order | type[Any] | Maybe[Any]
_CLOCK = "the clock; a row that fits today would not tomorrow"
_OURS = "a function that not every database has by itself; other programs could not write the table"
_UNSTEADY = {
    "now": _CLOCK,
    "today": _CLOCK,
    "random": "chance",
    "to_zone": "a time zone; its rules change, and not every database knows them",
    **dict.fromkeys(["in_rows", "not_in_rows"], "a list of tuples; combine == of each column with & and |"),
    **dict.fromkeys(["lpad", "repeat", "reverse", "rpad"], _OURS),
}
"""What gives another value for the same row one day, or elsewhere none."""


@dataclass(frozen=True, slots=True)
class Constraint:
    """One entry of ``Table.constraints()``, made by ``unique()``, ``index()`` or ``check()``."""

    kind: str
    terms: tuple[object, ...] = ()
    condition: Expr[bool] | None = None
    name: str | None = None
    nulls_distinct: bool = True
    include: tuple[object, ...] = ()
    using: IndexKind = "btree"
    opclasses: tuple[str, ...] = ()


def unique(
    *terms: Expr[Any] | type[Any] | Maybe[Any],
    where: Expr[bool] | None = None,
    name: str = "",
    nulls_distinct: bool = True,
) -> Constraint:
    """No two rows have the same values of these columns, keys or expressions.

    Nulls differ from each other, unless ``nulls_distinct=False`` says that two of them are the same value.  With
    ``where`` only rows for which it is true are compared.  ``name`` is made of the table and the columns where it is
    not given.  A row that breaks it raises ``UniqueViolation``.

    Example: ``unique(cls.hall, cls.number)``, ``unique(cls.email.lower(), where=cls.removed_at.is_null())``.
    """
    return Constraint("unique", terms, where, name or None, nulls_distinct)


def index(
    *terms: Expr[Any] | Order | type[Any] | Maybe[Any],
    where: Expr[bool] | None = None,
    name: str = "",
    include: Sequence[Expr[Any] | type[Any] | Maybe[Any]] = (),
    using: IndexKind = "btree",
    opclasses: Sequence[str] = (),
) -> Constraint:
    """An index over columns, keys or expressions, with their order; with ``where`` over part of the rows.

    ``include`` are columns that it brings along, so that queries that need no others read the index alone.  ``using``
    is the kind of index and ``opclasses`` the operator class of each term, both for databases that have them: others
    refuse to make the table, with ``UnsupportedFeature``.

    Example: ``index(cls.city, cls.starts_at.desc())``, ``index(cls.due_at, where=cls.done_at.is_null())``,
    ``index(cls.tags, using="gin")``.
    """
    return Constraint(
        "index", terms, where, name or None, include=tuple(include), using=using, opclasses=tuple(opclasses)
    )


def check(condition: Expr[bool], *, name: str) -> Constraint:
    """A condition that every row fulfils; null counts as fulfilled.

    The constraint is called ``<table>_<name>_check``.  A row that breaks it raises ``CheckViolation``.

    Example: ``check(cls.ends_at > cls.starts_at, name="order")``.
    """
    return Constraint("check", (), condition, name)


@dataclass(frozen=True, slots=True)
class TableConstraints:
    """The constraints of one table as definitions."""

    uniques: tuple[UniqueDefinition, ...] = ()
    indexes: tuple[IndexDefinition, ...] = ()
    checks: tuple[CheckDefinition, ...] = ()

    def columns(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The columns that each named constraint is about."""
        for one in self.uniques:
            yield one.name, one.columns
        for index in self.indexes:
            yield index.name, columns_in([term.node for term in index.terms])
        for check in self.checks:
            yield check.name, columns_in([check.condition])


def table_constraints(facts: TableFacts) -> TableConstraints:
    """What the table's ``constraints()`` and those of its bases say.

    Raises ``SchemaError`` for one that cannot be: of another table, aggregated, dependent on the clock, or twice.
    """
    made = TableConstraints()
    for declared in _declared(facts):
        made = _with(made, declared, facts)
    names = [one.name for group in (made.uniques, made.indexes, made.checks) for one in group]
    for name in names:
        if names.count(name) > 1:
            raise SchemaError(f"{facts.table.__name__}: two constraints are called {name}; give one of them name=... .")
    return made


def columns_in(nodes: Iterable[Node]) -> tuple[str, ...]:
    """The names of the columns within these nodes, each once, in order."""
    found = [part.name for node in nodes for part in nodes_in(node) if isinstance(part, ColumnNode)]
    return tuple(dict.fromkeys(found))


def _declared(facts: TableFacts) -> Iterator[Constraint]:
    """Each class's own ``constraints``, those of bases first, asked for the table itself."""
    for base in reversed(facts.table.__mro__):
        if "constraints" in vars(base):
            given: Callable[[], Iterable[object]] = vars(base)["constraints"].__get__(None, facts.table)
            for one in given():
                if not isinstance(one, Constraint):
                    raise SchemaError(
                        f"{facts.table.__name__}.constraints() gives unique(), index() and check(), got {one!r}.",
                        table=facts.name,
                    )
                yield one


def _with(made: TableConstraints, declared: Constraint, facts: TableFacts) -> TableConstraints:
    where = None if declared.condition is None else checked_node(condition(declared.condition), facts)
    if declared.kind == "check":
        assert where is not None
        return replace(
            made, checks=(*made.checks, CheckDefinition(f"{facts.name}_{_word(declared, facts)}_check", where))
        )
    terms = tuple([_term(term, facts) for term in declared.terms])
    if not terms:
        raise SchemaError(f"{facts.table.__name__}: {declared.kind}() needs a column.", table=facts.name)
    base = f"{facts.name}_{'_'.join([_spoken(term.node) for term in terms])}"
    plain = [term.node.name for term in terms if isinstance(term.node, ColumnNode)]
    distinct = declared.nulls_distinct or not any(may_be_null(term.node) for term in terms)
    if declared.kind == "unique" and where is None and len(plain) == len(terms):
        made_unique = UniqueDefinition(declared.name or f"{base}_key", tuple(plain), distinct)
        return replace(made, uniques=(*made.uniques, made_unique))
    is_unique = declared.kind == "unique"
    name = declared.name or f"{base}_{'key' if is_unique else 'idx'}"
    made_index = IndexDefinition(
        name,
        facts.name,
        (),
        unique=is_unique,
        terms=terms,
        where=where,
        nulls_distinct=distinct,
        include=_included(declared, facts),
        using=declared.using,
        opclasses=declared.opclasses,
    )
    check_kind(made_index, facts.table.__name__)
    return replace(made, indexes=(*made.indexes, made_index))


def _included(declared: Constraint, facts: TableFacts) -> tuple[str, ...]:
    nodes = [checked_node(own_node(term, facts), facts) for term in declared.include]
    columns = [node.stored_name for node in nodes if isinstance(node, ColumnNode)]
    if len(columns) < len(nodes):
        raise SchemaError(f"{facts.table.__name__}: index(include=...) takes columns.", table=facts.name)
    return tuple(columns)


def _word(declared: Constraint, facts: TableFacts) -> str:
    if not declared.name or not declared.name.isidentifier():
        raise SchemaError(
            f"{facts.table.__name__}: check() needs a name of letters, digits and underscores, got {declared.name!r}.",
            table=facts.name,
        )
    return declared.name


def _term(term: object, facts: TableFacts) -> Ordering:
    if isinstance(term, Order):
        return Ordering(
            checked_node(term.term.node, facts), descending=term.term.descending, nulls_last=term.term.nulls_last
        )
    return Ordering(checked_node(own_node(term, facts), facts))


def own_node(term: object, facts: TableFacts) -> Node:
    """The node of an expression, or of the column behind a foreign key; raises ``QueryError`` for anything else."""
    name = key_name(term)
    return operand(term) if name is None else facts.nodes[name]


def checked_node(node: Node, facts: TableFacts) -> Node:
    """The node; raises ``SchemaError`` for one that cannot stand in the definition of the table."""
    for part in nodes_in(node):
        if isinstance(part, ColumnNode) and part.source is not facts.source:
            raise SchemaError(
                f"{facts.table.__name__}: a constraint is about columns of its own table, "
                f"not {part.source.table}.{part.name}.",
                table=facts.name,
            )
        if isinstance(part, Operation) and part.op in _UNSTEADY:
            raise SchemaError(
                f"{facts.table.__name__}: a constraint cannot depend on {_UNSTEADY[part.op]}.", table=facts.name
            )
        if isinstance(part, Value):
            _check_value(part, facts)
    if has_aggregate(node) or has_window(node):
        raise SchemaError(
            f"{facts.table.__name__}: a constraint is about one row; it cannot aggregate.", table=facts.name
        )
    return node


def _check_value(value: Value, facts: TableFacts) -> None:
    try:
        value.datatype.check(value.values[0])
    except InvalidValue as error:
        raise SchemaError(
            f"{facts.table.__name__}: a constraint compares with a wrong value: {error.reason}."
        ) from error


def _spoken(node: Node) -> str:
    """What a term is called within a constraint's name."""
    if isinstance(node, ColumnNode):
        return node.stored_name
    if isinstance(node, Operation):
        names = [part.stored_name for part in nodes_in(node) if isinstance(part, ColumnNode)]
        return "_".join([*dict.fromkeys(names), node.op])
    raise QueryError("An index needs columns or expressions over them.")
