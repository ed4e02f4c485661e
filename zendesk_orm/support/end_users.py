"""End users as they see and change themselves.

Source: https://developer.zendesk.com/rest_api/docs/support/end_user
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.support.identities import UserIdentity


if TYPE_CHECKING:
    from zendesk_orm.support.locales import Locale
    from zendesk_orm.support.organizations import Organization


class EndUser(Model):
    """An end user who is asking about no one else: `EndUser.objects.get(my_id)`.

    It is what somebody works with who is signed in as an end user; agents have `User`.
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
        api = resource("end_users", can="show update", key="users")


class EndUserIdentity(UserIdentity):
    """An e-mail address or a phone number that an end user has, and manages alone.

    `EndUserIdentity.objects.create(user=my_id, type="email", value="me@example.com")`.
    """

    user: Ref[EndUser]  # type: ignore[assignment] # who sees no other users

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        singular = "identity"
        verbose_name = "identity of an end user"
        verbose_name_plural = "identities of end users"
        api = (
            resource("end_users/{user}/identities", can="list show create delete", small=True)
            + action(
                "make_primary",
                "PUT",
                "end_users/{user}/identities/{id}/make_primary",
                "identities",
            )
            + action(
                "request_verification",
                "PUT",
                "end_users/{user}/identities/{id}/request_verification",
            )
        )
