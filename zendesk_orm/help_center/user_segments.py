"""User segments, which define the readers of articles, sections and topics.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/user_segments/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.help_center.topics import Topic
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.users.users import User

UserType = Literal["signed_in_users", "staff"]


class UserSegment(Model):
    """A set of users, defined by type, tags, groups and organizations.

    `filter(applicable=True)` returns the segments that the account's plan can use, and
    `filter(user=ann)` the segments of a user. `Section.objects.filter(user_segment=segment)`
    returns the sections that use a segment.
    """

    name: Field[str]
    user_type: Field[UserType]
    group_ids: Field[list[int]]
    groups: RefList[Group]
    organization_ids: Field[list[int]]
    organizations: RefList[Organization]
    tags: Field[list[str]]
    or_tags: Field[list[str]]
    added_user_ids: Field[list[int]]
    added_users: RefList[User]
    built_in: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    topics: Many[Topic]

    applicable: Lookup[Literal[True]]
    user: Lookup[User]

    get_user_type_display = Display()

    class Meta:
        cache_seconds = 300
        required = ("name", "user_type")
        api = (
            resource("help_center/user_segments", filters=("built_in",), fits_in_memory=True)
            + listing(
                "help_center/user_segments/applicable",
                key="user_segments",
                filters=("built_in",),
                required=("applicable",),
                fits_in_memory=True,
            )
            + listing(
                "help_center/users/{user}/user_segments", filters=("built_in",), fits_in_memory=True
            )
        )
