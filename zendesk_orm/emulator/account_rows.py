"""What of the account is made or changed in a small way of its own.

Addresses, bookmarks, settings, audit logs, trial accounts, devices, mails and engagements.

Source: https://developer.zendesk.com/api-reference/ticketing/introduction/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.paging import link, number, whole_number
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import MOST_IDS, among
from zendesk_orm.emulator.refusals import (
    complaint,
    invalid_record,
    missing_parameter,
    not_found,
    too_many_values,
)
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, stamp
from zendesk_orm.schema.options import Options
from zendesk_orm.support import Bookmark, EmailNotification, Engagement, RecipientAddress, Ticket


_ADDRESS, _ENGAGEMENT, _MAIL = RecipientAddress._meta, Engagement._meta, EmailNotification._meta
#: Engagements that a page has, as recorded, when nothing is asked.
_PAGE = 10
#: What a bookmark tells of its ticket.
_OF_TICKET = ("id", "subject", "raw_subject", "priority", "requester_id", "url")
#: Subdomains that are no longer to be had.
_TAKEN = frozenset({"emulator", "zendesk", "support"})


def create_address(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make an address, of which nothing has been checked yet.

    Raises:
        Refusal: it has no e-mail, or that of another.
    """
    email = str(payload.get("email") or "")
    if not email:
        raise invalid_record({"email": [complaint("Email: cannot be blank", "BlankValue")]})
    if world.store.find(meta.label, "email", email):
        text = f"Email: {email} has already been taken"
        raise invalid_record({"email": [complaint(text, "DuplicateValue")]})
    # Recorded.
    also = {
        "brand_id": payload.get("brand_id") or world.brand,
        "default": payload.get("default"),
        "forwarding_status": "waiting",
        "spf_status": "failed",
        "cname_status": "unknown",
        "domain_verification_status": "failed",
        "domain_verification_code": f"{world.store.next_id('domain'):016x}",
    }
    return plain.create(world, meta, payload, given, also)


def verify(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the check comes out well."""
    row = dict(plain.stored(world, _ADDRESS, target.places[0]).doc)
    checked = {
        "forwarding": {"forwarding_status": "verified"},
        "spf": {"spf_status": "verified"},
        "dns": {"cname_status": "verified", "dns_results": "verified"},
    }
    asked = call.body.get("type", "forwarding")
    if asked not in checked:
        text = f"Type: {asked} is not valid"
        raise invalid_record({"type": [complaint(text, "InvalidValue")]})
    world.write(_ADDRESS, {**row, **checked[asked], "updated_at": world.stamp()})
    return Answer(200)


def create_bookmark(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Mark a ticket, unless it is marked already.

    Raises:
        Refusal: there is no such ticket.
    """
    ticket = world.store.get(Ticket._meta.label, payload.get("ticket_id"))
    if ticket is None:
        raise not_found()
    marked = Where("state < ? AND json_extract(doc, '$.ticket.id') = ?", (DELETED, ticket["id"]))
    for row in world.store.docs(Bookmark._meta.label, marked):
        return Written(row)
    return plain.create(world, meta, {}, {}, {"ticket": {k: ticket[k] for k in _OF_TICKET}})


def update_settings(
    world: World, meta: Options, stored: Stored, payload: Mapping[str, Any]
) -> Written:
    """Change the settings that are given, and leave the others of the same part as they are."""
    merged = {
        part: {**(stored.doc.get(part) or {}), **values} if isinstance(values, dict) else values
        for part, values in payload.items()
    }
    return plain.update(world, meta, stored, merged)


def accepted(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: a file will be mailed, which the emulator does not do."""
    return Answer(202)


def silent(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing, whatever was asked."""
    return Answer(200)


def open_account(world: World, call: Call, target: Target) -> Answer:
    """Answer with an account on trial.

    Raises:
        Refusal: the subdomain is taken.
    """
    asked = call.envelope("account")
    subdomain = asked.get("subdomain")
    if not subdomain or subdomain in _TAKEN:
        text = f"Subdomain: {subdomain} is not available"
        raise invalid_record({"subdomain": [complaint(text, "DuplicateValue")]})
    url = f"https://{subdomain}.zendesk.com"
    told = {"name": asked.get("name"), "subdomain": subdomain, "url": url}
    return Answer(201, dumped({"account": told}))


def is_available(world: World, call: Call, target: Target) -> Answer:
    """Answer with whether a subdomain is to be had.

    Raises:
        Refusal: none is given.
    """
    subdomain = call.params.get("subdomain")
    if not subdomain:
        raise missing_parameter("subdomain")
    return Answer(text=dumped({"success": subdomain not in _TAKEN}))


def show_mails(world: World, call: Call, target: Target) -> Answer:
    """Answer with the mails of some ids, or about some comments or tickets.

    Raises:
        Refusal: nothing is asked, or too much.
    """
    asked = {"ids": "notification_id", "comment_ids": "comment_id", "ticket_ids": "ticket_id"}
    for parameter, wire in asked.items():
        ids = call.ids(parameter)
        if len(ids) > MOST_IDS:
            raise too_many_values()
        if ids:
            rows = world.store.docs(_MAIL.label, among(value_of(wire), ids))
            return Answer(text=dumped({"email_notifications": rows}))
    raise missing_parameter("ids")


def list_engagements(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of engagements, in the order in which they began."""
    where = Where("state < ?", (DELETED,))
    began = value_of("engagement_start_time")
    for name in ("ticket_id", "agent_id"):
        if name in call.params:
            where &= Where(f"{value_of(name)} = ?", (number(call, name),))
    if "channel" in call.params:
        where &= Where(f"{value_of('channel')} = ?", (call.params["channel"],))
    for name, sign in (("start_time", ">="), ("end_time", "<=")):
        if name in call.params:
            moment = stamp(number(call, name)).removesuffix("Z")
            where &= Where(f"{began} {sign} ?", (moment,))
    after = call.params.get("engagement_id_cursor")
    if after:
        last = plain.stored(world, _ENGAGEMENT, after).doc["engagement_start_time"]
        where &= Where(f"({began}, id) > (?, ?)", (last, after))
    size = whole_number(call, "page_size", _PAGE, most=1000)
    rows = [
        row[0] for row in world.store.texts(_ENGAGEMENT.label, where, f"{began}, id", most=size + 1)
    ]
    more, shown = len(rows) > size, rows[:size]
    about: dict[str, Any] = {"next_page_url": None, "has_more": more, "page_size": len(shown)}
    if more:
        pk = world.store.texts(_ENGAGEMENT.label, where, f"{began}, id", most=1, skip=size - 1)
        cursor = {"engagement_id_cursor": str(pk[0][1]), "page_size": str(size)}
        about["next_page_url"] = link(call, cursor).replace(".json?", "?")
    return Answer(text=f'{{"agent_engagement_data":[{",".join(shown)}],{dumped(about)[1:]}')


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("PUT", "recipient_addresses/{}/verify", _ADDRESS.label): verify,
    ("POST", "audit_logs/export", "support.AuditLog"): accepted,
    (
        "POST",
        "push_notification_devices/destroy_many",
        "support.PushNotificationDevice",
    ): silent,
    ("POST", "accounts", "support.TrialAccount"): open_account,
    ("GET", "accounts/available", "support.TrialAccount"): is_available,
    ("GET", "email_notifications/show_many", _MAIL.label): show_mails,
    ("GET", "engagements", _ENGAGEMENT.label): list_engagements,
}
