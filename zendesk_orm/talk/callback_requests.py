"""Callback requests.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/callback_requests/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.relations import RefList
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.talk.phone_numbers import PhoneNumber


if TYPE_CHECKING:
    from zendesk_orm.support.groups.groups import Group


class CallbackRequestManager(Manager["CallbackRequest"]):
    """The manager `CallbackRequest.objects`, which can only request callbacks."""

    @action("POST", "channels/voice/callback_requests")
    def request(
        self,
        phone_number: PhoneNumber | int,
        requester_phone_number: str,
        *,
        groups: list[int] | None = None,
    ) -> None:
        """Request a callback by the next free agent. Zendesk accepts 30 requests in ten minutes.

        Args:
            phone_number: a number of the account, or its id, whose queue the request joins.
            requester_phone_number: the number to call, in international format: `+15550100`.
            groups: ids of the groups whose agents can call; by default those of the number.

        Raises:
            InvalidValue: the number to call is not in international format.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-api/callback_requests/#create-callback-request
        """
        if not require_text("requester_phone_number", requester_phone_number).startswith("+"):
            raise InvalidValue(
                "must be an international number such as +15550100, not "
                f"{display(requester_phone_number)}"
            )
        pk = self._session.id_of(PhoneNumber, phone_number, "request")
        payload: dict[str, Any] = {
            "phone_number_id": pk,
            "requester_phone_number": requester_phone_number,
        }
        if groups:
            payload["group_ids"] = list(groups)
        self._call("request", {"callback_request": payload})


class CallbackRequest(Model):
    """A callback request in the queue of a phone number."""

    objects = CallbackRequestManager.as_manager()

    phone_number: ReadOnlyRef[PhoneNumber]
    phone_number_id: Id[int]
    requester_phone_number: ReadOnly[str]
    group_ids: ReadOnly[list[int]]
    groups: RefList[Group]
