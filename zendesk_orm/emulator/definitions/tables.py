"""The fields of conditions and actions that definitions describe.

Zendesk does not document all fields of an account; these are the ones that rules of the emulator
can use.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.definitions.fields import (
    CHANGES,
    IS,
    Choice,
    DefinedField,
    build_title,
    describe_rows,
    list_custom_fields,
    restrict_operators,
)
from zendesk_orm.emulator.rules.condition_fields import CHANNELS
from zendesk_orm.emulator.storage.sql import Where, json_value
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.support import Brand, Group, TicketForm


#: The most rows of another model whose names are values.
_MAX_CHOICES = 100
_ORDER = ("less_than", "greater_than")
_WORDS = ("includes", "not_includes", *IS)


def _find_rows(label: str) -> Callable[[Context], Iterable[Choice]]:
    """Return the function that returns the ids and names of rows."""

    def find(context: Context) -> Iterable[Choice]:
        where = Where(f"state < ? AND {json_value('active')} IS NOT 0", (DELETED,))
        name = json_value("name")
        rows = context.store.select_texts(label, where, limit=_MAX_CHOICES, doc=name)
        return [(str(pk), text) for text, pk, _ in rows]

    return find


def _choose(*names: str) -> tuple[Choice, ...]:
    return tuple((name, build_title(name)) for name in names)


_USERS, _ORGANIZATIONS = describe_rows("users"), describe_rows("organizations")
_ME = ("current_user", "(current user)")
_REQUESTER, _ASSIGNEE = ("requester_id", "(requester)"), ("assignee_id", "(assignee)")
_GROUPS = _find_rows(Group._meta.label)
_BRANDS = _find_rows(Brand._meta.label)
_FORMS = _find_rows(TicketForm._meta.label)
_ROLES = _choose("end_user", "agent", "admin")
_SCORES = _choose("unoffered", "offered", "bad", "bad_with_comment", "good", "good_with_comment")
_CHANNELS = tuple((str(number), build_title(name)) for name, number in CHANNELS.items())
_BOOLEANS = (("true", "Yes"), ("false", "No"))
_COUNTS = ("is", *_ORDER)

#: The fields of tickets that conditions of all rules can have.
TICKET_FIELDS = (
    DefinedField("status", "Status", (*IS, *_ORDER, *CHANGES), choices=_choose(*RANKS["status"])),
    DefinedField(
        "priority", "Priority", (*IS, *_ORDER, *CHANGES), choices=_choose(*RANKS["priority"])
    ),
    DefinedField("type", "Type", (*IS, *CHANGES), choices=_choose(*RANKS["type"])),
    DefinedField("group_id", "Group", (*IS, *CHANGES), find_choices=_GROUPS, nullable=True),
    DefinedField(
        "assignee_id",
        "Assignee",
        (*IS, *CHANGES),
        "autocomplete",
        (_ME, _REQUESTER),
        nullable=True,
        metadata=_USERS,
    ),
    DefinedField(
        "requester_id",
        "Requester",
        (*IS, *CHANGES),
        "autocomplete",
        (_ME, _ASSIGNEE),
        metadata=_USERS,
    ),
    DefinedField(
        "organization_id",
        "Organization",
        (*IS, *CHANGES),
        "autocomplete",
        nullable=True,
        metadata=_ORGANIZATIONS,
    ),
    DefinedField("brand_id", "Brand", (*IS, *CHANGES), find_choices=_BRANDS),
    DefinedField("ticket_form_id", "Form", (*IS, *CHANGES), find_choices=_FORMS),
    DefinedField("current_tags", "Tags", ("includes", "not_includes"), "text", repeatable=True),
    DefinedField("via_id", "Channel", choices=_CHANNELS),
    DefinedField("recipient", "Received at", type="text", nullable=True),
    DefinedField("subject_includes_word", "Subject text", _WORDS, "text", repeatable=True),
    DefinedField("description_includes_word", "Description", _WORDS, "text", repeatable=True),
    DefinedField("satisfaction_score", "Satisfaction", (*IS, *_ORDER, *CHANGES), choices=_SCORES),
    DefinedField("requester_role", "Requester role", choices=_ROLES, group="requester"),
    DefinedField("ticket_is_public", "Privacy", choices=_choose("public", "private")),
)
#: The fields that only conditions of triggers can have, because they are those of an update.
UPDATE_FIELDS = (
    DefinedField(
        "update_type", "Ticket", ("is",), choices=(("Create", "Created"), ("Change", "Updated"))
    ),
    DefinedField("current_via_id", "Update via", choices=_CHANNELS),
    DefinedField(
        "comment_is_public",
        "Comment",
        ("is",),
        choices=(
            ("true", "Public"),
            ("false", "Private"),
            ("not_relevant", "Present (public or private)"),
            ("requester_can_see_comment", "Present, and requester can see the comment"),
        ),
    ),
    DefinedField("comment_includes_word", "Comment text", _WORDS, "text", repeatable=True),
    DefinedField("role", "Current user", choices=_ROLES),
    DefinedField("attachment", "Attachment", ("is",), choices=_BOOLEANS),
    DefinedField("in_business_hours", "Within business hours", ("is",), choices=_BOOLEANS),
    DefinedField("reopens", "Reopens", _COUNTS, "text"),
    DefinedField("replies", "Agent replies", _COUNTS, "text"),
    DefinedField("agent_stations", "Assignee stations", _COUNTS, "text"),
    DefinedField("group_stations", "Group stations", _COUNTS, "text"),
)
#: The fields of views by the hours since a change.
HOUR_FIELDS = tuple(
    DefinedField(name, f"Hours since {title}", ("is", *_ORDER), "text")
    for name, title in {
        "NEW": "created",
        "OPEN": "open",
        "PENDING": "pending",
        "SOLVED": "solved",
        "CLOSED": "closed",
        "assigned_at": "assigned",
        "updated_at": "update",
        "requester_updated_at": "requester update",
        "assignee_updated_at": "assignee update",
        "due_date": "due date",
        "until_due_date": "until due date",
    }.items()
)
#: The actions of macros and triggers.
ACTIONS = (
    DefinedField("status", "Status", choices=_choose(*RANKS["status"][1:])),
    DefinedField("priority", "Priority", choices=_choose(*RANKS["priority"])),
    DefinedField("type", "Type", choices=_choose(*RANKS["type"])),
    DefinedField("group_id", "Group", find_choices=_GROUPS, nullable=True),
    DefinedField(
        "assignee_id",
        "Assignee",
        type="autocomplete",
        choices=(_ME, _REQUESTER),
        nullable=True,
        metadata=_USERS,
    ),
    DefinedField("brand_id", "Brand", find_choices=_BRANDS),
    DefinedField("ticket_form_id", "Form", find_choices=_FORMS),
    DefinedField("subject", "Set subject", type="text"),
    DefinedField("set_tags", "Set tags", type="text"),
    DefinedField("current_tags", "Add tags", type="text", repeatable=True),
    DefinedField("remove_tags", "Remove tags", type="text", repeatable=True),
    DefinedField("follower", "Add follower", type="autocomplete", choices=(_ME,), repeatable=True),
    DefinedField("cc", "Add CC", type="autocomplete", choices=(_ME,), repeatable=True),
)
#: The actions that only macros can have.
COMMENT_ACTIONS = (
    DefinedField("comment_value_html", "Comment/description", type="text"),
    DefinedField(
        "comment_mode_is_public",
        "Comment mode",
        choices=(("true", "Public"), ("false", "Private")),
    ),
)
#: The actions that only triggers can have.
SENDING_ACTIONS = (
    DefinedField("satisfaction_score", "Satisfaction", choices=_choose("offered")),
    DefinedField(
        "notification_user",
        "Email user",
        type="autocomplete",
        choices=(
            ("requester_id", "(requester)"),
            ("requester_and_ccs", "(requester and CCs)"),
            ("assignee_id", "(assignee)"),
            ("current_user", "(current user)"),
            ("all_agents", "(all agents)"),
        ),
        repeatable=True,
    ),
    DefinedField(
        "notification_group",
        "Email group",
        choices=(("group_id", "(assigned group)"),),
        find_choices=_GROUPS,
        repeatable=True,
    ),
    DefinedField("notification_webhook", "Notify active webhook", type="text", repeatable=True),
    DefinedField("notification_target", "Notify target", type="text", repeatable=True),
)


def list_ticket_conditions(context: Context) -> list[DefinedField]:
    """Return the fields of tickets, without operators that compare previous values."""
    fields = [*TICKET_FIELDS, *list_custom_fields(context)]
    operators = {name for field in fields for name in field.operators}
    return restrict_operators(fields, operators.difference(CHANGES))
