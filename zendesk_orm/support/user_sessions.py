"""Sessions of users: who is signed in.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.users import User


class UserSessionManager(Manager["UserSession"]):
    """`UserSession.objects`, which knows the session that is asking."""

    def current(self) -> UserSession:
        """Return the session of whoever is asking.

        Raises:
            NotFound: there is none, as where a token or a client of OAuth is asking.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#show-the-currently-authenticated-session
        """
        found: Any = self._call("current")["session"]
        return self._made(found if isinstance(found, list) else [found])[0]

    def renew(self) -> str:
        """Let the session of whoever is asking last longer, and return its authenticity token.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#renew-the-current-session
        """
        return str(self._call("renew")["authenticity_token"])

    def logout(self) -> None:
        """End the session of whoever is asking; without one, nothing happens.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#delete-the-authenticated-session
        """
        self._call("logout")


class UserSession(Model):
    """That a user is signed in; `delete()` signs out.

    An administrator is told the sessions of all, and others their own. `user.logout()` ends all
    of a user.
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
            listed("sessions", paging=(CURSOR,))
            # Asked before the single one, which is described as a list of one.
            + listed("users/{user}/sessions", small=True)
            + resource("users/{user}/sessions", can="show delete")
            + action("current", "GET", "users/me/session", "session")
            + action("renew", "GET", "users/me/session/renew", "authenticity_token")
            + action("logout", "DELETE", "users/me/logout")
        )
