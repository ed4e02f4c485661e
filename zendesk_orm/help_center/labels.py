"""Labels of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import DELETE, LIST, SHOW, listing, resource
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Lookup, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article


class Label(Model):
    """A word for searching and grouping articles.

    `article.add_label("photos")` and `article.remove_label("photos")` change the labels of an
    article; `label.delete()` removes the label from all articles.
    """

    objects = LocalizedManager["Label"].as_manager()

    url: ReadOnly[str]
    name: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    article: Lookup[Article]
    locale: Lookup[str]

    class Meta:
        api = resource("help_center/articles/labels", can=LIST | SHOW | DELETE) + localize(
            listing("help_center/articles/{article}/labels", fits_in_memory=True)
        )
