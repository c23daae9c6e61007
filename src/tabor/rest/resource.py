"""``Resource``: what of a table is offered over HTTP, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tabor.auth.policy import Caller, Rule, nobody
from tabor.query.conditions import Expression
from tabor.schema.table import Table

ServerSet = Mapping[str, Callable[[Caller], object]]
"""What the server fills: for each column the function that gives its value for a caller."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A table over HTTP: ``/api/event`` and ``/api/event/{id}``.

    Each action has a rule, a function from the caller to true, false or a condition on the rows that it is true for;
    what has no rule is closed.

    - ``list``, ``read``: which rows a caller sees; the others are as if they did not exist.  The rule of ``list``
      holds as well wherever another resource reaches this table across a foreign key.
    - ``create``: checked on the new row.
    - ``update``: checked on the row before and after the change.
    - ``delete``: checked on the row.
    - ``server_set``: columns that the server fills when a row is created, from the caller; a body that names one is
      refused, at every change too.
    - ``search``: the text columns that ``search=`` looks through.
    - ``name``: what stands in the address in place of the table's name.

    Example::

        Resource(
            Event,
            list=anyone,
            read=anyone,
            create=signed_in,
            update=lambda caller: Event.creator.id == caller.id,
            server_set={"creator": lambda caller: caller.id},
            search=[Event.title, Event.description],
        )
    """

    table: type[Table]
    list: Rule = field(default=nobody, kw_only=True)
    read: Rule = field(default=nobody, kw_only=True)
    create: Rule = field(default=nobody, kw_only=True)
    update: Rule = field(default=nobody, kw_only=True)
    delete: Rule = field(default=nobody, kw_only=True)
    server_set: ServerSet = field(default_factory=dict[str, Callable[[Caller], object]], kw_only=True)
    search: Sequence[Expression] = field(default=(), kw_only=True)
    name: str | None = field(default=None, kw_only=True)

    def __hash__(self) -> int:
        return id(self)
