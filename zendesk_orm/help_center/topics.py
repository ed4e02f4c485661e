"""Topics of the community.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/topics/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.help_center.subscriptions import TopicSubscription
    from zendesk_orm.help_center.user_segments import UserSegment

Managers = Literal["staff", "managers"]


class Topic(Model):
    """A topic of the community, which contains posts of users."""

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    position: Field[int]
    follower_count: ReadOnly[int]
    community_id: ReadOnly[int]
    manageable_by: Field[Managers]
    user_segment: Ref[UserSegment | None]
    user_segment_id: Id[int | None]
    created_at: CreateOnly[datetime]
    updated_at: ReadOnly[datetime]
    posts: Many[Post]
    subscriptions: Many[TopicSubscription]

    get_manageable_by_display = Display()

    class Meta:
        required = ("name",)
        api = resource("community/topics", default_order=None, fits_in_memory=True) + listing(
            "help_center/user_segments/{user_segment}/topics",
            default_order=None,
            fits_in_memory=True,
        )
