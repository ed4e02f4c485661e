"""The names of the events that webhooks can be subscribed to.

Source: https://developer.zendesk.com/api-reference/webhooks/event-types/webhook-event-types/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display, suggestion


#: The first part of the names of events.
PREFIX = "zen:event-type:"
#: The subscription of webhooks that triggers and automations invoke.
BUSINESS_RULES = "conditional_ticket_events"

_METRICS = (
    "active_assigned_conversations",
    "active_unassigned_conversations",
    "conversations_in_queue",
    "total_active_conversations",
    "avg_time_in_queue",
    "longest_time_in_queue",
)
#: The events by area: `ticket.created` is `created` of the area `ticket`.
EVENTS: Mapping[str, tuple[str, ...]] = {
    "ticket": (
        "agent_assignment_changed",
        "attachment_linked_to_comment",
        "attachment_redacted_from_comment",
        "brand_changed",
        "comment_added",
        "comment_made_private",
        "comment_redacted",
        "created",
        "csat_received",
        "csat_requested",
        "custom_field_changed",
        "custom_status_changed",
        "description_changed",
        "email_ccs_changed",
        "external_id_changed",
        "followers_changed",
        "form_changed",
        "group_assignment_changed",
        "marked_as_spam",
        "merged",
        "next_sla_breach_changed",
        "ola_policy_changed",
        "organization_changed",
        "permanently_deleted",
        "priority_changed",
        "problem_link_changed",
        "requester_changed",
        "schedule_changed",
        "sla_policy_changed",
        "soft_deleted",
        "status_changed",
        "subject_changed",
        "submitter_changed",
        "tags_changed",
        "task_due_at_changed",
        "type_changed",
        "undeleted",
    ),
    "user": (
        "active_changed",
        "alias_changed",
        "created",
        "custom_field_changed",
        "custom_role_changed",
        "default_group_changed",
        "deleted",
        "details_changed",
        "external_id_changed",
        "group_membership_created",
        "group_membership_deleted",
        "identity_changed",
        "identity_created",
        "identity_deleted",
        "last_login_changed",
        "merged",
        "name_changed",
        "notes_changed",
        "only_private_comments_changed",
        "organization_membership_created",
        "organization_membership_deleted",
        "password_changed",
        "photo_changed",
        "role_changed",
        "suspended_changed",
        "tags_changed",
        "time_zone_changed",
    ),
    "organization": (
        "created",
        "custom_field_changed",
        "deleted",
        "external_id_changed",
        "name_changed",
        "tags_changed",
    ),
    "article": (
        "author_changed",
        "comment_changed",
        "comment_created",
        "comment_published",
        "comment_unpublished",
        "published",
        "subscription_created",
        "unpublished",
        "vote_changed",
        "vote_created",
        "vote_removed",
    ),
    "community_post": (
        "changed",
        "comment_changed",
        "comment_created",
        "comment_published",
        "comment_unpublished",
        "comment_vote_changed",
        "comment_vote_created",
        "created",
        "published",
        "subscription_created",
        "unpublished",
        "vote_changed",
        "vote_created",
        "vote_removed",
    ),
    "agent": (
        "channel_created",
        "channel_deleted",
        "groups_updated",
        "max_capacity_changed",
        "state_changed",
        "unified_state_changed",
        "work_item_added",
        "work_item_removed",
        "work_item_updated",
    ),
    "messaging_ticket": ("message_added",),
    "messaging_live_metrics": tuple(
        f"{metric}{suffix}" for metric in _METRICS for suffix in ("", "_by_group", "_by_via_type")
    ),
}
#: All names, without the prefix.
NAMES = frozenset(f"{area}.{name}" for area, names in EVENTS.items() for name in names)


def short_name(text: str) -> str:
    """Return the name of an event without its prefix: `ticket.created`."""
    # Zendesk's page writes two names with a slash.
    return text.replace("zen:event-type/", PREFIX, 1).removeprefix(PREFIX)


def complete_subscriptions(subscriptions: Iterable[Any]) -> list[str]:
    """Return subscriptions with the prefix, in their order, each once.

    Raises:
        InvalidValue: an event of a known area does not exist; the message suggests another one.
            Events of other areas are accepted, because Zendesk adds areas.
    """
    names: dict[str, None] = {}
    for subscription in subscriptions:
        if not isinstance(subscription, str) or not subscription.strip():
            raise InvalidValue(
                f"a subscription is the name of an event, such as 'ticket.created', not "
                f"{display(subscription)}"
            )
        if subscription == BUSINESS_RULES:
            names[subscription] = None
            continue
        name = short_name(subscription)
        area, _, event = name.partition(".")
        if not event or (area in EVENTS and name not in NAMES):
            choices = [other for other in NAMES if other.startswith(f"{area}.")] or NAMES
            hint = suggestion(name, choices)
            if event == "updated":
                hint = f", but one for each changed attribute, such as {area}.tags_changed"
            raise InvalidValue(f"Zendesk has no event {display(name)}{hint}")
        names[PREFIX + name] = None
    if BUSINESS_RULES in names and len(names) > 1:
        raise InvalidValue(
            f"a webhook is subscribed to events or used by business rules "
            f"({display(BUSINESS_RULES)}), not both: create two"
        )
    return list(names)
