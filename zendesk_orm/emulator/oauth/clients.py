"""OAuth clients and their secrets.

Source: https://developer.zendesk.com/api-reference/ticketing/oauth/oauth_clients/
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import field, frozen

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.crud.reads import render_list
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.oauth.tokens import SHOWN_CHARACTERS, new_secret
from zendesk_orm.emulator.server.errors import field_error, invalid_record
from zendesk_orm.emulator.server.routes import creates, route
from zendesk_orm.emulator.storage.sql import Where, where_equal
from zendesk_orm.emulator.storage.store import DELETED, StoredRow, WriteResult, dump_json
from zendesk_orm.errors import ConfigurationError
from zendesk_orm.messages import display
from zendesk_orm.schema.options import Options
from zendesk_orm.support import OAuthClient, User


_CLIENT = OAuthClient._meta
#: The client with which `Emulator.connect()` signs in. Its secret is public, because programs
#: that connect to an emulator through a socket need it.
CONNECTING, _CONNECTING_SECRET = "zendesk_orm", "emulator-client-secret"


#: The public client of `zendesk-orm login`.
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


def find(context: Context, identifier: str) -> StoredRow | None:
    """Return the client with an identifier, or None. The parent of the row is the secret."""
    for doc in context.store.find(_CLIENT.label, "identifier", identifier):
        if doc["identifier"] == identifier:
            return context.store.get_row(_CLIENT.label, doc["id"])
    return None


def is_public(client: StoredRow) -> bool:
    """Return True for a public client. A client without a kind is confidential."""
    return bool(client.doc.get("kind") == "public")


def redirect_uris(client: StoredRow) -> list[Any]:
    """Return the addresses that a client has registered."""
    uris = client.doc.get("redirect_uri")
    if isinstance(uris, str):
        return uris.split()
    return uris if isinstance(uris, list) else []


def register(
    context: Context,
    identifier: str,
    *,
    name: str | None = None,
    kind: str = "confidential",
    redirect_uri: Iterable[str] = (),
    scopes: Iterable[str] | None = None,
    secret: str | None = None,
    created_at: str | None = None,
) -> RegisteredClient:
    """Create a client of the account's owner, and return it.

    Args:
        context: the account.
        identifier: the value of `client_id`.
        name: the name; by default the identifier.
        kind: `"confidential"` or `"public"`.
        redirect_uri: the addresses to which users may be redirected.
        scopes: the scopes that the client may have; None for all.
        secret: the value of `client_secret`; None for a new one.
        created_at: the time of the creation; None for the present time.

    Raises:
        ConfigurationError: the kind is invalid, or the identifier exists.
    """
    if kind not in ("confidential", "public"):
        raise ConfigurationError(f"kind must be 'confidential' or 'public', not {display(kind)}")
    if context.store.find(_CLIENT.label, "identifier", identifier):
        raise ConfigurationError(
            f"the OAuth client {display(identifier)} exists already; choose another identifier"
        )
    uris = [redirect_uri] if isinstance(redirect_uri, str) else list(redirect_uri)
    values = {
        "name": name or identifier,
        "identifier": identifier,
        "kind": kind,
        "redirect_uri": uris,
        "user_id": context.owner_id,
        "secret": secret or new_secret(),
        "global": False,
    }
    row = resources.create(context, _CLIENT, {}, {}, values).row
    if scopes is not None:
        row["scopes"] = list(scopes)
    if created_at is not None:
        row["created_at"] = row["updated_at"] = created_at
    _write(context, row)
    return RegisteredClient(row["id"], identifier, row["secret"])


def get_connecting_client(context: Context) -> RegisteredClient:
    """Return the client with which `Emulator.connect()` signs in; create it if necessary."""
    client = find(context, CONNECTING)
    if client is None:
        owner = context.store.get(User._meta.label, context.owner_id) or {}
        return register(
            context,
            CONNECTING,
            name="Emulator",
            secret=_CONNECTING_SECRET,
            # A part of the account, also of a copy that is some hours old.
            created_at=owner.get("created_at"),
        )
    return RegisteredClient(client.id, CONNECTING, client.parent)


def get_login_client(context: Context) -> RegisteredClient:
    """Return the public client of `zendesk-orm login`; create it if necessary."""
    client = find(context, SIGNING_IN)
    if client is None:
        return register(context, SIGNING_IN, kind="public", redirect_uri=_REDIRECT_URI)
    return RegisteredClient(client.id, SIGNING_IN, client.parent)


@creates(OAuthClient)
def create(
    context: Context, meta: Options, payload: Mapping[str, Any], path_values: Mapping[str, Any]
) -> WriteResult:
    """Create a client. The response contains the complete secret.

    Raises:
        HTTPError: 422, if the name or the identifier is missing, or the identifier exists.
    """
    for name in ("name", "identifier"):
        if not payload.get(name):
            text = f"{name.capitalize()}: cannot be blank"
            raise invalid_record({name: [field_error(text, "BlankValue")]})
    identifier = str(payload["identifier"])
    if context.store.find(meta.label, "identifier", identifier):
        text = f"Identifier: {identifier} has already been taken"
        raise invalid_record({"identifier": [field_error(text, "DuplicateValue")]})
    user = payload.get("user_id") or context.user_id
    values = {"secret": new_secret(), "user_id": user, "global": False}
    row = resources.create(context, meta, payload, path_values, values).row
    _write(context, row)
    return WriteResult(row)


@route("PUT", "oauth/clients/{id}/generate_secret", OAuthClient)
def generate_secret(context: Context, request: Request, target: Target) -> Response:
    """Generate a new secret for a client, and return both."""
    row = resources.get(context, _CLIENT, target.args[0]).doc
    row = {**row, "secret": new_secret(), "updated_at": context.timestamp()}
    _write(context, row)
    return Response(text=dump_json({"client": row}))


@route("GET", "users/me/oauth/clients", OAuthClient)
def list_created_by_me(context: Context, request: Request, target: Target) -> Response:
    """List the clients that the authenticated user has created."""
    where = Where("state < ?", (DELETED,)) & where_equal("user_id", context.user_id)
    page = select_page(context, request, target, where)
    return Response(text=render_list(target, page.texts, "", page.metadata))


def _write(context: Context, row: dict[str, Any]) -> None:
    """Write a client. Its row contains the start of the secret, its parent the complete one."""
    context.write(
        _CLIENT, {**row, "secret": row["secret"][:SHOWN_CHARACTERS]}, parent=row["secret"]
    )
