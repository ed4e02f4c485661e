"""The predefined rules of tickets, which accounts cannot change.

Source: https://support.zendesk.com/hc/en-us/articles/4408894213018
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.ticket_rules.participants import is_agent
from zendesk_orm.support import AccountSettings, User


#: Statuses of tickets that a comment by an end user opens.
_REOPENED = ("pending", "hold", "solved")


def apply_system_rules(
    context: Context,
    row: dict[str, Any],
    before: Mapping[str, Any],
    user_id: Any,
    author_id: Any = None,
) -> None:
    """Apply the predefined rules to a ticket that is created or updated, but not imported.

    Args:
        context: the account.
        row: the ticket after the changes, which is changed further.
        before: the ticket before; {} on creation.
        user_id: the id of the user behind the changes; None for a business rule.
        author_id: the id of the author of a new comment.

    Raises:
        HTTPError: 422, if the ticket would be solved without an assignee.
    """
    if not context.runs_rules:
        return
    _keep_values(row, before)
    is_waiting = row["status"] in _REOPENED and row["status"] == before.get("status")
    if author_id is not None and is_waiting and not is_agent(context, author_id):
        row["status"] = "open"
    is_solved = row["status"] == "solved" and before.get("status") != "solved"
    if is_solved and row["assignee_id"] is None and user_id is not None:
        _assign_solver(context, row, user_id)


def _keep_values(row: dict[str, Any], before: Mapping[str, Any]) -> None:
    """Keep status and priority of a ticket that cannot become new again, or lose its priority."""
    if row["status"] == "new" and before.get("status", "new") != "new":
        row.update(status=before["status"], custom_status_id=before["custom_status_id"])
    if row["priority"] is None and before.get("priority"):
        row["priority"] = before["priority"]


def _assign_solver(context: Context, row: dict[str, Any], user_id: Any) -> None:
    """Assign a solved ticket to the solving agent, if the account is configured so."""
    settings = resources.get_singleton(context, AccountSettings._meta).doc
    if not settings["tickets"]["assign_tickets_upon_solve"] or not is_agent(context, user_id):
        text = "Assignee: is required when solving a ticket"
        raise invalid_record({"base": [field_error(text)]})
    row["assignee_id"] = user_id
    if row["group_id"] is None:
        user = context.store.get(User._meta.label, user_id) or {}
        row["group_id"] = user.get("default_group_id")
