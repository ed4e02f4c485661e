"""Sessions of signed-in users.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import DELETE, SHOW, listing, resource
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.loading import load_str
from zendesk_orm.session.action_bodies import value_of


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


class UserSessionManager(Manager["UserSession"]):
    """`UserSession.objects`, with the session of the caller."""

    @action("GET", "users/me/session", key="session")
    def current(self) -> UserSession:
        """Return the session of the caller.

        Raises:
            NotFound: the caller has no session, for example with an API token or OAuth.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#show-the-currently-authenticated-session
        """
        data: Any = self._call("current")["session"]
        rows: Any = data[:1] if isinstance(data, list) and data else [data]
        return self._from_rows(rows)[0]

    @action("GET", "users/me/session/renew", key="authenticity_token")
    def renew(self) -> str:
        """Extend the session of the caller, and return its authenticity token.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#renew-the-current-session
        """
        return value_of(self._call("renew"), "authenticity_token", load_str)

    @action("DELETE", "users/me/logout")
    def logout(self) -> None:
        """End the session of the caller, if there is one.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#delete-the-authenticated-session
        """
        self._call("logout")


class UserSession(Model):
    """A session of a signed-in user; `delete()` ends it.

    Administrators can read the sessions of all users, and other users only their sessions.
    `user.logout()` ends all sessions of a user.
    """

    objects = UserSessionManager.as_manager()

    url: ReadOnly[str | None]
    user: ReadOnlyRef[User]
    user_id: Id[int]
    authenticated_at: ReadOnly[datetime | None]
    last_seen_at: ReadOnly[datetime | None]

    class Meta:
        parent = "user"
        singular = "session"
        get_latest_by = "authenticated_at"
        api = (
            listing("sessions", paging=(CURSOR,))
            # Before the endpoint of one session, which the reference describes as a list of one.
            + listing("users/{user}/sessions", fits_in_memory=True)
            + resource("users/{user}/sessions", can=SHOW | DELETE)
        )
