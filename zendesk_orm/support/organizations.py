"""Organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import MANY, exported, resource, searched
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


class Organization(Model):
    """A company or a department, to which users and their tickets belong."""

    url: ReadOnly[str]
    name: Field[str]
    shared_tickets: Field[bool]
    shared_comments: Field[bool]
    external_id: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    domain_names: Field[list[str]]
    details: Field[str | None]
    notes: Field[str | None]
    group: Ref[Group | None]
    group_id: Id[int | None]
    tags: Field[list[str]]
    organization_fields: Field[dict[str, Any]]

    tickets: Many[Ticket]
    users: Many[User]

    changed_since: Lookup[datetime]

    class Meta:
        keep = 300
        unique = ("name", "external_id")
        api = (
            resource("organizations", many=MANY, by="external_id", orders="id", count=True)
            + searched(
                "organization",
                "tags",
                words="name notes details external_id",
                created_at="created",
                inside={"organization_fields": "*"},
            )
            + exported("incremental/organizations")
        )
