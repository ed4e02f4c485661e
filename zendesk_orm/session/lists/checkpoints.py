"""Checkpoints of the pages of an export: the place after each, and the rows that are repeated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from attrs import evolve

from zendesk_orm.api.paging import after_cursor
from zendesk_orm.http.hosts import query_of
from zendesk_orm.plan.export_start import begin_export, first_checkpoint
from zendesk_orm.plan.plan import Plan
from zendesk_orm.query.checkpoint import MAX_BOUNDARY_ROWS, Checkpoint, is_number
from zendesk_orm.query.packing import digest
from zendesk_orm.query.predicate import conditions
from zendesk_orm.session.lists.versions import row_seconds, version_numbers
from zendesk_orm.session.responses import Page, objects_in


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session


def begin(session: Session, selected: Plan) -> Plan:
    """Return the plan of an export with a start that Zendesk accepts.

    Raises:
        InvalidValue: the start is in the future, or the checkpoint is that of another account,
            model or export.
    """
    selected = begin_export(selected, session.transport.clock.now())
    for condition in conditions(selected.pushed):
        if isinstance(condition.value, Checkpoint):
            condition.value.require_account(account_digest(session))
    return selected


def account_digest(session: Session) -> str:
    """Return the text by which checkpoints name an account."""
    return digest(session.account_identity)


def note_checkpoints(session: Session, selected: Plan, stream: Iterator[Page]) -> Iterator[Page]:
    """Yield the pages of an export with their checkpoints, without rows that were processed."""
    checkpoint = first_checkpoint(selected, account_digest(session))
    processed = frozenset[int]() if checkpoint is None else checkpoint.boundary
    for page in stream:
        if page.error is not None or checkpoint is None:
            yield page
            continue
        checkpoint = _place_after(selected, page, checkpoint)
        rows = page.rows
        if processed and rows:
            numbers = version_numbers(selected.query.meta, rows)
            rows = [
                row for row, number in zip(rows, numbers, strict=True) if number not in processed
            ]
            if len(rows) == len(page.rows):
                # Rows are repeated at the beginning only.
                processed = frozenset()
        yield evolve(page, rows=rows, checkpoint=checkpoint)


def _place_after(selected: Plan, page: Page, before: Checkpoint) -> Checkpoint:
    """Return the checkpoint after a page, whose link exists at the end of the export, too."""
    link = selected.endpoint.paging.link(page.data)
    linked = {} if link is None else query_of(link)
    cursor = linked.get("cursor") or after_cursor(page.data)
    if cursor:
        return evolve(before, params=(("cursor", cursor),), boundary=frozenset())
    end = str(page.data.get("end_time") or linked.get("start_time") or "")
    if not is_number(end):
        return before
    params = [("start_time", end)]
    if linked.get("start_id"):
        # Exports of Chat begin after this row.
        params.append(("start_id", linked["start_id"]))
        return evolve(before, params=tuple(params), boundary=frozenset())
    return evolve(before, params=tuple(params), boundary=_find_repeated(selected, page, int(end)))


def _find_repeated(selected: Plan, page: Page, end: int) -> frozenset[int]:
    """Return numbers of the rows of a page that an export from a moment on returns again.

    The second before belongs to them: a checkpoint of the last minute begins earlier.
    """
    rows = objects_in(page.data, selected.endpoint.key)[-MAX_BOUNDARY_ROWS:]
    repeated = [row for row in rows if (seconds := row_seconds(row)) is None or seconds >= end - 1]
    return frozenset(version_numbers(selected.query.meta, repeated))
