"""Visitors.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/visitors/
"""

from __future__ import annotations

from zendesk_orm.api.actions import action
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.vocabulary import CRUD, resource
from zendesk_orm.chat.bans import VisitorBan
from zendesk_orm.chat.singles import get_by_action
from zendesk_orm.model import StringIdModel
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Field
from zendesk_orm.schema.values import CaseInsensitiveStr


_PATH = "chat/visitors"


class VisitorManager(Manager["Visitor"]):
    """The manager `Visitor.objects`, with a lookup by e-mail address."""

    @action("GET", f"{_PATH}/email/{{email}}")
    def get_by_email(self, email: str) -> Visitor:
        """Return the visitor with an e-mail address, in one request.

        Raises:
            DoesNotExist: the visitor does not exist.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/visitors/
        """
        return get_by_action(self, "get_by_email", email=email)


class Visitor(StringIdModel):
    """A visitor of the website; visitors are fetched one by one, by id or e-mail address."""

    objects = VisitorManager.as_manager()

    name: Field[str | None]
    email: Field[CaseInsensitiveStr | None]
    phone: Field[str | None]
    notes: Field[str | None]

    class Meta:
        enveloped = False
        api = resource(_PATH, can=CRUD)

    @check_arguments
    def ban(self, reason: str) -> VisitorBan:
        """Ban the visitor, and return the ban; delete it to lift it.

        Args:
            reason: the reason.

        Raises:
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/bans/#create-ban
        """
        bans = VisitorBan.objects.using(self._session().alias)
        return bans.create(visitor_id=self.pk, reason=reason)
