"""Sessions of users. A session is created when its user requests it for the first time.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import reads, resources
from zendesk_orm.emulator.crud.paging import select_page
from zendesk_orm.emulator.messages import Request, Response, Target
from zendesk_orm.emulator.server.errors import not_found, too_many_values
from zendesk_orm.emulator.server.routes import route
from zendesk_orm.emulator.storage import defaults
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED, dump_json
from zendesk_orm.support import User, UserSession


_META = UserSession._meta


@route("GET", "sessions", UserSession)
def list_rows(context: Context, request: Request, target: Target) -> Response:
    """List all sessions for an administrator, the caller's own for other users."""
    where = Where("state < ?", (DELETED,))
    if resources.get(context, User._meta, context.user_id).doc["role"] != "admin":
        where &= Where("parent = ?", (context.user_id,))
    page = select_page(context, request, target, where)
    return Response(text=reads.render_list(target, page.texts, "", page.metadata))


@route("GET", "users/me/session", UserSession)
def show_current(context: Context, request: Request, target: Target) -> Response:
    """Return the caller's session, in a list as documented.

    Raises:
        HTTPError: 404, if the caller has no session.
    """
    return Response(text=dump_json({"session": [_get_or_create(context)]}))


@route("GET", "users/me/session/renew", UserSession)
def renew(context: Context, request: Request, target: Target) -> Response:
    """Renew the caller's session, and return its token."""
    _get_or_create(context)
    return Response(text=dump_json({"authenticity_token": "emulated"}))


@route("DELETE", "users/me/logout", UserSession)
def logout(context: Context, request: Request, target: Target) -> Response:
    """Delete the caller's session."""
    _delete(context, context.user_id)
    return Response(204)


@route("DELETE", "users/{id}/sessions", User)
def delete_for_user(context: Context, request: Request, target: Target) -> Response:
    """Delete all sessions of a user."""
    resources.get(context, User._meta, target.args[0])
    _delete(context, target.args[0])
    return Response(204)


@route("POST", "users/logout_many", User)
def logout_many(context: Context, request: Request, target: Target) -> Response:
    """Delete all sessions of several users.

    Raises:
        HTTPError: 400, if there are too many ids.
    """
    ids = request.get_ids()
    if len(ids) > reads.MAX_IDS:
        raise too_many_values()
    for pk in ids:
        _delete(context, pk)
    return Response(202)


def _delete(context: Context, user: Any) -> None:
    context.store.drop_children(_META.label, user)


def _get_or_create(context: Context) -> dict[str, Any]:
    """Return the caller's session, which is created if necessary.

    Raises:
        HTTPError: 404, if requests with a token have no session.
    """
    if not context.switches.token_sessions:
        raise not_found()
    mine = Where("parent = ? AND state < ?", (context.user_id, DELETED))
    rows = context.store.select(_META.label, mine)
    row = rows[0] if rows else {**defaults.build_row(_META), "user_id": context.user_id}
    if not rows:
        resources.initialize(context, _META, row)
        row["authenticated_at"] = context.timestamp()
    row["last_seen_at"] = context.timestamp()
    context.write(_META, row, parent=context.user_id)
    return row
