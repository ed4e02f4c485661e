"""End users as they read and change their own profiles.

Source: https://developer.zendesk.com/rest_api/docs/support/end_user
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, UPDATE, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.support.users.identities import TYPES, UserIdentity


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.locales import Locale
    from zendesk_orm.support.organizations.organizations import Organization


class EndUser(Model):
    """The profile of the authenticated end user: `EndUser.objects.get(my_id)`.

    End users can only use this model; agents use `User`.
    """

    url: ReadOnly[str]
    name: Field[str]
    email: Field[CaseInsensitiveStr | None]
    phone: Field[str | None]
    shared_phone_number: Field[bool | None]
    photo: ReadOnly[Attachment | None]
    remote_photo_url: WriteOnly[str | None]
    time_zone: Field[str | None]
    iana_time_zone: ReadOnly[str | None]
    locale: ReadOnly[str | None]
    language: Ref[Locale | None] = by("locale_id")
    locale_id: Id[int | None]
    organization: Ref[Organization | None]
    organization_id: Id[int | None]
    identities: Many[EndUserIdentity]
    role: ReadOnly[str]
    verified: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "user"
        plural = "users"
        verbose_name = "end user"
        verbose_name_plural = "end users"
        api = resource("end_users", can=SHOW | UPDATE, key="users")


class EndUserIdentity(UserIdentity):
    """An e-mail address or a phone number of the authenticated end user.

    `EndUserIdentity.objects.create(user=my_id, type="email", value="me@example.com")`.
    """

    user: Ref[EndUser]  # type: ignore[assignment] # End users cannot read `User`.

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        singular = "identity"
        verbose_name = "identity of an end user"
        verbose_name_plural = "identities of end users"
        api = (
            resource(
                "end_users/{user}/identities",
                can=LIST | SHOW | CREATE | DELETE,
                filters=TYPES,
                fits_in_memory=True,
            )
            + action_endpoint(
                "make_primary",
                "PUT",
                "end_users/{user}/identities/{id}/make_primary",
                "identities",
            )
            + action_endpoint(
                "request_verification",
                "PUT",
                "end_users/{user}/identities/{id}/request_verification",
            )
        )
