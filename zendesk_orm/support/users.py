"""Users: end users, agents and administrators.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.vocabulary import MANY, action, exported, listed, resource, searched
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.support.attachments import Attachment


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.tickets import Ticket

Role = Literal["end-user", "agent", "admin"]


class User(Model):
    """A person: somebody who asks, or somebody who answers."""

    url: ReadOnly[str]
    name: Field[str]
    email: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    time_zone: Field[str | None]
    iana_time_zone: ReadOnly[str | None]
    phone: Field[str | None]
    shared_phone_number: Field[bool | None]
    photo: ReadOnly[Attachment | None]
    remote_photo_url: WriteOnly[str | None]
    locale_id: Field[int | None]
    locale: Field[str | None]
    organization: Ref[Organization | None]
    organization_id: Id[int | None]
    role: Field[Role]
    role_type: ReadOnly[int | None]
    custom_role_id: Field[int | None]
    verified: Field[bool]
    external_id: Field[str | None]
    tags: Field[list[str]]
    alias: Field[str | None]
    active: ReadOnly[bool]
    shared: ReadOnly[bool]
    shared_agent: ReadOnly[bool]
    last_login_at: ReadOnly[datetime | None]
    two_factor_auth_enabled: ReadOnly[bool | None]
    signature: Field[str | None]
    details: Field[str | None]
    notes: Field[str | None]
    moderator: Field[bool]
    ticket_restriction: Field[str | None]
    only_private_comments: Field[bool]
    restricted_agent: ReadOnly[bool]
    suspended: Field[bool]
    suspension_details: ReadOnly[dict[str, Any] | None]
    separation: ReadOnly[dict[str, Any] | None]
    default_group: Ref[Group | None]
    default_group_id: Id[int | None]
    agent_brand_ids: WriteOnly[list[int]]
    chat_only: ReadOnly[bool | None]
    report_csv: ReadOnly[bool]
    permanently_deleted: ReadOnly[bool | None]
    user_fields: Field[dict[str, Any]]
    skip_verify_email: WriteOnly[bool | None]

    requested_tickets: Many[Ticket] = by("requester")
    assigned_tickets: Many[Ticket] = by("assignee")
    submitted_tickets: Many[Ticket] = by("submitter")

    changed_since: Lookup[datetime]

    get_role_display = Display()

    class Meta:
        keep = 300
        unique = ("email", "external_id")
        api = (
            resource(
                "users",
                many=MANY,
                by="external_id",
                takes="role external_id",
                orders="id updated_at",
                includes="organizations groups",
                count=True,
            )
            + listed("organizations/{organization}/users", takes="role", orders="id", count=True)
            + searched(
                "user",
                "role organization tags",
                words="name email notes details external_id phone",
                absent="email external_id phone organization",
                created_at="created",
                verified="is_verified",
                suspended="is_suspended",
                inside={"user_fields": "*"},
            )
            + action("me", "GET", "users/me", "user")
            + action("create_or_update", "POST", "users/create_or_update", "user")
            + exported("incremental/users/cursor", "incremental/users")
        )
