"""Callback requests.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/callback_requests/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.relations import RefList
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.talk.phone_numbers import PhoneNumber


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group


class CallbackRequestManager(Manager["CallbackRequest"]):
    """`CallbackRequest.objects`, which asks for callbacks; Zendesk tells of none."""

    def request(
        self,
        phone_number: PhoneNumber | int,
        requester_phone_number: str,
        *,
        groups: list[int] | None = None,
    ) -> None:
        """Let somebody be called back when an agent is free; thirty are taken in ten minutes.

        Args:
            phone_number: a number of the account, or its id: its queue is waited in.
            requester_phone_number: whom to call, in the international format: `+15550100`.
            groups: ids of groups whose agents may call; those of the number by default.

        Raises:
            InvalidValue: the number to call is not international.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/voice/talk-api/callback_requests/#create-callback-request
        """
        if not requester_phone_number.startswith("+"):
            raise InvalidValue(
                f"wants an international number such as +15550100, not {requester_phone_number!r}"
            )
        pk = self._session.id_of(PhoneNumber, phone_number, "request")
        asked: dict[str, Any] = {
            "phone_number_id": pk,
            "requester_phone_number": requester_phone_number,
        }
        if groups:
            asked["group_ids"] = list(groups)
        self._call("request", {"callback_request": asked})


class CallbackRequest(Model):
    """A place in the queue of a phone number, held for somebody who is called back."""

    objects = CallbackRequestManager.as_manager()

    phone_number: ReadOnlyRef[PhoneNumber]
    phone_number_id: Id[int]
    requester_phone_number: ReadOnly[str]
    group_ids: ReadOnly[list[int]]
    groups: RefList[Group]

    class Meta:
        api = action("request", "POST", "channels/voice/callback_requests")
