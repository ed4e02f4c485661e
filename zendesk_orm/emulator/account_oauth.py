"""OAuth: clients, the tokens that they get, and what is exchanged for one.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import Refusal, complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World, credentials
from zendesk_orm.schema.options import Options
from zendesk_orm.support import OAuthClient, OAuthToken


_CLIENT, _TOKEN = OAuthClient._meta, OAuthToken._meta
#: Characters of a token that are shown once it has been made.
_SHOWN = 10
#: How long tokens last, and those that renew them.
_HALF_AN_HOUR, _MONTH = 30 * 60, 30 * 24 * 60 * 60


def create_client(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a client, and tell its secret.

    Raises:
        Refusal: it has no name, or the identifier of another.
    """
    for name in ("name", "identifier"):
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})
    if world.store.find(meta.label, "identifier", payload["identifier"]):
        text = f"Identifier: {payload['identifier']} has already been taken"
        raise invalid_record({"identifier": [complaint(text, "DuplicateValue")]})
    user = payload.get("user_id") or world.author
    also = {"secret": _secret(world), "user_id": user, "global": False}
    written = plain.create(world, meta, payload, given, also)
    return _cut(world, meta, written.row, "secret")


def generate_secret(world: World, call: Call, target: Target) -> Answer:
    """Answer with the client, which has another secret."""
    row = plain.stored(world, _CLIENT, target.places[0]).doc
    row = {**row, "secret": _secret(world), "updated_at": world.stamp()}
    return Answer(text=dumped({"client": _cut(world, _CLIENT, row, "secret").row}))


def my_clients(world: World, call: Call, target: Target) -> Answer:
    """Answer with the clients that the caller has made."""
    where = Where(f"state < ? AND {value_of('user_id')} = ?", (DELETED, world.author))
    found = page(world, call, target, where)
    return Answer(text=listing(target, found.texts, "", found.about))


def create_token(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Make a token for the caller, and tell it whole.

    Raises:
        Refusal: there is no such client.
    """
    if world.store.get(_CLIENT.label, payload.get("client_id")) is None:
        text = f"Client: {payload.get('client_id')} was not found"
        raise invalid_record({"client_id": [complaint(text, "RecordNotFound")]})
    also = {"token": _secret(world), "user_id": world.author, **_ends(world)}
    written = plain.create(world, meta, payload, given, also)
    return _cut(world, meta, written.row, "token")


def list_tokens(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of tokens: the caller's, or everybody's."""
    where = Where("state < ?", (DELETED,))
    if call.params.get("all") != "true":
        where &= Where(f"{value_of('user_id')} = ?", (world.author,))
    if "client_id" in call.params:
        where &= Where(f"{value_of('client_id')} = ?", (int(call.params["client_id"]),))
    found = page(world, call, target, where)
    return Answer(text=listing(target, found.texts, "", found.about))


def current(world: World, call: Call, target: Target) -> Answer:
    """Answer with the token that the caller comes with.

    Raises:
        Refusal: it is none.
    """
    return Answer(text=dumped({"token": _current(world, call).doc}))


def revoke_current(world: World, call: Call, target: Target) -> Answer:
    """Answer with nothing: the token that the caller comes with is none any more.

    Raises:
        Refusal: it is none.
    """
    plain.delete(world, _TOKEN, _current(world, call))
    return Answer(204)


def grant(world: World, call: Call, target: Target) -> Answer:
    """Answer with a token, for the right secret of a client.

    Raises:
        Refusal: there is no such client, or another secret.
    """
    asked = call.body
    known = world.store.find(_CLIENT.label, "identifier", asked.get("client_id"))
    client = world.store.row(_CLIENT.label, known[0]["id"]) if known else None
    secret = asked.get("client_secret")
    if client is None or (secret is not None and secret != client.parent):
        why = "Client authentication failed."
        raise Refusal(401, {"error": "invalid_client", "error_description": why})
    token = _secret(world)
    scope = str(asked.get("scope") or "read")
    also = {
        "client_id": client.id,
        "token": token,
        "user_id": client.doc["user_id"],
        "scopes": scope.split(),
        **_ends(world),
    }
    written = plain.create(world, _TOKEN, {}, {}, also)
    _cut(world, _TOKEN, written.row, "token")
    told = {
        "access_token": token,
        "refresh_token": written.row["refresh_token"],
        "token_type": "bearer",
        "scope": scope,
        "expires_in": _HALF_AN_HOUR,
        "refresh_token_expires_in": _MONTH,
    }
    return Answer(201, dumped(told))


def _cut(world: World, meta: Options, row: dict[str, Any], name: str) -> Written:
    """Keep a row with the beginning of its secret, and return it with the whole."""
    # The whole is kept where no row of these has anything.
    world.write(meta, {**row, name: row[name][:_SHOWN]}, parent=row[name])
    return Written(row)


def _current(world: World, call: Call) -> Stored:
    _, secret = credentials(call)
    where = Where("parent = ? AND state < ?", (secret, DELETED))
    for row in world.store.docs(_TOKEN.label, where):
        return plain.stored(world, _TOKEN, row["id"])
    raise not_found()


def _ends(world: World) -> dict[str, Any]:
    now = world.now()
    return {
        "refresh_token": _secret(world),
        "expires_at": world.stamp(now + _HALF_AN_HOUR),
        "refresh_token_expires_at": world.stamp(now + _MONTH),
    }


def _secret(world: World) -> str:
    """Return what would be a secret elsewhere; no two are alike."""
    return f"{world.store.next_id('secret'):010x}{'0123456789abcdef' * 3}"


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "oauth/tokens", _TOKEN.label): list_tokens,
    ("GET", "oauth/tokens/current", _TOKEN.label): current,
    ("DELETE", "oauth/tokens/current", _TOKEN.label): revoke_current,
    ("PUT", "oauth/clients/{}/generate_secret", _CLIENT.label): generate_secret,
    ("GET", "users/me/oauth/clients", _CLIENT.label): my_clients,
    # At the account's host, but not of its API.
    ("POST", "~/oauth/tokens", _TOKEN.label): grant,
}
