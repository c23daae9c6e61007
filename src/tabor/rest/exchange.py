"""One request and its answer: who asks, what the rules say to that, and the bytes that go back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from tabor.auth.policy import Caller, NotSignedIn, Rule, Verdict, anyone, decided
from tabor.query.conditions import NEVER, Condition, moved_to
from tabor.rest.names import Guards, Hop
from tabor.web.direct_route import Receive, Request, Scope, Send
from tabor.web.whole_answer import JSON, WHOLE_ANSWER, header_lines

CallerOf = Callable[[Request], Caller | Awaitable[Caller]]
"""Tells who sends a request; plain or async.  What it raises goes to the application's own handlers."""

HeaderPairs = list[tuple[bytes, bytes]]

_JSON = (b"content-type", b"application/json")


class Exchange:
    """A request under way."""

    __slots__ = ("_caller", "_caller_of", "receive", "scope", "send")

    def __init__(self, scope: Scope, receive: Receive, send: Send, caller_of: CallerOf) -> None:
        self.scope: Scope = scope
        self.receive: Receive = receive
        self.send: Send = send
        self._caller_of = caller_of
        self._caller: Caller | None = None

    async def caller(self) -> Caller:
        """Who asks; found out once, and only where something depends on it."""
        if self._caller is None:
            found = self._caller_of(Request(self.scope))
            self._caller = found if isinstance(found, Caller) else await found
        return self._caller

    async def verdict(self, rule: Rule) -> Verdict:
        """What a rule says; raises ``NotSignedIn``."""
        return True if rule is anyone else decided(rule, await self.caller())

    async def quiet_verdict(self, rule: Rule) -> Verdict:
        """What a rule says, where not being signed in is as good as a no."""
        try:
            return await self.verdict(rule)
        except NotSignedIn:
            return False

    async def guards(self, steps: Iterable[Hop]) -> Guards:
        """The conditions under which this caller sees the rows at these steps."""
        guards: dict[str, Condition] = {}
        for step in steps:
            verdict = await self.quiet_verdict(step.rule)
            if verdict is not True:
                guards[step.path] = NEVER if verdict is False else moved_to(verdict, step.place.source)
        return guards

    async def answer(self, body: bytes, status: int = 200, headers: HeaderPairs | None = None) -> None:
        """Send JSON."""
        whole = self.scope.get(WHOLE_ANSWER)
        if whole is not None and self.scope["method"] != "HEAD":
            own = header_lines(headers) if headers else b""
            if whole(status, b"%bcontent-length: %d\r\n%b" % (JSON, len(body), own), body):
                return
        pairs = [_JSON, (b"content-length", b"%d" % len(body))]
        if headers:
            pairs += headers
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})
        await self.send({"type": "http.response.body", "body": b"" if self.scope["method"] == "HEAD" else body})

    async def answer_empty(self, headers: HeaderPairs | None = None) -> None:
        """Send 204."""
        await self.send({"type": "http.response.start", "status": 204, "headers": headers or []})
        await self.send({"type": "http.response.body", "body": b""})
