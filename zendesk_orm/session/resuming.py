"""Continues an iteration of another process, from its resume token."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.errors import InvalidValue
from zendesk_orm.plan.export_start import first_checkpoint
from zendesk_orm.plan.plan import Plan, UnionPlan
from zendesk_orm.plan.planner import plan
from zendesk_orm.query.checkpoint import Checkpoint
from zendesk_orm.query.query import Query
from zendesk_orm.schema.row import Row
from zendesk_orm.session.lists.checkpoints import account_digest, begin
from zendesk_orm.session.lists.interruptions import RecordPage, attempt, make_failed_records
from zendesk_orm.session.lists.positions import (
    OTHER_QUERY,
    query_digest,
    require_query,
    row_ids,
    to_position,
)
from zendesk_orm.session.n_plus_one import note_relation
from zendesk_orm.session.reading import fetch, read_window, resolve


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


def digest_for(session: Session, query: Query) -> str:
    """Return the digest of a query, of the account and of the user whom it acts as."""
    return query_digest(query, session.account_identity, session.on_behalf_of)


def find_start(session: Session, query: Query) -> Checkpoint | None:
    """Return the checkpoint of the place at which an export begins; None for other queries."""
    if not query.is_export or query.empty:
        return None
    selected = plan(resolve(session, query))
    if isinstance(selected, UnionPlan) or selected.sorts_rows:
        return None
    return first_checkpoint(begin(session, selected), account_digest(session))


def require_beginning(session: Session, query: Query) -> Query:
    """Return a query without its token, which has to stand for the first row.

    Raises:
        InvalidValue: the token stands for a later row, or belongs to another query.
    """
    token = query.resumed
    if token is None:
        return query
    plain = evolve(query, resumed=None, moment=token.moment)
    require_query(token, digest_for(session, plain))
    if token.ids or token.place is not None:
        raise InvalidValue(
            "iterator(parallel=) cannot continue from a resume token, which holds one position: "
            "call iterator() without parallel"
        )
    return plain


def resume(session: Session, query: Query) -> Iterator[RecordPage[Any]]:
    """Yield the records that an earlier iteration did not yield, a page at a time.

    Raises:
        InvalidValue: the token belongs to another query, model, account or user.
        NoEndpoint, ResultLimitExceeded.
    """
    token = query.resumed
    plain = evolve(query, resumed=None, moment=token.moment)
    require_query(token, digest_for(session, plain))
    if token.place is None:
        yield from _without(plain, fetch(session, plain), token.ids)
        return
    note_relation(session, plain)
    resolved = yield from attempt(make_failed_records, resolve, session, plain)
    selected = plan(resolved)
    if not isinstance(selected, Plan):
        raise InvalidValue(OTHER_QUERY)
    position = to_position(token.place, selected)
    omit = partial(_omit, plain, token.ids) if token.ids else None
    yield from read_window(session, selected, position=position, omit=omit)


def _omit(query: Query, ids: frozenset[Any], rows: list[Row]) -> list[Row]:
    """Return rows without those of some ids."""
    identities = row_ids(query, rows)
    if ids.isdisjoint(identities):
        return rows
    return [row for row, pk in zip(rows, identities, strict=True) if pk not in ids]


def _without(
    query: Query, stream: Iterator[RecordPage[Any]], ids: frozenset[Any]
) -> Iterator[RecordPage[Any]]:
    """Yield pages without the records of some ids: those of the window that were yielded before.

    If some of them have left the result, others have moved into the window, which would exceed it.
    """
    remaining = None if query.rows is None else max(0, query.rows - len(ids))
    for page in stream:
        unread = _without_ids(query, page, ids) if ids and page else page
        if remaining is not None and len(unread) > remaining:
            rows = unread.rows
            unread = unread.replace(unread[:remaining])
            unread.rows = None if rows is None else rows[:remaining]
        yield unread
        if remaining is not None:
            remaining -= len(unread)
            if remaining == 0:
                return


def _without_ids(query: Query, page: RecordPage[Any], ids: frozenset[Any]) -> RecordPage[Any]:
    """Return a page without the records of some ids."""
    if page.rows is None:
        raise InvalidValue(OTHER_QUERY)
    identities = row_ids(query, page.rows)
    if ids.isdisjoint(identities):
        return page
    indexes = [index for index, pk in enumerate(identities) if pk not in ids]
    remaining = page.replace(page[index] for index in indexes)
    remaining.rows = [page.rows[index] for index in indexes]
    return remaining
