"""The part of the OpenAPI document that describes generated addresses, from the same facts that answer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from tabor.auth.policy import Caller, NotSignedIn, Rule, nobody
from tabor.rest.endpoint import Endpoint
from tabor.rest.offer import Offer
from tabor.rest.openapi_parameters import fields_parameter, key_parameter, list_parameters
from tabor.rest.schemas import JSON_VALUE, JSON_VALUE_SCHEMA, column_schema
from tabor.rest.searching import search_fields
from tabor.web.openapi_problems import PROBLEM_CONTENT, Description
from tabor.web.problem_kinds import KIND_OF_STATUS
from tabor.web.problems import PROBLEM_SCHEMA

_JSON = "application/json"
_SCHEME = "bearer"


def describe(description: Description, endpoints: Sequence[Endpoint]) -> None:
    """Add the endpoints' addresses and schemas to the document, in place."""
    paths = _part(description, "paths")
    components = _part(description, "components")
    schemas = _part(components, "schemas")
    schemas.setdefault("Problem", PROBLEM_SCHEMA)
    schemas[JSON_VALUE] = JSON_VALUE_SCHEMA
    scheme = _security_scheme(_part(components, "securitySchemes"))
    for endpoint in endpoints:
        offer = endpoint.offer
        schemas.update(_schemas(offer))
        if endpoint.all:
            paths[offer.address] = _collection(offer, scheme)
        if endpoint.one:
            paths[f"{offer.address}/{{{offer.key.path}}}"] = _single(offer, scheme)


def _part(parent: Description, name: str) -> Description:
    return cast("Description", parent.setdefault(name, {}))


def _security_scheme(schemes: Description) -> str:
    """The name of the scheme by which callers are known: the application's own where it describes one."""
    for name, scheme in schemes.items():
        if isinstance(scheme, Mapping):
            kind = cast("Mapping[str, object]", scheme)
            if kind.get("type") == "oauth2" or kind.get("scheme") == "bearer":
                return name
    schemes[_SCHEME] = {"type": "http", "scheme": "bearer"}
    return _SCHEME


# --- schemas ---


def _schemas(offer: Offer) -> Description:
    name, columns = offer.name, [field.facts for field in offer.names.fields.values()]
    shown = {column.name: column_schema(column, "answer") for column in columns}
    row: Description = {"type": "object", "title": name, "properties": shown, "required": list(shown)}
    if offer.facts.help:
        row["description"] = offer.facts.help
    some = {column.name: _selected(shown[column.name], refers=column.key is not None) for column in columns}
    chosen: Description = {
        "type": "object",
        "title": f"{name}_fields",
        "description": "The fields that fields= names.",
        "properties": some,
    }
    item: Description = {"anyOf": [_reference(name), _reference(f"{name}_fields")]}
    page: Description = {
        "type": "object",
        "title": f"{name}_page",
        "properties": {
            "items": {"type": "array", "items": item},
            "next": {"type": ["string", "null"], "description": "The cursor of the next page; null at the end."},
            "total": {"type": "integer", "description": "How many rows there are in all, where count=exact asks."},
        },
        "required": ["items", "next"],
    }
    return {
        name: row,
        f"{name}_fields": chosen,
        f"{name}_page": page,
        f"{name}_create": _body_schema(offer, new=True),
        f"{name}_update": _body_schema(offer, new=False),
    }


def _selected(schema: Description, *, refers: bool) -> Description:
    """The schema of a field in a selection: a foreign key may have become an object, or nothing."""
    return {"anyOf": [schema, {"type": ["object", "null"]}]} if refers else schema


def _body_schema(offer: Offer, *, new: bool) -> Description:
    columns = offer.bodies.writable(new=new)
    schema: Description = {
        "type": "object",
        "title": f"{offer.name}_{'create' if new else 'update'}",
        "properties": {column.name: column_schema(column, "body") for column in columns},
        "additionalProperties": False,
    }
    if new and offer.bodies.required:
        schema["required"] = list(offer.bodies.required)
    if not new:
        schema["minProperties"] = 1
        for made in cast("dict[str, Description]", schema["properties"]).values():
            made.pop("default", None)
    return schema


def _reference(name: str) -> Description:
    return {"$ref": f"#/components/schemas/{name}"}


# --- operations ---


def _collection(offer: Offer, scheme: str) -> Description:
    resource, name = offer.resource, offer.name
    path: Description = {}
    if resource.list is not nobody:
        page = _answer("A page of rows.", _reference(f"{name}_page"))
        page["headers"] = {"Link": {"description": 'The next page, rel="next".', "schema": {"type": "string"}}}
        path["get"] = _operation(offer, "list", resource.list, scheme, {"200": page}) | {
            "parameters": list_parameters(offer.names, search_fields(resource.search, offer.names))
        }
    if resource.create is not nobody:
        made = _answer("The row as stored.", _reference(name))
        made["headers"] = {"Location": {"description": "The address of the row.", "schema": {"type": "string"}}}
        made["links"] = _links(offer)
        path["post"] = _operation(offer, "create", resource.create, scheme, {"201": made}) | {
            "requestBody": _body(f"{name}_create")
        }
    return path


def _single(offer: Offer, scheme: str) -> Description:
    resource, name = offer.resource, offer.name
    path: Description = {}
    key = key_parameter(offer.names, offer.key)
    if resource.read is not nobody:
        row: Description = {"anyOf": [_reference(name), _reference(f"{name}_fields")]}
        path["get"] = _operation(offer, "read", resource.read, scheme, {"200": _answer("The row.", row)}) | {
            "parameters": [key, fields_parameter(offer.names)]
        }
    if resource.update is not nobody:
        changed = _answer("The row as it is now.", _reference(name))
        path["patch"] = _operation(offer, "update", resource.update, scheme, {"200": changed}) | {
            "parameters": [key],
            "requestBody": _body(f"{name}_update"),
        }
    if resource.delete is not nobody:
        gone: Description = {"204": {"description": "The row is gone."}}
        path["delete"] = _operation(offer, "delete", resource.delete, scheme, gone) | {"parameters": [key]}
    return path


def _links(offer: Offer) -> Description:
    """Where a row that was created can be found, changed and deleted."""
    key = offer.key.path
    rules = {"read": offer.resource.read, "update": offer.resource.update, "delete": offer.resource.delete}
    return {
        verb: {"operationId": f"{verb}_{offer.name}", "parameters": {key: f"$response.body#/{key}"}}
        for verb, rule in rules.items()
        if rule is not nobody
    }


_PROBLEMS = {
    "list": (400, 409, 422),
    "read": (400, 404),
    "create": (400, 403, 409, 413, 415, 422),
    "update": (400, 403, 404, 409, 413, 415, 422),
    "delete": (403, 404, 409),
}
_SUMMARIES = {
    "list": "Rows of {}",
    "read": "One row of {}",
    "create": "Create a row of {}",
    "update": "Change a row of {}",
    "delete": "Delete a row of {}",
}


def _operation(offer: Offer, verb: str, rule: Rule, scheme: str, answers: Description) -> Description:
    needed = _needs_sign_in(rule)
    responses = dict(answers)
    for status in sorted((*_PROBLEMS[verb], *((401,) if needed is not False else ()))):
        responses[str(status)] = {"description": KIND_OF_STATUS[status].meaning, "content": PROBLEM_CONTENT}
    responses["default"] = {"description": "Any other problem.", "content": PROBLEM_CONTENT}
    operation: Description = {
        "operationId": f"{verb}_{offer.name}",
        "summary": _SUMMARIES[verb].format(offer.name),
        "tags": [offer.name],
        "responses": responses,
    }
    if offer.facts.help:
        operation["description"] = offer.facts.help
    if needed is not False:
        required: Description = {scheme: []}
        operation["security"] = [required] if needed else [{}, required]
    return operation


def _needs_sign_in(rule: Rule) -> bool | None:
    """Whether a rule refuses every anonymous caller; None where it asks who it is and may take one."""
    try:
        verdict = rule(Caller.anonymous())
    except NotSignedIn:
        return True
    if verdict is False:
        return True
    return False if verdict is True else None


def _answer(text: str, schema: Description) -> Description:
    return {"description": text, "content": {_JSON: {"schema": schema}}}


def _body(name: str) -> Description:
    return {"required": True, "content": {_JSON: {"schema": _reference(name)}}}
