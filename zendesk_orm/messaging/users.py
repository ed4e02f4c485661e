"""Users, the authors and the recipients of messages.

Source: https://developer.zendesk.com/api-reference/conversations/#tag/Users
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import ONCE, ONE
from zendesk_orm.api.vocabulary import CRUD, listing
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.messaging import APP
from zendesk_orm.messaging.rows import ConversationsModel, conversations_resource
from zendesk_orm.relations import Many, by
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import CreateOnly, Field, Lookup, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.messaging.clients import Client, Device
    from zendesk_orm.messaging.conversations import Conversation

_PATH = f"{APP}/users"
#: The parameter of the list of users, which requires one. Its name is unconfirmed.
EMAIL_FILTER = "filter[identities.email]"


class Profile(ConversationsModel):
    """The name and the address of a user."""

    given_name: Field[str | None]
    surname: Field[str | None]
    email: Field[str | None]
    avatar_url: Field[str | None]
    locale: Field[str | None]


class User(ConversationsModel):
    """An author and recipient of messages, with an id of another system.

    ::

        user = User.objects.create(external_id="42", profile={"given_name": "Ann"})
        user.profile.email = "ann@example.com"
        user.save()
    """

    external_id: CreateOnly[str | None]
    zendesk_id: ReadOnly[str | None]
    authenticated: ReadOnly[bool]
    signed_up_at: Field[datetime | None]
    to_be_retained: Field[bool]
    profile: Field[Profile | None]
    metadata: Field[dict[str, Any]]
    identities: ReadOnly[list[dict[str, Any]]]

    email: Lookup[str]

    clients: Many[Client]
    devices: Many[Device]
    conversations: Many[Conversation] = by("user")

    class Meta:
        required = ("external_id",)
        get_latest_by = "signed_up_at"
        unique = ("external_id",)
        api = (
            conversations_resource(_PATH, can=CRUD, paged=True)
            + listing(
                _PATH,
                filters={"email": EMAIL_FILTER},
                required=("email",),
                default_order=None,
                paging=(ONCE,),
            )
            + listing(
                f"{_PATH}/{{external_id}}",
                key="user",
                # The path also finds users by id, so that external ids are compared again.
                tokenized=("external_id",),
                fits_in_memory=True,
                paging=(ONE,),
            )
        )

    @property
    def support_user(self) -> support.User | None:
        """The user of Zendesk Support, whose fields are fetched when they are read; or None."""
        pk = str(self.zendesk_id or "")
        model: Any = registry.find("User", "support")
        user: support.User | None = self._session().refer(model, int(pk)) if pk.isdigit() else None
        return user

    @action("DELETE", f"{_PATH}/{{id}}/personalinformation", key="user")
    def delete_personal_information(self) -> Self:
        """Delete the profile, the metadata and the identities of the user, and return the user.

        Raises:
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/conversations/#operation/DeleteUserPersonalInformation
        """
        return self._call_and_update("delete_personal_information")
