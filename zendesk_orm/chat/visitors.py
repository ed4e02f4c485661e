"""Visitors.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/visitors/
"""

from __future__ import annotations

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.chat.bans import VisitorBan
from zendesk_orm.chat.singles import shown
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.schema.values import CaseInsensitiveStr


_PATH = "chat/visitors"


class VisitorManager(Manager["Visitor"]):
    """`Visitor.objects`, which finds visitors by e-mail, too."""

    def get_by_email(self, email: str) -> Visitor:
        """Return the visitor of an e-mail address, in one request.

        Raises:
            DoesNotExist: there is none.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/visitors/
        """
        return shown(self, "get_by_email", email=email)


class Visitor(Model):
    """Somebody who visits the website; known one by one, by id or by e-mail."""

    objects = VisitorManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    name: Field[str | None]
    email: Field[CaseInsensitiveStr | None]
    phone: Field[str | None]
    notes: Field[str | None]

    class Meta:
        bare = True
        api = resource(_PATH, can="show create update delete") + action(
            "get_by_email", "GET", f"{_PATH}/email/{{email}}"
        )

    def ban(self, reason: str) -> VisitorBan:
        """Ban the visitor, and return the ban; deleting it lifts it.

        Args:
            reason: why.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/#create-ban
        """
        bans = VisitorBan.objects.using(self._session().alias)
        return bans.create(visitor_id=self.pk, reason=reason)
