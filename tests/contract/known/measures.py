"""Metrics of tickets, and objects attached to them: ratings, tasks, approvals, pins."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "ApprovalRequest": ("ApprovalRequestObject",),
    "ConversationEvent": ("ConversationLogObject",),
    "SatisfactionRating": ("SatisfactionRatingObject",),
    "SatisfactionReason": ("SatisfactionReasonObject",),
    "SavedSearch": ("SavedSearchObject",),
    "Task": ("TaskObject",),
    "TaskList": ("TaskListObject",),
    "TaskListTemplate": ("TaskListTemplateObject",),
    "TicketContentPin": ("TicketContentPin",),
    "TicketEvent": (),
    "TicketMetric": ("TicketMetricObject",),
    "TicketMetricEvent": (
        "TicketMetricEventSLAObject",
        "TicketMetricEventGroupSLAObject",
        "TicketMetricEventUpdateStatusObject",
    ),
}
SENT: Mapping[str, tuple[str, ...]] = {
    "ApprovalRequest": ("ApprovalRequestCreateRequest",),
    "SavedSearch": ("SavedSearchInput",),
}

_PATH = "the path tells it when one is made"


def _repeat(model: str, fields: str, reason: str) -> dict[str, str]:
    """Return the same reason for several fields of a model."""
    return {f"{model}.{name}": reason for name in fields.split()}


#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    **_repeat(
        "ApprovalRequest",
        "clarification_flow_messages decided_at decisions withdrawn_reason",
        "described within the list alone",
    ),
    **_repeat("ConversationEvent", "received_at source", "in the described example alone"),
    "ConversationEvent.ticket_id": "the path tells it, and no row",
    "Task.task_list_template_id": "the path tells it, and no row",
    **_repeat(
        "TicketEvent",
        "child_events created_at event_type id metadata system ticket_id timestamp updater_id via",
        "described as metric events by mistake; told in words, and by the page on exports",
    ),
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "TaskList.task_list_template_id": "a relation: an id that is a word",
}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    "ConversationEvent.author": "the log is written by nobody who asks for it",
    "SatisfactionRating.ticket_id": _PATH,
    **_repeat("SatisfactionReason", "raw_value value", "there is no call that would change it"),
    "TaskList.task_list_template_id": "sent when one is made",
    "TaskList.ticket_id": _PATH,
    "TaskListTemplate.tasks": "sent only: the list of tasks gives them, and no other row does",
    **_repeat("TicketContentPin", "account_id created_at id url", "set by Zendesk"),
}

#: Calls whose responses contain the row under another key than the model's name.
OTHER_ENVELOPES: dict[str, str] = {
    **dict.fromkeys(("Task create", "Task update"), "the template is answered, with all tasks"),
    "TaskList create": "all lists of the ticket are answered",
    "TicketContentPin create": "answered with or without an envelope",
}

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET satisfaction_ratings", name): "described in words alone"
    for name in ("end_time", "score", "start_time")
}

#: Described side-loads that are not declared, with the reason.
SIDELOADS_LEFT_OUT: dict[tuple[str, str], str] = {
    ("incremental/ticket_events", "comment_events"): "no rows of their own: `include=` of a filter",
}

#: Declared paths that a described path with a placeholder stands for.
CONCRETE_PATHS: dict[str, str] = {
    f"incremental/{plural}/sample": "incremental/{}/sample"
    for plural in ("organizations", "ticket_events", "tickets", "users")
}
