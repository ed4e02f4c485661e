"""Problems and the incidents that are linked to them.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#json-format
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.storage.sql import Where, json_value, where_equal
from zendesk_orm.emulator.storage.store import ALIVE, DELETED, StoredRow
from zendesk_orm.support import Ticket


_META = Ticket._meta
#: Keys of a comment on a problem that is copied to its incidents.
_COMMENT_KEYS = ("body", "html_body", "public", "author_id")
#: Updates a ticket with a payload, as the event source.
UpdateTicket = Callable[[StoredRow, Mapping[str, Any], Mapping[str, Any]], Any]


def count_incidents(context: Context, row: Mapping[str, Any], before: Mapping[str, Any]) -> None:
    """Set `has_incidents` of the problems to which a written ticket is, or was, linked."""
    if row["type"] == "problem" or before.get("type") == "problem":
        refresh_problem(context, row["id"])
    if row["problem_id"] != before.get("problem_id"):
        for pk in (row["problem_id"], before.get("problem_id")):
            refresh_problem(context, pk)


def refresh_problem(context: Context, pk: Any) -> None:
    """Set `has_incidents` of a ticket: whether it is a problem with linked incidents."""
    stored = context.store.get_row(_META.label, pk) if pk is not None else None
    if stored is None:
        return
    incidents = where_equal("problem_id", pk) & Where("state < ?", (DELETED,))
    value = stored.doc["type"] == "problem" and context.store.count(_META.label, incidents) > 0
    if stored.doc["has_incidents"] is not value:
        row = {**stored.doc, "has_incidents": value}
        context.write(_META, row, state=stored.state, words=stored.words)


def solve_incidents(
    context: Context,
    row: Mapping[str, Any],
    before: Mapping[str, Any],
    comment: Mapping[str, Any] | None,
    update: UpdateTicket,
) -> None:
    """Solve the incidents of a problem that was solved, with the same comment.

    Args:
        context: the account.
        row: the problem.
        before: the problem before the update.
        comment: the comment that the update added, or None.
        update: updates an incident.
    """
    is_solved = row["status"] == "solved" and before.get("status") != "solved"
    if not is_solved or row["type"] != "problem":
        return
    payload: dict[str, Any] = {"status": "solved"}
    if comment and context.switches.problem_comment_copied:
        payload["comment"] = {key: comment[key] for key in _COMMENT_KEYS if key in comment}
    where = where_equal("problem_id", row["id"]) & Where("state = ?", (ALIVE,))
    where &= Where(f"{json_value('status')} NOT IN ('solved', 'closed')")
    source = {"ticket_id": row["id"], "subject": row["subject"]}
    via = {"channel": "web", "source": {"from": source, "to": {}, "rel": "problem"}}
    for incident in list(context.store.select(_META.label, where)):
        stored = context.store.get_row(_META.label, incident["id"])
        if stored is not None:
            update(stored, payload, via)
