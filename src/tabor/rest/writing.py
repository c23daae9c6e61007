"""Creates, changes and deletes one row, each in one statement where the rules allow it, else in one transaction."""

from __future__ import annotations

from tabor.auth.policy import Caller, Verdict
from tabor.errors import NotFound, StaleRow
from tabor.query.conditions import Condition, depends_on
from tabor.query.document import Documents
from tabor.query.write import Setting
from tabor.rest.exchange import Exchange
from tabor.rest.offer import Offer, refuse_parameters
from tabor.schema.server_set import at_version, marking
from tabor.web.json_body import read_json
from tabor.web.problems import ProblemException, forbidden


class Creating:
    """``POST /api/event``."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer
        self._needs_caller = bool(offer.resource.server_set)

    async def __call__(self, exchange: Exchange, key: str) -> None:
        """Create a row and answer it; raises what stands against it."""
        offer = self._offer
        verdict = await exchange.verdict(offer.resource.create)
        refuse_parameters(exchange)
        if verdict is False:
            raise _forbidden("create_rule", "You may not create this.")
        caller = await exchange.caller() if self._needs_caller else Caller.anonymous()
        body = await read_json(exchange.scope, exchange.receive)
        values = offer.bodies.new_row(body, caller)
        documents = await self._created(values, verdict)
        address = offer.address_of(documents.key(0)[0], exchange.scope.get("root_path", ""))
        await exchange.answer(documents.texts[0].encode(), 201, [(b"location", address)])

    async def _created(self, values: tuple[object, ...], verdict: Verdict) -> Documents:
        offer, facts, db = self._offer, self._offer.facts, self._offer.db
        inserted = offer.whole.inserted(facts.source, facts.insertable, facts.insertable_key, values)
        conditions = offer.own_condition(verdict)
        if not conditions:
            return await db.run(inserted)
        async with db.transaction():
            documents = await db.run(inserted)
            new = offer.rows().where(offer.row(documents.key(0)[0]), *conditions)
            if not await db.run(new.exists()):
                raise _forbidden("create_rule", "You may not create a row like this one.")
        return documents


class Updating:
    """``PATCH /api/event/{id}``."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer

    async def __call__(self, exchange: Exchange, key: str) -> None:
        """Change a row and answer it; raises what stands against it."""
        offer = self._offer
        verdict = await exchange.verdict(offer.resource.update)
        refuse_parameters(exchange)
        visible = await offer.visible(exchange)
        value = offer.key_of(key)
        body = await read_json(exchange.scope, exchange.receive)
        settings, expected = offer.bodies.changes(body), offer.bodies.expected(body)
        if verdict is False or visible is False:
            await offer.refuse_absent(value, visible)
            raise _forbidden("update_rule", "You may not change this.")
        version = [] if expected is None else [at_version(offer.facts, expected)]
        documents = await self._changed(value, settings, verdict, visible, version)
        if not documents.texts:
            await offer.refuse_absent(value, visible)
            if expected is not None and not await offer.db.run(offer.rows().where(offer.row(value), *version).exists()):
                raise StaleRow(offer.facts.name, value, expected)
            raise _forbidden("update_rule", "You may not change this.")
        await exchange.answer(documents.texts[0].encode())

    async def _changed(
        self, key: object, settings: list[Setting], verdict: Verdict, visible: Verdict, version: list[Condition]
    ) -> Documents:
        """The changed row, or none where the rules do not let it be changed."""
        offer, db = self._offer, self._offer.db
        conditions = offer.own_condition(verdict)
        found = [offer.row(key), *offer.live, *version, *conditions, *offer.own_condition(visible)]
        update = offer.table.update(*settings).where(*found)
        changed = offer.whole.updated(update)
        touched = {(offer.facts.source.token, setting.assignment.column.name) for setting in settings}
        if not any(touched & depends_on(condition) for condition in conditions):
            # What the rule depends on stays as it is, so it holds afterwards where it held before.
            return await db.run(changed)
        async with db.transaction():
            documents = await db.run(changed)
            if documents.texts and not await db.run(offer.rows().where(offer.row(key), *conditions).exists()):
                raise _forbidden("update_rule", "You may not change this in such a way.")
        return documents


class Deleting:
    """``DELETE /api/event/{id}``."""

    def __init__(self, offer: Offer) -> None:
        self._offer = offer

    async def __call__(self, exchange: Exchange, key: str) -> None:
        """Delete a row; raises what stands against it."""
        offer = self._offer
        verdict = await exchange.verdict(offer.resource.delete)
        refuse_parameters(exchange)
        visible = await offer.visible(exchange)
        value = offer.key_of(key)
        if verdict is not False and visible is not False:
            conditions = [*offer.own_condition(verdict), *offer.own_condition(visible)]
            removing = marking(offer.facts) or offer.table.delete()
            if await offer.db.run(removing.where(offer.row(value), *conditions)):
                await exchange.answer_empty()
                return
        await offer.refuse_absent(value, visible)
        if verdict is True:  # gone between the two looks
            raise NotFound(offer.facts.name, key)
        raise _forbidden("delete_rule", "You may not delete this.")


def _forbidden(code: str, detail: str) -> ProblemException:
    return ProblemException(forbidden(code, detail))
