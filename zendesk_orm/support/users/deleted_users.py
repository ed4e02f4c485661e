"""Deleted users.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#list-deleted-users
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import DELETE, LIST, SHOW, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import by
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.tickets.attachments import Attachment


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.locales import Locale
    from zendesk_orm.support.organizations.organizations import Organization


class DeletedUser(Model):
    """A deleted user, whose profile Zendesk still stores: `User.deleted.all()`.

    `delete()` deletes the user permanently: Zendesk erases name and addresses, which cannot be
    undone. The user stays in the list as "Permanently Deleted User".
    """

    url: ReadOnly[str]
    name: ReadOnly[str]
    email: ReadOnly[CaseInsensitiveStr | None]
    active: ReadOnly[bool]
    role: ReadOnly[str]
    phone: ReadOnly[str | None]
    shared_phone_number: ReadOnly[bool | None]
    photo: ReadOnly[Attachment | None]
    time_zone: ReadOnly[str | None]
    locale: ReadOnly[str | None]
    language: ReadOnlyRef[Locale | None] = by("locale_id")
    locale_id: Id[int | None]
    organization: ReadOnlyRef[Organization | None]
    organization_id: Id[int | None]
    separation: ReadOnly[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        api = resource("deleted_users", can=LIST | SHOW | DELETE, count=True)
