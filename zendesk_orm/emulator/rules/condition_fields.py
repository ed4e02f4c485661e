"""The fields of conditions: how each reads its value from the update of a ticket.

Source: https://developer.zendesk.com/documentation/ticketing/reference-guides/conditions-reference/
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import RANKS
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.rules import hour_conditions
from zendesk_orm.emulator.rules.updates import TicketUpdate
from zendesk_orm.emulator.schedules.business_hours import load_business_hours
from zendesk_orm.emulator.tickets.history import SOLVED
from zendesk_orm.support import Locale, Organization, User


@frozen
class FieldValue:
    """The value of a field of a condition.

    Attributes:
        current: the value after the update.
        previous: the value before the update; None on creation.
        ranks: the choices in their order, if they have one.
    """

    current: Any
    previous: Any = None
    ranks: tuple[str, ...] = ()


#: Reads a field whose value the operators compare.
Reader = Callable[[Context, TicketUpdate], FieldValue]
#: Evaluates a condition whose operators have another meaning; None for an unknown operator.
Test = Callable[[Context, TicketUpdate, str, Any], "bool | None"]

#: The ids of channels in conditions, by the channel in `via`.
CHANNELS: Mapping[str, int] = {
    "web": 0,
    "email": 4,
    "api": 5,
    "rule": 8,
    "twitter": 30,
    "chat": 29,
    "voice": 34,
    "sharing": 31,
    "facebook": 38,
    "web_widget": 48,
    "mobile_sdk": 49,
    "help_center": 50,
    "any_channel": 55,
    "mobile": 56,
    "sms": 57,
    "whatsapp": 74,
}
_TYPES = ("question", "incident", "problem", "task")
#: The names of roles in conditions, and their numbers.
_ROLES: Mapping[str, tuple[str, ...]] = {
    "end-user": ("end_user", "0"),
    "agent": ("agent", "4"),
    "admin": ("admin", "2", "agent"),
}
_SCORES = ("unoffered", "offered", "bad", "bad_with_comment", "good", "good_with_comment")
_OLD_SCORES = {"true": "unoffered", "false": "offered"}
_CUSTOM_FIELD = re.compile(r"(?:custom|ticket)_fields_(\d+)")
_RELATED_FIELD = re.compile(r"(user|requester|assignee|organization)\.custom_fields[._](.+)")
_WORD = re.compile(r"[\w'-]+")


def find_reader(name: str) -> Reader | None:
    """Return the function that reads a field, or None if the field is unknown."""
    if custom := _CUSTOM_FIELD.fullmatch(name):
        pk = int(custom[1])
        return lambda _, update: _read_custom_field(update, pk)
    if related := _RELATED_FIELD.fullmatch(name):
        owner, key = related.groups()
        return lambda context, update: _read_related_field(context, update, owner, key)
    return _READERS.get(name)


def find_test(name: str) -> Test | None:
    """Return the function that evaluates conditions on a field, or None if operators do."""
    return _TESTS.get(name)


def to_text(value: Any) -> str:
    """Return a value as the text that conditions compare; "" if it is empty."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(sorted(map(to_text, value)))
    return "" if value is None else str(value)


def _read(wire: str, *, ranks: tuple[str, ...] = ()) -> Reader:
    """Return the reader of a field of tickets."""

    def read(context: Context, update: TicketUpdate) -> FieldValue:
        return FieldValue(update.row.get(wire), update.before.get(wire), ranks)

    return read


def _read_custom_field(update: TicketUpdate, pk: int) -> FieldValue:
    def find(row: Mapping[str, Any]) -> Any:
        fields = row.get("custom_fields") or ()
        return next((field["value"] for field in fields if field["id"] == pk), None)

    return FieldValue(find(update.row), find(update.before))


def _read_related_field(context: Context, update: TicketUpdate, owner: str, key: str) -> FieldValue:
    """Read a custom field of the requester, the assignee or the organization."""
    if owner == "organization":
        row = context.store.get(Organization._meta.label, update.row.get("organization_id"))
        return FieldValue(((row or {}).get("organization_fields") or {}).get(key))
    wire = "assignee_id" if owner == "assignee" else "requester_id"
    row = context.store.get(User._meta.label, update.row.get(wire))
    return FieldValue(((row or {}).get("user_fields") or {}).get(key))


def _read_channel(context: Context, update: TicketUpdate) -> FieldValue:
    return FieldValue(CHANNELS.get((update.row.get("via") or {}).get("channel", "")))


def _read_update_channel(context: Context, update: TicketUpdate) -> FieldValue:
    return FieldValue(CHANNELS.get((update.audit.get("via") or {}).get("channel", "")))


def _read_score(context: Context, update: TicketUpdate) -> FieldValue:
    def find(row: Mapping[str, Any]) -> Any:
        rating = row.get("satisfaction_rating") or {}
        score = rating.get("score", "unoffered") if isinstance(rating, Mapping) else "unoffered"
        return f"{score}_with_comment" if rating.get("comment") else score

    return FieldValue(find(update.row), find(update.before) if update.before else None, _SCORES)


def _read_type_id(context: Context, update: TicketUpdate) -> FieldValue:
    kind = update.row.get("type")
    return FieldValue(_TYPES.index(kind) + 1 if kind in _TYPES else None)


def _read_locale(context: Context, update: TicketUpdate) -> FieldValue:
    user = context.store.get(User._meta.label, update.row.get("requester_id")) or {}
    locale = context.store.get(Locale._meta.label, user.get("locale_id")) or {}
    return FieldValue(locale.get("id", user.get("locale_id")))


def _count_reopens(context: Context, update: TicketUpdate) -> FieldValue:
    statuses = [status for _, status in update.load_history(context).statuses]
    pairs = itertools.pairwise(statuses)
    return FieldValue(sum(before in SOLVED and after not in SOLVED for before, after in pairs))


def _count_replies(context: Context, update: TicketUpdate) -> FieldValue:
    return FieldValue(len(update.load_history(context).reply_times()))


def _count_stations(wire: str) -> Reader:
    def count(context: Context, update: TicketUpdate) -> FieldValue:
        values = [value for _, value in update.load_history(context).values(wire)]
        return FieldValue(len({value for value in values if value}))

    return count


def _test_words(get_text: Callable[[TicketUpdate], str]) -> Test:
    """Return a test for the words (`includes`) or the string (`is`) that a text contains."""

    def test(context: Context, update: TicketUpdate, operator: str, value: Any) -> bool | None:
        text, expected = get_text(update).lower(), to_text(value).lower()
        if operator in ("includes", "not_includes"):
            is_met = not set(_WORD.findall(text)).isdisjoint(expected.split())
            return is_met is (operator == "includes")
        if operator in ("is", "is_not", "includes_string", "not_includes_string"):
            return (expected in text) is (operator in ("is", "includes_string"))
        return None

    return test


def _get_comment_text(update: TicketUpdate) -> str:
    return f"{update.row.get('subject') or ''} {(update.comment or {}).get('body') or ''}"


def _test_tags(context: Context, update: TicketUpdate, operator: str, value: Any) -> bool | None:
    if operator not in ("includes", "not_includes", "is", "is_not"):
        return None
    expected = value if isinstance(value, list) else str(value or "").split()
    is_met = not {str(tag).lower() for tag in expected}.isdisjoint(update.row.get("tags") or ())
    return is_met is (operator in ("includes", "is"))


def _choose(test: Callable[[Context, TicketUpdate, str], bool | None]) -> Test:
    """Return a test that knows the operators `is` and `is_not`."""

    def check(context: Context, update: TicketUpdate, operator: str, value: Any) -> bool | None:
        result = test(context, update, to_text(value))
        if result is None or operator not in ("is", "is_not"):
            return None
        return result is (operator == "is")

    return check


def _is_comment(context: Context, update: TicketUpdate, value: str) -> bool | None:
    public = bool(update.comment and update.comment.get("public", True))
    results = {
        "true": public,
        "false": bool(update.comment) and not public,
        "not_relevant": bool(update.comment),
        "requester_can_see_comment": public,
    }
    return results.get(value)


def _has_role(context: Context, update: TicketUpdate, value: str, pk: Any) -> bool:
    """Return True if a user has a role, or the id that is given instead of one."""
    user = context.store.get(User._meta.label, pk) or {}
    names = (*_ROLES.get(user.get("role", ""), ()), str(pk), to_text(user.get("custom_role_id")))
    return value in names


def _is_in_hours(context: Context, update: TicketUpdate, value: str) -> bool:
    business_hours = load_business_hours(context)
    inside = business_hours is None or business_hours.includes(update.now)
    return inside is (value == "true")


def _is_within_schedule(context: Context, update: TicketUpdate, value: str) -> bool:
    business_hours = load_business_hours(context, int(value) if is_number(value) else None)
    return business_hours is None or business_hours.includes(update.now)


def _has_attachment(context: Context, update: TicketUpdate, value: str) -> bool:
    return bool((update.comment or {}).get("uploads")) is (value != "false")


def _has_copied_user(context: Context, update: TicketUpdate, value: str) -> bool:
    ids = update.row.get("email_cc_ids") or ()
    return value in {str(pk) for pk in ids} or (value == "true" and bool(ids))


_READERS: Mapping[str, Reader] = {
    **{
        wire: _read(wire)
        for wire in (
            "group_id",
            "assignee_id",
            "requester_id",
            "organization_id",
            "brand_id",
            "ticket_form_id",
            "custom_status_id",
            "recipient",
        )
    },
    **{wire: _read(wire, ranks=RANKS[wire]) for wire in ("status", "priority", "type")},
    "exact_created_at": _read("created_at"),
    "via_id": _read_channel,
    "current_via_id": _read_update_channel,
    "satisfaction_score": _read_score,
    "ticket_type_id": _read_type_id,
    "locale_id": _read_locale,
    "reopens": _count_reopens,
    "replies": _count_replies,
    "agent_stations": _count_stations("assignee_id"),
    "group_stations": _count_stations("group_id"),
}

_TESTS: Mapping[str, Test] = {
    "current_tags": _test_tags,
    "subject_includes_word": _test_words(lambda update: str(update.row.get("subject") or "")),
    "description_includes_word": _test_words(
        lambda update: f"{update.row.get('subject') or ''} {update.row.get('description') or ''}"
    ),
    "comment_includes_word": _test_words(_get_comment_text),
    "update_type": _choose(
        lambda _, update, value: (
            None if value not in ("Create", "Change") else update.is_creation is (value == "Create")
        )
    ),
    "comment_is_public": _choose(_is_comment),
    "ticket_is_public": _choose(
        lambda _, update, value: update.row.get("is_public") is (value == "public")
    ),
    "role": _choose(
        lambda context, update, value: _has_role(context, update, value, update.user_id)
    ),
    "requester_role": _choose(
        lambda context, update, value: _has_role(
            context, update, value, update.row.get("requester_id")
        )
    ),
    "in_business_hours": _choose(_is_in_hours),
    "within_schedule": _choose(_is_within_schedule),
    "attachment": _choose(_has_attachment),
    "cc": _choose(_has_copied_user),
    **hour_conditions.TESTS,
}
