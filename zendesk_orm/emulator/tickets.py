"""Tickets: who asks, what follows from what, and the comment and audit of each change.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from zendesk_orm.emulator import (
    audits,
    identities,
    plain,
    rules,
    ruling_forms,
    safety,
    templates,
)
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import Stored, spaced
from zendesk_orm.emulator.world import World, is_number, words_of
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Comment, TicketField, User


#: Fields whose creation an audit records even when they are empty, as recorded.
_ALWAYS = ("priority", "type")
_RECORDED = (
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


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a ticket with its first comment.

    Raises:
        Refusal: it breaks a rule.
    """
    row = templates.blank(meta)
    plain.merge(row, plain.taken(meta, payload))
    comment = _comment(payload.get("comment"))
    if not comment and payload.get("description"):
        comment["body"] = str(payload["description"])
    row["description"] = comment.get("body")
    row["raw_subject"] = row["subject"]
    row["is_public"] = comment.get("public", True)
    row["requester_id"] = _requester(world, row, payload)
    row["submitter_id"] = row["submitter_id"] or world.author
    row["brand_id"] = row["brand_id"] or world.brand
    if row["organization_id"] is None:
        requester = world.store.get(User._meta.label, row["requester_id"])
        row["organization_id"] = requester and requester["organization_id"]
    _follow(world, row, payload, {})
    rules.check(world, meta, row)
    plain.begin(world, meta, row)
    row["generated_timestamp"] = int(world.now())
    _link_source(world, meta, row, payload)
    audit = audits.begin(world, row)
    comment.setdefault("author_id", row["submitter_id"])
    said = audits.say(world, row, audit, comment)
    for name in _RECORDED:
        if name in _ALWAYS or row[name] not in (None, [], True):
            audits.event(world, audit, "Create", name, row[name])
    for each in row["custom_fields"]:
        if each["value"] is not None:
            audits.event(world, audit, "Create", str(each["id"]), each["value"])
    audits.keep(world, audit)
    world.write(meta, row, words=words_of(row) + said)
    return Written(row, {"audit": audit})


def update(world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]) -> Written:
    """Change a ticket, and record what changed from what.

    Raises:
        Refusal: it breaks a rule, or was changed since `updated_stamp`.
    """
    before = stored.doc
    safety.check(before, payload)
    world.pass_second(before["updated_at"])
    row = dict(before)
    plain.merge(row, plain.taken(meta, payload))
    row["raw_subject"] = row["subject"]
    if payload.get("requester"):
        row["requester_id"] = _requester(world, row, payload)
    _follow(world, row, payload, before)
    rules.check(world, meta, row, before)
    audit = audits.begin(world, row)
    comment = _comment(payload.get("comment"))
    said = ""
    if comment:
        comment.setdefault("public", before["is_public"])
        comment.setdefault("author_id", world.author)
        said = audits.say(world, row, audit, comment)
    for name, old, new in changes(before, row):
        audits.event(world, audit, "Change", name, new, previous=old)
    if audit["events"]:
        row["updated_at"] = world.stamp()
        row["generated_timestamp"] = int(world.now())
    audits.keep(world, audit)
    words = words_of(row) + said
    if row["subject"] == before["subject"]:
        words = stored.words + said
    elif not said:
        words += _spoken(world, row["id"])
    world.write(meta, row, state=stored.state, words=words)
    return Written(row, {"audit": audit})


def changes(before: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield name, old and new value of what changed; fields of the account by their id."""
    for name, new in row.items():
        old = before.get(name)
        if name in {"raw_subject", "fields"} or old == new:
            continue
        if name != "custom_fields":
            yield name, old, new
            continue
        known = {each["id"]: each["value"] for each in old or ()}
        for each in new:
            if known.get(each["id"]) != each["value"]:
                yield str(each["id"]), known.get(each["id"]), each["value"]


def _comment(value: Any) -> dict[str, Any]:
    """Return a comment as an object: Zendesk takes a mere text, too."""
    if isinstance(value, str):
        return {"body": value}
    comment = dict(value) if isinstance(value, Mapping) else {}
    # Zendesk's own Ruby client sends the body under this name.
    comment.setdefault("body", comment.pop("value", None))
    comment = {key: each for key, each in comment.items() if key != "body" or each is not None}
    if comment.get("html_body") and not comment.get("body"):
        comment["body"] = audits.plain_text(comment["html_body"])
    return comment


def _requester(world: World, row: Mapping[str, Any], payload: Mapping[str, Any]) -> Any:
    """Return who asks: the one named, who is made if need be, or the one who writes."""
    person = payload.get("requester")
    if isinstance(person, str):
        person = {"email": person}
    if not isinstance(person, Mapping):
        return row["requester_id"] or world.author
    email = person.get("email")
    known = identities.owner(world, email) if email else None
    if known:
        return known["id"]
    named = {"name": email, **person}
    return plain.create(world, User._meta, named, {}).row["id"]


def _follow(
    world: World, row: dict[str, Any], payload: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Bring the fields in line that follow from others."""
    _assign(world, row, payload, before)
    row["tags"] = plain.tags([*row["tags"], *plain.tags(payload.get("additional_tags"))])
    dropped = plain.tags(payload.get("remove_tags"))
    row["tags"] = [tag for tag in row["tags"] if tag not in dropped]
    _statuses(world, row, payload)
    _custom_fields(world, row, payload, before)
    for key, where in (("followers", "follower_ids"), ("email_ccs", "email_cc_ids")):
        row[where] = _persons(world, row[where], payload.get(key))
    row["collaborator_ids"] = _persons(
        world,
        row["collaborator_ids"],
        payload.get("collaborators", payload.get("additional_collaborators")),
    )


def _assign(
    world: World, row: dict[str, Any], payload: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    email = payload.get("assignee_email")
    if email:
        known = identities.owner(world, email)
        if not known:
            text = f"Assignee: {email} was not found"
            raise invalid_record({"assignee": [complaint(text, "RecordNotFound")]})
        row["assignee_id"] = known["id"]
    if row["assignee_id"] is None or row["assignee_id"] == before.get("assignee_id"):
        return
    assignee = world.store.get(User._meta.label, row["assignee_id"])
    if assignee is not None and row["group_id"] is None:
        row["group_id"] = assignee["default_group_id"]
    if row["status"] == "new" and world.switches.open_when_assigned:
        row["status"] = "open"


def _statuses(world: World, row: dict[str, Any], payload: Mapping[str, Any]) -> None:
    """Keep status and custom status together; each follows the one that was said."""
    if "custom_status_id" in payload and "status" not in payload:
        row["status"] = ruling_forms.category(world, row["custom_status_id"]) or row["status"]
    status = "solved" if row["status"] == "closed" else row["status"]
    if ruling_forms.category(world, row["custom_status_id"]) != status:
        row["custom_status_id"] = ruling_forms.default(world, status) or row["custom_status_id"]


def _custom_fields(
    world: World, row: dict[str, Any], payload: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Take over the fields of the account that are given; the tags of their options follow."""
    known = {each["id"]: each["value"] for each in before.get("custom_fields") or ()}
    given = payload.get("custom_fields", payload.get("fields")) or ()
    if isinstance(given, Mapping):
        given = [{"id": int(pk), "value": value} for pk, value in given.items()]
    said = {int(each["id"]): each["value"] for each in given if is_number(str(each.get("id")))}
    values: list[dict[str, Any]] = []
    for field in custom_fields(world):
        old = known.get(field["id"])
        new = said.get(field["id"], old)
        values.append({"id": field["id"], "value": new})
        if old != new and field["type"] in ("tagger", "multiselect"):
            row["tags"] = [tag for tag in row["tags"] if tag not in plain.tags(_listed(old))]
            row["tags"] = plain.tags([*row["tags"], *_listed(new)])
    row["custom_fields"] = row["fields"] = values


def custom_fields(world: World) -> list[dict[str, Any]]:
    """Return the ticket fields that are the account's own."""
    found = world.store.find(TicketField._meta.label, "removable", 1)
    return [field for field in found if field["active"]]


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _persons(world: World, ids: list[Any], given: Any) -> list[Any]:
    """Return the ids of persons after some were added or taken away."""
    kept = dict.fromkeys(ids)
    for each in given or ():
        person = each if isinstance(each, Mapping) else {"user_id": each}
        email = person.get("user_email") or person.get("email")
        pk = person.get("user_id")
        if isinstance(pk, str):
            email, pk = (email, int(pk)) if is_number(pk) else (pk, None)
        if pk is None and email:
            named = {"name": person.get("name") or email, "email": email}
            pk = _requester(world, {}, {"requester": named})
        kept[pk] = None
        if person.get("action") == "delete":
            kept.pop(pk)
    return list(kept)


def _link_source(
    world: World, meta: Options, row: dict[str, Any], payload: Mapping[str, Any]
) -> None:
    """Join a follow-up to the closed ticket that it follows.

    Raises:
        Refusal: there is no such ticket, or it is not closed.
    """
    pk = payload.get("via_followup_source_id")
    if not pk:
        return
    source = world.store.row(meta.label, pk)
    if source is None or source.doc["status"] != "closed":
        text = f"Via followup source: {pk} is no closed ticket"
        raise invalid_record({"via_followup_source_id": [complaint(text, "InvalidValue")]})
    whence = {"from": {"ticket_id": pk}, "to": {}, "rel": "follow_up"}
    row["via"] = {"channel": "api", "source": whence}
    if "tags" not in payload:
        row["tags"] = list(source.doc["tags"])
    doc = {**source.doc, "followup_ids": [*source.doc["followup_ids"], row["id"]]}
    world.write(meta, doc, state=source.state, words=source.words)


def spoken(world: World, row: Mapping[str, Any]) -> str:
    """Return the words that a ticket is found by: its own, and those of its comments."""
    return words_of(row) + _spoken(world, row["id"])


def _spoken(world: World, pk: Any) -> str:
    found = world.store.execute(
        "SELECT json_extract(doc, '$.body') FROM rows WHERE kind = ? AND parent = ?",
        (Comment._meta.label, pk),
    )
    return "".join(spaced(body) for (body,) in found)
