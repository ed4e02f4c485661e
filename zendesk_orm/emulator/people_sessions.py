"""Who is signed in: sessions made when somebody first asks for one, and ended.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import plain, reads, templates
from zendesk_orm.emulator.paging import page
from zendesk_orm.emulator.refusals import not_found, too_many_values
from zendesk_orm.emulator.store import DELETED, Where, dumped
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.support import User, UserSession


_META = UserSession._meta


def list_rows(world: World, call: Call, target: Target) -> Answer:
    """Answer with a page of sessions: all, to an administrator, and to others their own."""
    where = Where("state < ?", (DELETED,))
    if plain.stored(world, User._meta, world.author).doc["role"] != "admin":
        where &= Where("parent = ?", (world.author,))
    found = page(world, call, target, where)
    return Answer(text=reads.listing(target, found.texts, "", found.about))


def current(world: World, call: Call, target: Target) -> Answer:
    """Answer with the session of whoever is asking, in the list that is described.

    Raises:
        Refusal: there is none.
    """
    return Answer(text=dumped({"session": [_current(world)]}))


def renew(world: World, call: Call, target: Target) -> Answer:
    """Answer with a token, and let the session last."""
    _current(world)
    return Answer(text=dumped({"authenticity_token": "emulated"}))


def logout(world: World, call: Call, target: Target) -> Answer:
    """End the session of whoever is asking."""
    end(world, world.author)
    return Answer(204)


def end_all(world: World, call: Call, target: Target) -> Answer:
    """End all sessions of a user."""
    plain.stored(world, User._meta, target.places[0])
    end(world, target.places[0])
    return Answer(204)


def logout_many(world: World, call: Call, target: Target) -> Answer:
    """End all sessions of several users.

    Raises:
        Refusal: there are too many.
    """
    ids = call.ids()
    if len(ids) > reads.MOST_IDS:
        raise too_many_values()
    for pk in ids:
        end(world, pk)
    return Answer(202)


def end(world: World, user: Any) -> None:
    """Let a user be signed in nowhere."""
    world.store.drop_below(_META.label, user)


def _current(world: World) -> dict[str, Any]:
    if not world.switches.token_sessions:
        raise not_found()
    mine = Where("parent = ? AND state < ?", (world.author, DELETED))
    found = world.store.docs(_META.label, mine)
    row = found[0] if found else {**templates.blank(_META), "user_id": world.author}
    if not found:
        plain.begin(world, _META, row)
        row["authenticated_at"] = world.stamp()
    row["last_seen_at"] = world.stamp()
    world.write(_META, row, parent=world.author)
    return row


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    ("GET", "sessions", "support.UserSession"): list_rows,
    ("GET", "users/me/session", "support.UserSession"): current,
    ("GET", "users/me/session/renew", "support.UserSession"): renew,
    ("DELETE", "users/me/logout", "support.UserSession"): logout,
    ("DELETE", "users/{}/sessions", "support.User"): end_all,
    ("POST", "users/logout_many", "support.User"): logout_many,
}
