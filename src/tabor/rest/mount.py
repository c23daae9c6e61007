"""Puts resources into an application: their addresses, and their part of the OpenAPI document."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import unquote

from tabor.database.database import Database
from tabor.errors import ConfigurationError
from tabor.rest.cursor import Cursors
from tabor.rest.endpoint import Endpoint, Target
from tabor.rest.exchange import CallerOf
from tabor.rest.offer import Offer
from tabor.rest.openapi import describe
from tabor.rest.resource import Resource
from tabor.schema.facts import facts_of
from tabor.web.direct_route import FastAPI, Receive, Scope, Send, add_direct_route


def mount_resources(
    app: FastAPI,
    db: Database,
    resources: Sequence[Resource],
    *,
    caller: CallerOf,
    prefix: str = "/api",
    cursor_keys: Sequence[bytes] = (),
) -> None:
    """Offer ``resources`` of ``db`` below ``prefix``, in front of the app's own routes and behind its middleware.

    Call ``install(app)`` first.  ``caller`` tells who sends a request: it is given the request and answers a
    ``Caller``, or a promise of one.  ``cursor_keys`` (32 bytes or more each) sign cursors, the first of them, and
    verify them, all of them; without any a key is made for this process, and cursors end with it.

    Raises ``ConfigurationError`` for two resources of one table or name, a prefix that cannot be one, and keys that
    are too short; ``SchemaError`` for what a table cannot do.

        mount_resources(app, db, [events, users], caller=caller_of)
    """
    if not prefix.startswith("/") or prefix.endswith("/"):
        raise ConfigurationError(
            f"The prefix {prefix!r} must begin with a slash and not end with one.", setting="prefix"
        )
    if any(len(key) < 32 for key in cursor_keys):
        raise ConfigurationError("A key for cursors needs at least 32 bytes.", setting="cursor_keys")
    known = {facts.source.token for facts in db.catalog}
    tables = [facts_of(resource.table) for resource in resources]
    for facts in tables:
        if facts.source.token not in known:
            raise ConfigurationError(f"{facts.name} is not among the tables of {db.url}; add it to them.")
        if tables.count(facts) > 1:
            raise ConfigurationError(f"{facts.name} has two resources; a table has one.")
    rules = {facts.source.token: resource.list for facts, resource in zip(tables, resources, strict=True)}
    offers = [Offer(resource, db, prefix, rules) for resource in resources]
    names = [offer.name for offer in offers]
    for name in names:
        if names.count(name) > 1:
            raise ConfigurationError(f"Two resources are called {name!r}; give one of them name=... .")
    cursors = Cursors(cursor_keys or [secrets.token_bytes(32)])
    addresses = _Addresses(f"{prefix}/", [Endpoint(offer, cursors, caller) for offer in offers])
    add_direct_route(
        app, addresses.find, _handle, lambda description: describe(description, addresses.endpoints), _body_now
    )


class _Addresses:
    """Finds what an address stands for."""

    def __init__(self, prefix: str, endpoints: Sequence[Endpoint]) -> None:
        self._prefix = prefix
        self._by_name = {endpoint.offer.name: endpoint for endpoint in endpoints}
        self.endpoints = endpoints

    def find(self, scope: Scope) -> Target | None:
        """The target of a request; None for an address that is not of these, in either spelling of its end."""
        path: str = scope["path"]
        root: str = scope.get("root_path", "")
        if root and path.startswith(root):
            path = path[len(root) :]
        if not path.startswith(self._prefix):
            return None
        name, _, key = path[len(self._prefix) :].partition("/")
        endpoint = self._by_name.get(name)
        if endpoint is None:
            return None
        if key.endswith("/"):
            key = key[:-1] or "/"
        if "/" in key and key != _last_segment(scope):
            return None
        actions = endpoint.one if key else endpoint.all
        return Target(endpoint, actions, key) if actions else None


def _last_segment(scope: Scope) -> str:
    """The last segment of the address as it was sent, so that ``%2F`` in a key is no separator."""
    raw: bytes = scope.get("raw_path") or b""
    return unquote(raw.removesuffix(b"/").rpartition(b"/")[2].decode("latin-1"))


async def _handle(target: Target, scope: Scope, receive: Receive, send: Send) -> None:
    await target.endpoint.handle(target, scope, receive, send)


def _body_now(target: Target, scope: Scope) -> bytes | None:
    return target.endpoint.body_now(target, scope)
