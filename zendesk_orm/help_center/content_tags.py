"""Content tags of articles and posts.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import CRUD, listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import THIRTY, GuideManager
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly


class ContentTagManager(GuideManager["ContentTag"]):
    """`ContentTag.objects`, with merging of tags."""

    @action("POST", "guide/content_tags/jobs", key="job")
    def merge(self, tags: Iterable[ContentTag | str], into: ContentTag | str) -> None:
        """Replace tags by another tag, and delete them.

        Args:
            tags: the tags to replace, or their ids.
            into: the remaining tag, or its id.

        Raises:
            InvalidValue: `tags` is empty or contains `into`, or a tag was never saved.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/#create-content-tags-job
        """
        items = self._session.ids_of(ContentTag, tags, "merge")
        target = self._session.id_of(ContentTag, into, "merge")
        if not items or target in items:
            raise InvalidValue("tags must be saved tags, and `into` must be another tag")
        attributes = {"target_content_tag_id": target}
        self._call("merge", {"job": {"action": "merge", "items": items, "attributes": attributes}})
        for pk in items:
            self._session.forget(ContentTag, pk)


class ContentTag(StringIdModel):
    """A tag of articles and posts, which refer to it in `content_tag_ids`.

    `filter(name_prefix="feature")` finds tags by the beginning of their names. Zendesk ignores
    the deletion of a tag that does not exist.
    """

    objects = ContentTagManager.as_manager()

    name: Field[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    name_prefix: Lookup[str]

    class Meta:
        plural = "content_tags"
        required = ("name",)
        api = resource("guide/content_tags", can=CRUD) + listing(
            "guide/content_tags",
            key="records",
            filters={"name_prefix": "filter[name_prefix]"},
            orders=("id", "name"),
            paging=(THIRTY,),
        )
