"""Create, update and delete: one row at a time, each by the ways of its model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import (
    account_brands,
    account_memberships,
    account_rows,
    account_webhook_rows,
    custom_objects,
    custom_records,
    deleted,
    guide,
    identities,
    measures_searches,
    people_memberships,
    plain,
    ruling_writers,
    ticket_suspended,
    tickets,
    users,
    views,
)
from zendesk_orm.emulator.oauth import clients, tokens
from zendesk_orm.emulator.parameters import convert
from zendesk_orm.emulator.permitted import BULK
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.store import Stored, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options


#: Models whose rows are made, or changed, in a way of their own.
CREATES: Mapping[str, Callable[[World, Options, Mapping[str, Any], Mapping[str, Any]], Written]] = {
    **ruling_writers.CREATES,
    **guide.CREATES,
    **measures_searches.CREATES,
    "support.Bookmark": account_rows.create_bookmark,
    "support.Brand": account_brands.create,
    "support.CustomObject": custom_objects.create,
    "support.CustomObjectRecord": custom_records.create,
    "support.GroupMembership": people_memberships.create,
    "support.OAuthClient": clients.create,
    "support.OAuthToken": tokens.create,
    "support.OrganizationMembership": account_memberships.create,
    "support.RecipientAddress": account_rows.create_address,
    "support.Ticket": tickets.create,
    "support.TicketSkip": ticket_suspended.skip,
    "support.User": users.create,
    "support.UserIdentity": identities.create,
    "support.View": views.create,
    "support.Webhook": account_webhook_rows.made,
}
UPDATES: Mapping[str, Callable[[World, Options, Stored, Mapping[str, Any]], Written]] = {
    **ruling_writers.UPDATES,
    **guide.UPDATES,
    **measures_searches.UPDATES,
    "support.AccountSettings": account_rows.update_settings,
    "support.Brand": account_brands.update,
    "support.CustomObject": custom_objects.update,
    "support.CustomObjectRecord": custom_records.update,
    "support.EmailSettings": account_rows.update_settings,
    "support.Ticket": tickets.update,
    "support.User": users.update,
    "support.UserIdentity": identities.update,
    "support.View": views.update,
}
DELETES: Mapping[str, Callable[[World, Options, Stored], Written]] = {
    **ruling_writers.DELETES,
    **guide.DELETES,
    "support.Brand": account_brands.delete,
    "support.CustomObject": custom_objects.delete,
    "support.GroupMembership": people_memberships.delete,
    "support.OAuthToken": tokens.revoke,
    "support.OrganizationMembership": account_memberships.delete,
    "support.Ticket": deleted.delete,
    "support.User": users.delete,
    "support.UserIdentity": identities.delete,
}


#: Paths below which responses to creations have no `Location`, as recorded.
_WITHOUT_LOCATION = ("calls", "community/", "guide/", "help_center/", "webhooks")
#: Models whose bodies have no envelope, although responses have one.
#: Source: OpenAPI, `SavedSearchInput` and `SavedSearchResponse`.
_BARE = frozenset({"support.SavedSearch"})


def create(world: World, call: Call, target: Target) -> Answer:
    """Answer with the row that was made, and where it is."""
    plain.demand(world, target.meta, target.values)
    written = create_one(world, target.meta, _payload(call, target), target.values)
    if call.path.startswith(_WITHOUT_LOCATION):
        return _answer(target.meta, written, 201)
    url = str(written.row.get("url") or f"{call.host}/api/v2/{call.path}/{written.row.get('id')}")
    return _answer(target.meta, written, 201, {"Location": url})


def update(world: World, call: Call, target: Target) -> Answer:
    """Answer with the row as it is now."""
    # Recorded: a record that is not there is told before anything about the body.
    pk = target.values["id"] if target.meta.known_by else plain.only(world, target.meta).id
    plain.stored(world, target.meta, pk, target.values)
    payload = _payload(call, target)
    single = {key: value for key, value in payload.items() if key not in BULK}
    return _answer(target.meta, update_one(world, target.meta, pk, single))


def delete(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing, or with the row where Zendesk does."""
    plain.stored(world, target.meta, target.values["id"], target.values)
    written = delete_one(world, target.meta, target.values["id"])
    # Recorded: of all that can be deleted, only users come back.
    if target.meta.label == "support.User":
        return _answer(target.meta, written)
    return Answer(204)


def create_one(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any] | None = None
) -> Written:
    """Make a row.

    Args:
        world: where to.
        meta: the options of its model.
        payload: what it is to say.
        given: what the path says, by placeholder.

    Raises:
        Refusal: it breaks a rule.
    """
    payload = convert(meta, payload)
    return CREATES.get(meta.label, plain.create)(world, meta, payload, given or {})


def update_one(world: World, meta: Options, pk: Any, payload: Mapping[str, Any]) -> Written:
    """Change a row.

    Raises:
        Refusal: it is not there, or breaks a rule.
    """
    stored = plain.stored(world, meta, pk)
    return UPDATES.get(meta.label, plain.update)(world, meta, stored, convert(meta, payload))


def delete_one(world: World, meta: Options, pk: Any) -> Written:
    """Delete a row.

    Raises:
        Refusal: it is not there.
    """
    return DELETES.get(meta.label, plain.delete)(world, meta, plain.stored(world, meta, pk))


def _payload(call: Call, target: Target) -> Mapping[str, Any]:
    """Return the object of a body."""
    bare = target.meta.label in _BARE and target.meta.envelope not in call.body
    return call.envelope("" if bare else target.meta.envelope)


def _answer(
    meta: Options, written: Written, status: int = 200, headers: Mapping[str, str] | None = None
) -> Answer:
    key = meta.envelope
    shown = {key: written.row, **written.beside} if key else written.row
    return Answer(status, dumped(shown), headers or {})
