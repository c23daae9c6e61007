"""Tests of the OpenTelemetry spans, read from the SDK's exporter in memory."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from tabor import Database, PostgresOptions, UniqueViolation
from tabor.database.url import place_of
from tabor.watch.spans import spans
from tests.festival import Gig, Person, ann

pytestmark = pytest.mark.anyio


class Recorder:
    """A tracer provider that keeps its spans."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self._exporter))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        """The spans that have ended."""
        return self._exporter.get_finished_spans()


@pytest.fixture
def recorder(db: Database) -> Recorder:
    """What records the spans of the database from now on."""
    made = Recorder()
    db.on_statement(spans(made.provider))
    return made


async def test_a_span_follows_the_conventions(db: Database, recorder: Recorder) -> None:
    """The span of a statement has the stable names of the database conventions, and no values."""
    await ann()
    await Person.select().where(Person.name == "Ann")
    insert, select = recorder.spans
    place = db.place
    text = (select.attributes or {})["db.query.text"]
    assert isinstance(text, str)
    assert "Ann" not in text
    server = {"server.address": place.host, "server.port": place.port} if place.host else {}
    assert select.name == "SELECT person"
    assert select.kind is SpanKind.CLIENT
    assert dict(select.attributes or {}) == {
        "db.system.name": db.engine.capabilities.dialect,
        "db.namespace": f"{place.name}|public" if place.host else place.name,
        "db.collection.name": "person",
        "db.operation.name": "SELECT",
        "db.query.summary": "SELECT person",
        "db.query.text": text,
        "db.response.returned_rows": 1,
        **server,
    }
    assert insert.name == "INSERT person"
    assert select.status.status_code is StatusCode.UNSET
    assert select.start_time is not None
    assert select.end_time is not None
    assert select.start_time <= select.end_time


async def test_a_batch_says_its_size(db: Database, recorder: Recorder) -> None:
    """A bulk insert is one span that says how many times its text was run."""
    person = await ann()
    await Gig.insert(*[Gig(title=f"t{i}", booker=person) for i in range(3)])
    one, batch = [span.attributes or {} for span in recorder.spans]
    assert "db.operation.batch.size" not in one
    assert batch["db.operation.batch.size"] == 3
    assert (recorder.spans[1].name, batch["db.operation.name"]) == ("BATCH INSERT gig", "BATCH INSERT")
    assert batch["db.query.summary"] == "BATCH INSERT gig"


async def test_a_span_stands_below_the_current_one(db: Database, recorder: Recorder) -> None:
    """The span that is current where the statement runs is the parent, in a transaction too."""
    tracer = recorder.provider.get_tracer("test")
    with tracer.start_as_current_span("request") as request:
        async with db.transaction():
            await Gig.select().count()
    names = [span.name for span in recorder.spans]
    parents = {span.parent.span_id for span in recorder.spans if span.parent is not None}
    assert names == ["BEGIN", "SELECT gig", "COMMIT", "request"]
    assert parents == {request.get_span_context().span_id}


async def test_a_failure_marks_its_span(db: Database, recorder: Recorder) -> None:
    """A failed statement has the status error and the class of the error, without the values in its message."""
    await ann()
    with pytest.raises(UniqueViolation):
        await ann()
    failed = recorder.spans[-1]
    assert failed.status.status_code is StatusCode.ERROR
    assert failed.status.description == "UniqueViolation"
    assert (failed.attributes or {})["error.type"] == "UniqueViolation"
    # SQLSTATE unique_violation, and SQLITE_CONSTRAINT_UNIQUE.
    assert (failed.attributes or {})["db.response.status_code"] == ("23505" if db.place.host else "2067")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://app:se%40cret@db.example.org:5433/plan%20er?ssl=1", ("plan er", "db.example.org", 5433)),
        ("postgresql://db.example.org/planner", ("planner", "db.example.org", None)),
        ("postgresql://app:secret@a.example.org:5432,b.example.org:5432/planner", ("planner", "", None)),
        ("sqlite:////srv/planner.db", ("/srv/planner.db", "", None)),
    ],
)
def test_a_place_has_no_password(url: str, expected: tuple[str, str, int | None]) -> None:
    """What a span says of the database is its name and its one server, never who signs in."""
    assert place_of(url, "product") == ("product", *expected, "")


@pytest.mark.parametrize(
    ("url", "options", "schema"),
    [
        ("postgresql://db.example.org/planner", PostgresOptions(), "public"),
        ("postgresql://db.example.org/planner", PostgresOptions(search_path='"my app", public'), "my app"),
        ("postgresql://db.example.org/planner?search_path=music", PostgresOptions(), "music"),
        ("postgresql://db.example.org/planner", PostgresOptions(pooler="transaction"), ""),
        ("sqlite:////srv/planner.db", None, ""),
    ],
)
def test_a_place_says_its_schema(url: str, options: PostgresOptions | None, schema: str) -> None:
    """The namespace of a span ends with the schema in which tables are found first, where that is known."""
    assert Database(url, tables=[], options=options).place.schema == schema
