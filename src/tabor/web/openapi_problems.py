"""Problem documents in the OpenAPI description: what the app really answers when something goes wrong."""

from __future__ import annotations

from typing import Any, cast

from tabor.web.problem_kinds import KIND_OF_STATUS
from tabor.web.problems import MEDIA_TYPE, PROBLEM_SCHEMA

_METHODS = frozenset(("get", "put", "post", "delete", "options", "head", "patch", "trace"))
_FASTAPI_ONLY = ("HTTPValidationError", "ValidationError")

PROBLEM_CONTENT: dict[str, object] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
"""The ``content`` of a response that is a problem document."""

Description = dict[str, object]


def documented_problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a FastAPI route that answers with problems of these statuses.

    @app.get("/event/{id}", responses=documented_problems(404))
    """
    return {status: {"description": KIND_OF_STATUS[status].meaning, "content": PROBLEM_CONTENT} for status in statuses}


def describe_problems(description: Description) -> Description:
    """Puts problem documents in place of FastAPI's own error bodies, in ``description`` itself, and returns it.

    Each operation's 422 answers with a problem; every other error does so under ``default``, unless the operation
    says something of its own there.
    """
    for operations in _object(description, "paths").values():
        for method, operation in cast("Description", operations).items():
            if method in _METHODS:
                _describe_operation(cast("Description", operation))
    schemas = _object(_object(description, "components"), "schemas")
    for name in _FASTAPI_ONLY:
        schemas.pop(name, None)
    schemas["Problem"] = PROBLEM_SCHEMA
    return description


def _describe_operation(operation: Description) -> None:
    responses = _object(operation, "responses")
    invalid = responses.get("422")
    if isinstance(invalid, dict) and "HTTPValidationError" in str(cast("Description", invalid)):
        responses["422"] = {"description": "Some values are not acceptable.", "content": PROBLEM_CONTENT}
    responses.setdefault("default", {"description": "Any other problem.", "content": PROBLEM_CONTENT})


def _object(parent: Description, name: str) -> Description:
    return cast("Description", parent.setdefault(name, {}))
