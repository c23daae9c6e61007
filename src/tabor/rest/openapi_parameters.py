"""The parameters of a list and of one row, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tabor.datatypes import BOOLEAN
from tabor.rest.cursor import CURSOR
from tabor.rest.filters import MAX_FILTER_LENGTH
from tabor.rest.list_request import DEFAULT_LIMIT, LIMIT, MAX_SORTS, OFFSET, SEARCH
from tabor.rest.names import Field, Hop, Names, visible
from tabor.rest.operators import MAX_IN, Operator, operators_for, sortable
from tabor.rest.schemas import listed, schema_of, term_pattern
from tabor.web.openapi_problems import Description

_MAX_OR_TERMS = 16  # of those that a generator may write; more are taken


def key_parameter(names: Names, key: Field) -> Description:
    """The key in an address."""
    schema = schema_of(key.facts.datatype.bare, "address")
    if schema.get("type") == "string" and "format" not in schema:
        # An empty key is another address, and clients take dots for steps.
        schema |= {"minLength": 1, "pattern": "^[^\\u0000./\\\\]+$"}
    made: Description = {"name": key.path, "in": "path", "required": True, "schema": schema}
    return made if not key.facts.help else {**made, "description": key.facts.help}


def list_parameters(names: Names, searched: Sequence[Field]) -> list[Description]:
    """Everything that a list takes."""
    parameters = [
        *_page_parameters(),
        _sort_parameter(names),
        fields_parameter(names),
        _or_parameter(names),
    ]
    if searched:
        paths = ", ".join([field.path for field in searched])
        text = f"Rows in which one of {paths} contains the text, in either case of letters"
        parameters.append(_query("search", schema_of(SEARCH, "body"), text))
    for field in names.fields.values():
        parameters += _filters(field)
    for field in _related(names):
        parameters += _related_filters(field)
    return parameters


def fields_parameter(names: Names) -> Description:
    """``fields=``."""
    paths = [*names.fields, *[field.path for field in _related(names)]]
    items: Description = {"type": "string", "enum": paths}
    schema: Description = {"type": "array", "items": items, "minItems": 1, "uniqueItems": True}
    return _listed("fields", schema, "Only these fields; fields of a referred row make an object of it")


def _page_parameters() -> list[Description]:
    cursor: Description = {"type": "string", "pattern": f"^{CURSOR.pattern}$"}
    limit = schema_of(LIMIT, "body") | {"default": DEFAULT_LIMIT}
    offset = schema_of(OFFSET, "body") | {"default": 0}
    return [
        _query("limit", limit, "How many rows a page has at most"),
        _query("cursor", cursor, "Where a page before ended: its `next`"),
        _query("offset", offset, "How many rows to leave out first; for pages, `cursor` is quicker"),
        _query("count", {"type": "string", "enum": ["exact"]}, "Also tell how many rows there are in all"),
    ]


def _sort_parameter(names: Names) -> Description:
    paths = [field.path for field in [*names.fields.values(), *_related(names)] if sortable(field.facts.datatype)]
    words = [word for path in paths for word in (path, f"-{path}")]
    items: Description = {"type": "string", "enum": words}
    schema: Description = {"type": "array", "items": items, "minItems": 1, "maxItems": MAX_SORTS, "uniqueItems": True}
    return _listed("sort", schema, "Sort by these fields, with - from great to small; the key comes last")


def _or_parameter(names: Names) -> Description:
    term = "|".join([_term_form(field) for field in names.fields.values()])
    terms = rf"(?:{term})(?:,(?:{term})){{0,{_MAX_OR_TERMS - 1}}}"
    schema: Description = {"type": "string", "maxLength": MAX_FILTER_LENGTH // 2, "pattern": rf"^\({terms}\)$"}
    text = (
        "Rows that fit one of these, such as `(id.eq.1,id.gt.100)`. Within, `and(...)`, `or(...)`, `not.and(...)` and "
        "`not.or(...)` may stand, fields of referred rows, lists in parentheses, and texts in double quotes."
    )
    return _query("or", schema, text)


def _term_form(field: Field) -> str:
    datatype = field.facts.datatype
    single = [operator.word for operator in operators_for(datatype) if operator.takes == "one"]
    words = "|".join([word for word in single if word not in ("is_null", "has")])
    value = term_pattern(datatype)
    null = r"\.(?:not\.)?is_null\.(?:true|false)"
    if value is None or not words:
        return f"{field.path}{null}"
    return rf"{field.path}(?:{null}|\.(?:not\.)?(?:{words})\.{value})"


def _filters(field: Field) -> Iterator[Description]:
    operators = operators_for(field.facts.datatype)
    help_text = f"{field.facts.help}. " if field.facts.help else ""
    if any(operator.word == "eq" for operator in operators):
        schema = schema_of(field.facts.datatype.bare, "address")
        yield _query(field.path, schema, f"{help_text}Rows in which {field.path} is this")
    for operator in operators:
        yield _filter(field, operator)


def _filter(field: Field, operator: Operator) -> Description:
    name, text = f"{field.path}.{operator.word}", f"{field.path}: {operator.meaning}"
    if operator.word == "is_null":
        return _query(name, schema_of(BOOLEAN, "address"), text)
    datatype = operator.value_type(field.facts.datatype)
    if operator.takes == "one":
        return _query(name, schema_of(datatype, "address"), text)
    schema: Description = {"type": "array", "items": listed(datatype), "minItems": 1}
    if operator.takes == "pair":
        return _listed(name, schema | {"minItems": 2, "maxItems": 2}, text)
    # The length of an address ends before this number does, so it is told to people only.
    return _listed(name, schema, f"{text}, {MAX_IN} at most")


def _related_filters(field: Field) -> Iterator[Description]:
    words = [operator.word for operator in operators_for(field.facts.datatype)]
    if "eq" in words:
        text = f"Rows in which {field.path} is this; also {field.path}. with {', '.join(words)}"
        yield _query(field.path, schema_of(field.facts.datatype.bare, "address"), text)


def _related(names: Names) -> Iterator[Field]:
    """The fields one step along each foreign key."""
    for field in names.fields.values():
        key = field.facts.key
        if key is None:
            continue
        hop: Hop | None = names.hop(field.path, names.own, field.facts, ())
        known = visible(hop.place.facts) if hop is not None else [key.target_column]
        for name in known:
            found = names.find((field.path, name)).field
            if found is not None:
                yield found


def _query(name: str, schema: Description, text: str) -> Description:
    return {"name": name, "in": "query", "required": False, "schema": schema, "description": f"{text}."}


def _listed(name: str, schema: Description, text: str) -> Description:
    return {**_query(name, schema, text), "style": "form", "explode": False}
