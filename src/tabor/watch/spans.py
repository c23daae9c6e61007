"""OpenTelemetry spans for statements, by the semantic conventions for database client calls.

Needs the extra ``otel``.  The names of the attributes follow
https://opentelemetry.io/docs/specs/semconv/database/database-spans/ as it is marked stable.
"""

from __future__ import annotations

from opentelemetry.trace import SpanKind, Status, StatusCode, TracerProvider, get_tracer
from opentelemetry.util.types import AttributeValue

from tabor.database.watching import Listener, StatementEvent
from tabor.version import VERSION

_CODES = ("sqlstate", "extendedresult")


def spans(provider: TracerProvider | None = None) -> Listener:
    """A listener that records a client span for each statement, below the span that is current in its task.

    ``provider`` is where spans go, the global one by default.  Values never appear in a span: the query text has
    places for them.

    Example: ``Database("sqlite:///planner.db", tables=[Event], watch=[spans()])``.
    """
    tracer = get_tracer("tabor", VERSION, provider)

    def listener(event: StatementEvent) -> None:
        start = event.finished - int(event.seconds * 1e9)
        span = tracer.start_span(
            summary_of(event), kind=SpanKind.CLIENT, attributes=attributes_of(event), start_time=start
        )
        if event.error is not None:
            # The class alone: a database may quote values in its message.
            span.set_status(Status(StatusCode.ERROR, type(event.error).__name__))
        span.end(event.finished)

    return listener


def summary_of(event: StatementEvent) -> str:
    """What a statement does in few words, always the same for the same shape: ``SELECT event``."""
    return f"{_operation_of(event)} {event.table}".rstrip()


def _operation_of(event: StatementEvent) -> str:
    return f"BATCH {event.operation}" if event.sets > 1 else event.operation


def status_of(error: BaseException | None) -> str | None:
    """The database's own code for what went wrong, which its driver's error has: an SQLSTATE or a result code."""
    while error is not None:
        for name in _CODES:
            code: object = getattr(error, name, None)
            if isinstance(code, (str, int)):
                return str(code)
        error = error.__cause__
    return None


def attributes_of(event: StatementEvent) -> dict[str, AttributeValue]:
    """The attributes of a statement's span."""
    place, error = event.database, event.error
    found: dict[str, AttributeValue | None] = {
        "db.system.name": place.system,
        "db.namespace": "|".join([name for name in (place.name, place.schema) if name]) or None,
        "db.collection.name": event.table or None,
        "db.operation.name": _operation_of(event),
        "db.operation.batch.size": event.sets if event.sets > 1 else None,
        "db.query.summary": summary_of(event),
        "db.query.text": event.sql,
        "db.response.returned_rows": event.rows if event.operation == "SELECT" and error is None else None,
        "db.response.status_code": status_of(error),
        "server.address": place.host or None,
        "server.port": place.port,
        "error.type": type(error).__qualname__ if error is not None else None,
    }
    return {name: value for name, value in found.items() if value is not None}
