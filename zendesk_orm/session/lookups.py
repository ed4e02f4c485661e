"""Lookups by id that tasks of an event loop make at the same time, read together."""

from __future__ import annotations

import importlib
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import NoEndpoint, RequestBudgetExceeded, ZendeskError
from zendesk_orm.plan.plan import Plan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.predicate import Condition, conjoin
from zendesk_orm.query.query import Query
from zendesk_orm.session.lists.pages import pages, request_key
from zendesk_orm.session.reading import keys_of
from zendesk_orm.session.responses import Page
from zendesk_orm.session.single_flight import copy_error
from zendesk_orm.session.threads import run_in_thread


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


class _Batch:
    """Lookups by id of the same query, which one task reads.

    Attributes:
        base: the query, without the ids.
        plans: the plan of each lookup, by id.
        task: the task that reads the rows; its result contains the page of each id.
        waiting: the number of callers that wait for it.
    """

    def __init__(self, base: Query) -> None:
        self.base = base
        self.plans: dict[Any, Plan] = {}
        self.task: Any = None
        self.waiting = 0

    def read(self, session: Session) -> dict[Any, Page]:
        """Request the rows, up to a hundred at once, and return a page for each id.

        Returns:
            Nothing if Zendesk cannot return them together: each lookup sends its own request.
        """
        selected = self._plan()
        if selected is None:
            return {}
        by_id = dict.fromkeys(self.plans, Page([], {}))
        for page in pages(session.transport, selected, session.account.ahead):
            by_id.update((row["id"], evolve(page, rows=[row])) for row in page.rows)
        return by_id

    def _plan(self) -> Plan | None:
        """Return the plan that reads all rows together, or None if no endpoint does."""
        where = conjoin(self.base.where, Condition("id", "in", tuple(self.plans)))
        try:
            selected = plan(evolve(self.base, where=where, together=True, budget=None))
        except NoEndpoint:
            return None
        single = next(iter(self.plans.values()))
        if not isinstance(selected, Plan) or selected.includes != single.includes:
            return None
        is_by_id = selected.endpoint.verb is Verb.SHOW_MANY and selected.key == "id"
        return selected if is_by_id else None


async def read_together(session: Session, base: Query, query: Query) -> dict[Hashable, Page]:
    """Read a row together with those that other tasks of the event loop look up by id now.

    The tasks that are ready to run in this iteration of the loop are taken together. A single
    lookup waits for no others, and reads nothing here.

    Args:
        session: the session of the caller.
        base: the query, without the id.
        query: the query for one id.

    Returns:
        The page of the row, by its request; nothing if the caller has to send the request.

    Raises:
        ApiError, TransportError: reading failed for all callers.
    """
    selected = _plan_request(session, query)
    if selected is None:
        return {}
    # Deferred: only programs that use asyncio load it.
    asyncio: Any = importlib.import_module("asyncio")
    loop = asyncio.get_running_loop()
    batches, group = session.account.lookups, (loop, base)
    pk = next(iter(query.ids or ()), None)
    batch = batches.get(group)
    if batch is None:
        batch = batches[group] = _Batch(base)
        batch.task = loop.create_task(_collect(session, group))
    batch.plans.setdefault(pk, selected)
    batch.waiting += 1
    try:
        by_id: dict[Any, Page] = await asyncio.shield(batch.task)
    except (asyncio.CancelledError, GeneratorExit) as error:
        batch.waiting -= 1
        if not batch.waiting and not batch.task.done():
            # Nothing may be sent after the last caller was cancelled, and nobody may join.
            if batches.get(group) is batch:
                del batches[group]
            # A coroutine that is closed, because its task was dropped, cannot wait.
            if not isinstance(error, GeneratorExit):
                batch.task.cancel()
                await asyncio.wait([batch.task])
        raise
    except ZendeskError as error:
        raise copy_error(error) from error.__cause__
    return {request_key(selected, next(selected.first())): by_id[pk]} if pk in by_id else {}


async def _collect(session: Session, group: Hashable) -> dict[Any, Page]:
    """Read the rows of a batch, which is complete when its task begins to run."""
    batch: _Batch = session.account.lookups.pop(group)
    if len(batch.plans) < 2:
        return {}
    return await run_in_thread(session, batch.read, session)


def _plan_request(session: Session, query: Query) -> Plan | None:
    """Return the plan of a lookup that requests one row by its id; None for all other lookups."""
    is_plain = not (query.has_deferred_values or query.has_custom_names or query.owners)
    ids = query.ids or ()
    if query.empty or query.windowed or not is_plain or len(ids) != 1:
        return None
    is_cached = any(session.has_row(query.model, key) for key in keys_of(query, ids))
    if is_cached and not query.fresh:
        return None
    try:
        selected = plan(query)
    except (NoEndpoint, RequestBudgetExceeded):
        # The lookup itself raises it.
        return None
    if isinstance(selected, Plan) and selected.endpoint.verb is Verb.SHOW:
        return selected
    return None
