"""OAuth tokens: issued, found, listed and revoked.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_tokens/
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import complaint, invalid_record, not_found
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import (
    Answer,
    Call,
    Target,
    World,
    bearer_token,
    number_or_word,
    stamp,
)
from zendesk_orm.schema.options import Options
from zendesk_orm.support import OAuthClient, OAuthToken


_TOKEN = OAuthToken._meta
#: The kind of the rows that hold refresh tokens, each below its access token.
_REFRESH = "oauth.refresh_token"
#: The number of characters of a secret that are shown after its creation.
SHOWN = 10
#: Default lifetimes in seconds.
ACCESS_SECONDS, REFRESH_SECONDS = 30 * 60, 30 * 24 * 60 * 60


@frozen
class Token:
    """An access token that the emulator has issued.

    Attributes:
        doc: its row.
        revoked: whether it was revoked.
    """

    doc: dict[str, Any]
    revoked: bool

    def is_valid(self, now: float) -> bool:
        """Return True if the token is neither revoked nor expired."""
        expiry = self.doc["expires_at"]
        return not self.revoked and (expiry is None or stamp(now) < expiry)


def new_secret() -> str:
    """Return a random token or client secret."""
    return secrets.token_hex(32)


def issue(
    world: World,
    values: Mapping[str, Any],
    *,
    access_seconds: int = ACCESS_SECONDS,
    refresh_seconds: int | None = REFRESH_SECONDS,
) -> dict[str, Any]:
    """Issue an access token and return its row, with the secrets in full.

    Args:
        world: where the rows are.
        values: `client_id`, `user_id` and `scopes`.
        access_seconds: the lifetime of the access token.
        refresh_seconds: the lifetime of the refresh token; None for no refresh token.
    """
    now, refresh = world.now(), None if refresh_seconds is None else new_secret()
    also = {
        **values,
        "token": new_secret(),
        "refresh_token": refresh,
        "expires_at": world.stamp(now + access_seconds),
        "refresh_token_expires_at": refresh and world.stamp(now + (refresh_seconds or 0)),
    }
    row = plain.create(world, _TOKEN, {}, {}, also).row
    shown = {**row, "token": row["token"][:SHOWN], "refresh_token": refresh and refresh[:SHOWN]}
    # The parent of the row is the token in full.
    world.write(_TOKEN, shown, parent=row["token"])
    if refresh:
        doc = {**values, "expires_at": now + (refresh_seconds or 0), "token_id": row["id"]}
        world.store.put([Stored(_REFRESH, refresh, doc, parent=row["id"])], now)
    return row


def find(world: World, secret: str) -> Token | None:
    """Return the token of a Bearer header, valid or not; None if it was never issued."""
    docs = world.store.docs(_TOKEN.label, Where("parent = ?", (secret,)))
    if not docs:
        return None
    return Token(docs[0], world.store.get(_TOKEN.label, docs[0]["id"]) is None)


def mark_used(world: World, token: Token) -> None:
    """Set the time at which a token was last used."""
    if token.doc.get("used_at") != world.stamp():
        world.store.execute(
            "UPDATE rows SET doc = json_set(doc, '$.used_at', ?) WHERE kind = ? AND id = ?",
            (world.stamp(), _TOKEN.label, token.doc["id"]),
        )


def spend_refresh_token(world: World, refresh: str, client_id: Any) -> dict[str, Any] | None:
    """Invalidate a refresh token and its access token, and return what they were issued for.

    Returns:
        `client_id`, `user_id` and `scopes`; None if the refresh token is unknown, used, expired
        or another client's.
    """
    doc = world.store.get(_REFRESH, refresh)
    if doc is None or doc["client_id"] != client_id or doc["expires_at"] <= world.now():
        return None
    world.store.drop_below(_REFRESH, doc["token_id"])
    world.store.set_state(_TOKEN.label, doc["token_id"], DELETED)
    return {name: doc[name] for name in ("client_id", "user_id", "scopes")}


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Issue a token to the authenticated user; the secrets are shown in full.

    Raises:
        Refusal: the client does not exist.
    """
    pk = payload.get("client_id")
    pk = number_or_word(pk) if isinstance(pk, str) else pk
    if not isinstance(pk, int) or world.store.get(OAuthClient._meta.label, pk) is None:
        text = f"Client: {pk} was not found"
        raise invalid_record({"client_id": [complaint(text, "RecordNotFound")]})
    scopes = payload.get("scopes")
    values = {
        "client_id": pk,
        "user_id": world.author,
        # Documented: scopes that do not exist are accepted, and allow nothing.
        "scopes": scopes if isinstance(scopes, list) else [],
    }
    return Written(issue(world, values))


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of the caller's valid tokens; parameters widen or narrow the list."""
    params, where = call.params, Where("state < ?", (DELETED,))
    if params.get("all") != "true":
        where &= Where(f"{value_of('user_id')} = ?", (world.author,))
    if params.get("include_expired") != "true":
        expiry = value_of("expires_at")
        where &= Where(f"{expiry} IS NULL OR {expiry} > ?", (stamp(world.now()),))
    for name in ("client_id", "global_client_id"):
        if name in params:
            where &= Where(f"{value_of('client_id')} = ?", (number_or_word(params[name]),))
    rows = page(world, call, target, where)
    return Answer(text=listing(target, rows.texts, "", rows.about))


def show_current(world: World, call: Call, target: Target) -> Answer:
    """Answer with the token of the request.

    Raises:
        Refusal: the request has other credentials.
    """
    return Answer(text=dumped({"token": _current(world, call).doc}))


def revoke_current(world: World, call: Call, target: Target) -> Answer:
    """Revoke the token of the request.

    Raises:
        Refusal: the request has other credentials.
    """
    revoke(world, _TOKEN, _current(world, call))
    return Answer(204)


def revoke(world: World, meta: Options, stored: Stored) -> Written:
    """Revoke a token.

    Whether its refresh token is revoked with it is unknown, and so is a switch.
    """
    if world.switches.revoking_kills_refresh:
        world.store.drop_below(_REFRESH, stored.id)
    return plain.delete(world, meta, stored)


def _current(world: World, call: Call) -> Stored:
    secret = bearer_token(call)
    token = find(world, secret) if secret else None
    if token is None:
        raise not_found()
    return plain.stored(world, _TOKEN, token.doc["id"])
