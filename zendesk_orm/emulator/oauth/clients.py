"""OAuth clients and their secrets.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from zendesk_orm.emulator import plain
from zendesk_orm.emulator.oauth.tokens import SHOWN, new_secret
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.reads import listing
from zendesk_orm.emulator.refusals import complaint, invalid_record
from zendesk_orm.emulator.store import DELETED, Stored, Where, dumped, value_of
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.schema.options import Options
from zendesk_orm.support import OAuthClient


_CLIENT = OAuthClient._meta
#: The client with which `Emulator.connect()` signs in. Its secret is no secret: programs that
#: use an emulator at a socket need it.
CONNECTING, _CONNECTING_SECRET = "zendesk_orm", "emulator-client-secret"


#: The public client with which persons sign in, by `zendesk-orm login`.
SIGNING_IN = "zendesk_orm_login"
_REDIRECT_URI = "http://127.0.0.1:8085/callback"


@frozen
class RegisteredClient:
    """An OAuth client of an emulator, with its secret in full.

    Attributes:
        id: the numeric id.
        identifier: the value of `client_id` in sign-ins.
        secret: the value of `client_secret`.
    """

    id: int
    identifier: str
    secret: str = field(repr=False)


def find(world: World, identifier: str) -> Stored | None:
    """Return the client with an identifier, or None; the parent of the row is its secret."""
    for doc in world.store.find(_CLIENT.label, "identifier", identifier):
        if doc["identifier"] == identifier:
            return world.store.row(_CLIENT.label, doc["id"])
    return None


def is_public(client: Stored) -> bool:
    """Return True for a public client; one whose kind was never set counts as confidential."""
    return bool(client.doc.get("kind") == "public")


def redirect_uris(client: Stored) -> list[Any]:
    """Return the addresses that a client has registered."""
    uris = client.doc.get("redirect_uri")
    if isinstance(uris, str):
        return uris.split()
    return uris if isinstance(uris, list) else []


def register(
    world: World,
    identifier: str,
    *,
    name: str | None = None,
    kind: str = "confidential",
    redirect_uri: Iterable[str] = (),
    scopes: Iterable[str] | None = None,
    secret: str | None = None,
) -> RegisteredClient:
    """Create a client that belongs to the owner of the account, and return it.

    Raises:
        ConfigurationError: the kind does not exist, or the identifier is taken.
    """
    if kind not in ("confidential", "public"):
        raise ConfigurationError(f"kind must be 'confidential' or 'public', not {kind!r}")
    if world.store.find(_CLIENT.label, "identifier", identifier):
        raise ConfigurationError(f"the OAuth client {identifier!r} exists already")
    uris = [redirect_uri] if isinstance(redirect_uri, str) else list(redirect_uri)
    also = {
        "name": name or identifier,
        "identifier": identifier,
        "kind": kind,
        "redirect_uri": uris,
        "user_id": world.owner,
        "secret": secret or new_secret(),
        "global": False,
    }
    row = plain.create(world, _CLIENT, {}, {}, also).row
    if scopes is not None:
        row["scopes"] = list(scopes)
    _write(world, row)
    return RegisteredClient(row["id"], identifier, row["secret"])


def get_connecting_client(world: World) -> RegisteredClient:
    """Return the client with which `Emulator.connect()` signs in, and create it if necessary."""
    client = find(world, CONNECTING)
    if client is None:
        return register(world, CONNECTING, name="Emulator", secret=_CONNECTING_SECRET)
    return RegisteredClient(client.id, CONNECTING, client.parent)


def get_login_client(world: World) -> RegisteredClient:
    """Return the public client of `zendesk-orm login`, and create it if necessary."""
    client = find(world, SIGNING_IN)
    if client is None:
        return register(world, SIGNING_IN, kind="public", redirect_uri=_REDIRECT_URI)
    return RegisteredClient(client.id, SIGNING_IN, client.parent)


def create(
    world: World, meta: Options, payload: Mapping[str, Any], given: Mapping[str, Any]
) -> Written:
    """Create a client; the response has its secret in full.

    Raises:
        Refusal: the name or the identifier is missing, or the identifier is taken.
    """
    for name in ("name", "identifier"):
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [complaint(text, "BlankValue")]})
    identifier = str(payload["identifier"])
    if world.store.find(meta.label, "identifier", identifier):
        text = f"Identifier: {identifier} has already been taken"
        raise invalid_record({"identifier": [complaint(text, "DuplicateValue")]})
    user = payload.get("user_id") or world.author
    also = {"secret": new_secret(), "user_id": user, "global": False}
    row = plain.create(world, meta, payload, given, also).row
    _write(world, row)
    return Written(row)


def generate_secret(world: World, call: Call, target: Target) -> Answer:
    """Answer with the client and its new secret."""
    row = plain.stored(world, _CLIENT, target.places[0]).doc
    row = {**row, "secret": new_secret(), "updated_at": world.stamp()}
    _write(world, row)
    return Answer(text=dumped({"client": row}))


def list_own(world: World, call: Call, target: Target) -> Answer:
    """Answer with the clients that the authenticated user has created."""
    where = Where(f"state < ? AND {value_of('user_id')} = ?", (DELETED, world.author))
    rows = page(world, call, target, where)
    return Answer(text=listing(target, rows.texts, "", rows.about))


def _write(world: World, row: dict[str, Any]) -> None:
    """Write a client; its row shows a part of the secret, and the parent of the row is all."""
    world.write(_CLIENT, {**row, "secret": row["secret"][:SHOWN]}, parent=row["secret"])
