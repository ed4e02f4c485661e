"""The people of a ticket: its requester, copied users and followers.

Source: https://developer.zendesk.com/documentation/ticketing/managing-tickets/creating-and-updating-tickets/
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud import resources
from zendesk_orm.emulator.messages import is_number
from zendesk_orm.emulator.people import identities
from zendesk_orm.emulator.server.errors import require_scalar
from zendesk_orm.support import User


#: Keys of payloads that add collaborators.
_ADDITIONS = ("collaborators", "additional_collaborators")
_AGENTS = ("agent", "admin")


def get_requester_id(context: Context, row: Mapping[str, Any], payload: Mapping[str, Any]) -> Any:
    """Return the id of the requester in the payload, creating the user if necessary.

    Without one, it is the requester of the row, or the caller.
    """
    requester = payload.get("requester")
    if isinstance(requester, str):
        requester = {"email": requester}
    if not isinstance(requester, Mapping):
        return row["requester_id"] or context.user_id
    return _get_or_create_user(context, requester)


def is_agent(context: Context, pk: Any) -> bool:
    """Return True if a user is an agent or an administrator."""
    user = context.store.get(User._meta.label, pk)
    return user is not None and user["role"] in _AGENTS


def set_participants(
    context: Context, row: dict[str, Any], payload: Mapping[str, Any], before: Mapping[str, Any]
) -> None:
    """Set the copied users and followers in a payload.

    Documented: collaborators become copied users if they are end users, and followers if they are
    agents; only agents can be followers.
    """
    copied, followers = dict.fromkeys(row["email_cc_ids"]), dict.fromkeys(row["follower_ids"])
    if row["collaborator_ids"] != before.get("collaborator_ids", []):
        # A list of ids in the payload replaces all collaborators.
        copied, followers = {}, {}
        _add_collaborators(context, row["collaborator_ids"], copied, followers)
    for key in _ADDITIONS:
        ids = (pk for pk, _ in _parse_users(context, payload.get(key)))
        _add_collaborators(context, ids, copied, followers)
    for pk, is_added in _parse_users(context, payload.get("email_ccs")):
        _include(copied, pk, is_included=is_added)
    for pk, is_added in _parse_users(context, payload.get("followers")):
        _include(followers, pk, is_included=is_added and is_agent(context, pk))
    row["email_cc_ids"], row["follower_ids"] = list(copied), list(followers)
    row["collaborator_ids"] = list({**copied, **followers})


def _add_collaborators(
    context: Context, ids: Iterable[Any], copied: dict[Any, None], followers: dict[Any, None]
) -> None:
    for pk in ids:
        (followers if is_agent(context, pk) else copied)[pk] = None


def _include(ids: dict[Any, None], pk: Any, *, is_included: bool) -> None:
    if is_included:
        ids[pk] = None
    else:
        ids.pop(pk, None)


def _parse_users(context: Context, items: Any) -> Iterator[tuple[Any, bool]]:
    """Yield the id of each user in a list, and whether the user is added, not removed."""
    for item in items or ():
        user = item if isinstance(item, Mapping) else {"user_id": item}
        email = user.get("user_email") or user.get("email")
        pk = user.get("user_id")
        require_scalar("user_id", pk)
        require_scalar("user_email", email)
        if isinstance(pk, str):
            email, pk = (email, int(pk)) if is_number(pk) else (pk, None)
        if pk is None and email:
            name = user.get("user_name") or user.get("name") or email
            pk = _get_or_create_user(context, {"name": name, "email": email})
        yield pk, user.get("action") != "delete"


def _get_or_create_user(context: Context, values: Mapping[str, Any]) -> Any:
    """Return the id of the user with an e-mail address, creating the user if necessary."""
    email = values.get("email")
    user = identities.find_user(context, email) if email else None
    if user:
        return user["id"]
    return resources.create(context, User._meta, {"name": email, **values}, {}).row["id"]
