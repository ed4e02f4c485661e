"""Creation and update of tickets, with the comment and audit of each change.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources, safe_updates, validation
from zendesk_orm.emulator.people import identities
from zendesk_orm.emulator.rules import custom_statuses
from zendesk_orm.emulator.rules.sla import apply_policies
from zendesk_orm.emulator.rules.triggers import run_triggers
from zendesk_orm.emulator.rules.updates import TicketUpdate
from zendesk_orm.emulator.server.errors import (
    HTTPError,
    field_error,
    invalid_record,
)
from zendesk_orm.emulator.server.routes import creates, updates
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import StoredRow, WriteResult
from zendesk_orm.emulator.storage.words import collect_words, normalize_words
from zendesk_orm.emulator.ticket_rules import participants, problems
from zendesk_orm.emulator.ticket_rules.system_rules import apply_system_rules
from zendesk_orm.emulator.tickets import audits
from zendesk_orm.emulator.tickets.custom_values import set_custom_values
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Comment, Ticket, User


#: Fields that the first audit records even if they are empty, as recorded.
_ALWAYS_AUDITED = ("priority", "type")
#: Fields that the first audit records.
_AUDITED = (
    "subject",
    "requester_id",
    "assignee_id",
    "priority",
    "type",
    "status",
    "organization_id",
    "group_id",
    "brand_id",
    "ticket_form_id",
    "custom_status_id",
    "tags",
    "due_at",
    "external_id",
    "problem_id",
    "is_public",
)
#: Fields that follow from others, whose changes no audit records.
_DERIVED = frozenset({"raw_subject", "fields", "collaborator_ids"})


@creates(Ticket)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path: Mapping[str, Any]
) -> WriteResult:
    """Create a ticket with its first comment. The id of a job's ticket was assigned before.

    Raises:
        HTTPError: 422, if the ticket is invalid.
    """
    row = defaults.build_row(meta)
    row["id"] = path.get("id")
    resources.apply_values(meta, row, resources.select_fields(meta, payload))
    comment = _parse_comment(payload.get("comment"))
    if not comment and payload.get("description"):
        comment["body"] = audits.truncate(str(payload["description"]))
    row["description"] = comment.get("body")
    row["raw_subject"] = row["subject"]
    row["is_public"] = comment.get("public", True)
    row["requester_id"] = participants.get_requester_id(context, row, payload)
    row["submitter_id"] = row["submitter_id"] or context.user_id
    row["brand_id"] = row["brand_id"] or context.brand_id
    if row["organization_id"] is None:
        requester = context.store.get(User._meta.label, row["requester_id"])
        row["organization_id"] = requester and requester["organization_id"]
    _set_derived_fields(context, row, payload, {}, context.user_id)
    validation.check(context, meta, row)
    resources.initialize(context, meta, row)
    row["generated_timestamp"] = int(context.now())
    _link_source(context, meta, row, payload)
    audit = audits.create(context, row)
    comment.setdefault("author_id", row["submitter_id"])
    comment_words = audits.add_comment(context, row, audit, comment)
    for name in _AUDITED:
        if name in _ALWAYS_AUDITED or row[name] not in (None, [], True):
            audits.add_event(context, audit, "Create", name, row[name])
    for field in row["custom_fields"]:
        if field["value"] is not None:
            audits.add_event(context, audit, "Create", str(field["id"]), field["value"])
    update = TicketUpdate(row, {}, audit, comment, context.user_id, context.now())
    if context.runs_rules:
        _run_rules(context, update)
    audits.save(context, audit)
    context.write(meta, update.row, words=collect_words(update.row) + comment_words)
    problems.count_incidents(context, update.row, {})
    return WriteResult(update.row, {"audit": audit})


@updates(Ticket)
def update(
    context: Context,
    meta: Options,
    stored: StoredRow,
    payload: Mapping[str, Any],
    via: Mapping[str, Any] | None = None,
) -> WriteResult:
    """Update a ticket, and record old and new values in an audit.

    Args:
        context: the account.
        meta: the options of tickets.
        stored: the ticket.
        payload: the changes.
        via: the source of the update, by default the API.

    Raises:
        HTTPError: 422, if the ticket would be invalid; 409, if it was updated since
            `updated_stamp`.
    """
    before = stored.doc
    safe_updates.check_stamp(before, payload)
    context.advance_past(before["updated_at"])
    row = dict(before)
    resources.apply_values(meta, row, resources.select_fields(meta, payload))
    row["raw_subject"] = row["subject"]
    if payload.get("requester"):
        row["requester_id"] = participants.get_requester_id(context, row, payload)
    comment = _parse_comment(payload.get("comment"))
    if comment:
        comment.setdefault("public", before["is_public"])
        comment.setdefault("author_id", context.user_id)
        row["is_public"] = before["is_public"] or bool(comment["public"])
    author = comment.get("author_id") if "status" not in payload else None
    _set_derived_fields(context, row, payload, before, context.user_id, author)
    validation.check(context, meta, row, before)
    audit = audits.create(context, row)
    if via is not None:
        audit["via"] = dict(via)
    comment_words = audits.add_comment(context, row, audit, comment) if comment else ""
    for name, old, new in _changes(before, row):
        audits.add_event(context, audit, "Change", name, new, previous=old)
    update = TicketUpdate(row, before, audit, comment or None, context.user_id, context.now())
    if audit["events"]:
        row["updated_at"] = context.timestamp()
        row["generated_timestamp"] = int(context.now())
    return finish_update(context, stored, update, comment_words)


def open_update(context: Context, stored: StoredRow, user_id: int, now: float) -> TicketUpdate:
    """Return an update without changes, which `finish_update()` has to write.

    Args:
        context: the account.
        stored: the ticket.
        user_id: the id of the user, or `audits.SYSTEM`.
        now: the time of the update, in seconds since the epoch.
    """
    audit = audits.create(context, stored.doc, user_id)
    return TicketUpdate(dict(stored.doc), stored.doc, audit, None, user_id, now)


def apply_changes(
    context: Context,
    update: TicketUpdate,
    payload: Mapping[str, Any],
    via: Mapping[str, Any],
) -> None:
    """Apply the changes of a rule to the ticket of an update, and record them in its audit."""
    before = update.row
    row = dict(before)
    values = resources.select_fields(Ticket._meta, payload)
    if "satisfaction_rating" in payload:
        values["satisfaction_rating"] = payload["satisfaction_rating"]
    try:
        resources.apply_values(Ticket._meta, row, values)
        row["raw_subject"] = row["subject"]
        _set_derived_fields(context, row, payload, before, None)
        validation.check(context, Ticket._meta, row, before)
    except HTTPError:
        # A request with these values would fail; a rule does not.
        source = via["source"]
        rule = f"{source['rel']} {source['from']['id']}"
        context.ignored.note_rule("action", " ".join(payload), rule)
        return
    for name, old, new in _changes(before, row):
        audits.add_event(context, update.audit, "Change", name, new, previous=old, via=via)
    if row != before:
        update.row = row
        row["updated_at"] = context.timestamp()
        row["generated_timestamp"] = int(context.now())


def finish_update(
    context: Context, stored: StoredRow, update: TicketUpdate, comment_words: str = ""
) -> WriteResult:
    """Run the business rules on an updated ticket, and write it with its audit.

    Args:
        context: the account.
        stored: the ticket before the update.
        update: the update.
        comment_words: the words of a new comment, for search.
    """
    if update.audit["events"] and context.runs_rules:
        _run_rules(context, update)
    audits.save(context, update.audit)
    row = update.row
    if row["subject"] == stored.doc["subject"]:
        words = stored.words + comment_words
    else:
        words = collect_ticket_words(context, row)
    context.write(Ticket._meta, row, state=stored.state, words=words)
    problems.count_incidents(context, row, stored.doc)
    update_incident = functools.partial(_update_incident, context)
    problems.solve_incidents(context, row, stored.doc, update.comment, update_incident)
    return WriteResult(row, {"audit": update.audit})


def _update_incident(
    context: Context, stored: StoredRow, payload: Mapping[str, Any], via: Mapping[str, Any]
) -> None:
    update(context, Ticket._meta, stored, payload, via)


def _run_rules(context: Context, update: TicketUpdate) -> None:
    """Run the triggers on an update, and choose the targets of the ticket's SLA policies."""
    run_triggers(context, update, apply_changes)
    apply_policies(context, update)


def collect_ticket_words(context: Context, row: Mapping[str, Any]) -> str:
    """Return the words by which search finds a ticket: those of its fields and comments."""
    comments = context.store.select(Comment._meta.label, Where("parent = ?", (row["id"],)))
    return collect_words(row) + "".join(normalize_words(comment["body"]) for comment in comments)


def _changes(before: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, old and new value of each changed field; the name of a custom field is its id."""
    for name, new in row.items():
        old = before.get(name)
        if name in _DERIVED or old == new:
            continue
        if name != "custom_fields":
            yield name, old, new
            continue
        values = {field["id"]: field["value"] for field in old or ()}
        for field in new:
            if values.get(field["id"]) != field["value"]:
                yield str(field["id"]), values.get(field["id"]), field["value"]


def _parse_comment(value: Any) -> dict[str, Any]:
    """Return a comment as a dictionary. Zendesk also accepts a string."""
    if isinstance(value, str):
        return {"body": value}
    comment = dict(value) if isinstance(value, Mapping) else {}
    # Zendesk's own Ruby client sends the body under this name.
    comment.setdefault("body", comment.pop("value", None))
    comment = {key: item for key, item in comment.items() if key != "body" or item is not None}
    if comment.get("html_body") and not comment.get("body"):
        comment["body"] = audits.strip_html(comment["html_body"])
    for key in ("body", "html_body"):
        if isinstance(comment.get(key), str):
            comment[key] = audits.truncate(comment[key])
    return comment


def _set_derived_fields(
    context: Context,
    row: dict[str, Any],
    payload: Mapping[str, Any],
    before: Mapping[str, Any],
    user_id: Any,
    author_id: Any = None,
) -> None:
    """Set the fields whose values follow from other fields and from write-only keys.

    Args:
        context: the account.
        row: the ticket after the changes.
        payload: the changes.
        before: the ticket before.
        user_id: the id of the user behind the changes; None for a business rule.
        author_id: the id of the author of a comment that may open the ticket, or None.
    """
    _assign(context, row, payload, before)
    tags = [*row["tags"], *resources.parse_tags(payload.get("additional_tags"))]
    removed = resources.parse_tags(payload.get("remove_tags"))
    row["tags"] = [tag for tag in resources.parse_tags(tags) if tag not in removed]
    _synchronize_statuses(context, row, payload)
    apply_system_rules(context, row, before, user_id, author_id)
    _synchronize_statuses(context, row, {})
    set_custom_values(context, row, payload, before)
    participants.set_participants(context, row, payload, before)


def _assign(
    context: Context, row: dict[str, Any], payload: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Set assignee, group and status of a ticket that gets another assignee."""
    email = payload.get("assignee_email")
    if email:
        user = identities.find_user(context, email)
        if not user:
            text = f"Assignee: {email} was not found"
            raise invalid_record({"assignee": [field_error(text, "RecordNotFound")]})
        row["assignee_id"] = user["id"]
    if row["assignee_id"] is None or row["assignee_id"] == before.get("assignee_id"):
        return
    assignee = context.store.get(User._meta.label, row["assignee_id"])
    if assignee is not None and row["group_id"] is None:
        row["group_id"] = assignee["default_group_id"]
    if row["status"] == "new" and context.switches.open_when_assigned:
        row["status"] = "open"


def _synchronize_statuses(
    context: Context, row: dict[str, Any], payload: Mapping[str, Any]
) -> None:
    """Set status and custom status so that they match; the one in the payload has priority."""
    if "custom_status_id" in payload and "status" not in payload:
        category = custom_statuses.get_category(context, row["custom_status_id"])
        row["status"] = category or row["status"]
    status = "solved" if row["status"] == "closed" else row["status"]
    if custom_statuses.get_category(context, row["custom_status_id"]) != status:
        default = custom_statuses.get_default_id(context, status)
        row["custom_status_id"] = default or row["custom_status_id"]


def _link_source(
    context: Context, meta: Options, row: dict[str, Any], payload: Mapping[str, Any]
) -> None:
    """Link a follow-up with the closed ticket that it follows; other tickets have no effect."""
    pk = payload.get("via_followup_source_id")
    source = context.store.get_row(meta.label, pk) if pk else None
    if source is None or source.doc["status"] != "closed":
        return
    row["via"] = {
        "channel": "api",
        "source": {"from": {"ticket_id": pk}, "to": {}, "rel": "follow_up"},
    }
    if "tags" not in payload:
        row["tags"] = list(source.doc["tags"])
    doc = {**source.doc, "followup_ids": [*source.doc["followup_ids"], row["id"]]}
    context.write(meta, doc, state=source.state, words=source.words)
