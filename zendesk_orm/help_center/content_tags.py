"""Content tags, which group articles and posts.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import THIRTY, GuideManager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Lookup, ReadOnly


class ContentTagManager(GuideManager["ContentTag"]):
    """`ContentTag.objects`, which merges tags."""

    def merge(self, tags: Iterable[ContentTag | str], into: ContentTag | str) -> None:
        """Put one tag in the place of others, which are gone then.

        Args:
            tags: those that are to go, or their ids.
            into: the one that stays, or its id.

        Raises:
            InvalidValue: there are none, or one was never saved.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_tags/#create-content-tags-job
        """
        items = self._session.ids_of(ContentTag, tags, "merge")
        target = self._session.id_of(ContentTag, into, "merge")
        if not items or target in items:
            raise InvalidValue("merge() wants saved tags, and another one that stays")
        attributes = {"target_content_tag_id": target}
        self._call("merge", {"job": {"action": "merge", "items": items, "attributes": attributes}})
        for pk in items:
            self._session.forget(ContentTag, pk)


class ContentTag(Model):
    """A word that groups articles and posts; these name it in `content_tag_ids`.

    `filter(name_prefix="feature")` finds tags by the beginning of their names. That there was
    none to delete is no error for Zendesk.
    """

    objects = ContentTagManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    name: Field[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    name_prefix: Lookup[str]

    class Meta:
        plural = "content_tags"
        required = ("name",)
        api = (
            resource("guide/content_tags", can="show create update delete")
            + listed(
                "guide/content_tags",
                key="records",
                takes={"name_prefix": "filter[name_prefix]"},
                orders="id name",
                paging=(THIRTY,),
            )
            + action("merge", "POST", "guide/content_tags/jobs", "job")
        )
