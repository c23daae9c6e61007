"""One resource's addresses: which methods they take, and what becomes of a request that goes wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from tabor.auth.policy import NotSignedIn, nobody
from tabor.errors import TaborError
from tabor.rest.cursor import Cursors
from tabor.rest.exchange import CallerOf, Exchange
from tabor.rest.offer import Offer
from tabor.rest.reading import Listing, Reading
from tabor.rest.writing import Creating, Deleting, Updating
from tabor.web.direct_route import Receive, Scope, Send
from tabor.web.error_mapping import problem_for
from tabor.web.problems import (
    Problem,
    ProblemException,
    method_not_allowed,
    problem_response,
    request_id_of,
    unauthenticated,
)

Action = Callable[[Exchange, str], Awaitable[None]]


class Target(NamedTuple):
    """What an address stands for: the rows of an endpoint, or the one whose key is ``key``."""

    endpoint: Endpoint
    actions: Mapping[str, Action]
    key: str


class Endpoint:
    """The addresses ``/api/event`` and ``/api/event/{id}``."""

    def __init__(self, offer: Offer, cursors: Cursors, caller_of: CallerOf) -> None:
        resource = offer.resource
        self.offer = offer
        self._caller_of = caller_of
        self.all: dict[str, Action] = {}
        self.one: dict[str, Action] = {}
        if resource.list is not nobody:
            self.all["GET"] = self.all["HEAD"] = Listing(offer, cursors)
        if resource.create is not nobody:
            self.all["POST"] = Creating(offer)
        self._reading: Reading | None = None
        if resource.read is not nobody:
            self.one["GET"] = self.one["HEAD"] = self._reading = Reading(offer)
        if resource.update is not nobody:
            self.one["PATCH"] = Updating(offer)
        if resource.delete is not nobody:
            self.one["DELETE"] = Deleting(offer)

    async def handle(self, target: Target, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, with a problem where something stands against it.

        What is no refusal (an error of the application, of the database itself) goes on to the app's own handlers.
        """
        exchange = Exchange(scope, receive, send, self._caller_of)
        action = target.actions.get(scope["method"])
        try:
            if action is None:
                await self._other_method(exchange, target)
            else:
                await action(exchange, target.key)
        except ProblemException as error:
            await _refuse(exchange, error.problem)
        except NotSignedIn as error:
            await _refuse(exchange, unauthenticated(code=error.code))
        except TaborError as error:
            problem = problem_for(error, self.offer.place)
            if problem.status >= 500:
                raise
            await _refuse(exchange, problem)

    def body_now(self, target: Target, scope: Scope) -> bytes | None:
        """The JSON of one row that anyone may read, where the database has it without waiting."""
        if not target.key or self._reading is None or scope["query_string"]:
            return None
        return self._reading.body_now(target.key)

    async def _other_method(self, exchange: Exchange, target: Target) -> None:
        method: str = exchange.scope["method"]
        allowed = [*target.actions, "OPTIONS"]
        if method == "OPTIONS":
            await exchange.answer_empty([(b"allow", ", ".join(allowed).encode())])
        else:
            await _refuse(exchange, method_not_allowed(method, allowed))


async def _refuse(exchange: Exchange, problem: Problem) -> None:
    scope = exchange.scope
    await problem_response(problem, request_id_of(scope))(scope, exchange.receive, exchange.send)
