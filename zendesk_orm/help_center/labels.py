"""Labels of articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Lookup, ReadOnly


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article


class Label(Model):
    """A word that articles are found by, and grouped by.

    `article.add_label("photos")` and `article.remove_label("photos")` say which articles have
    it; `label.delete()` takes it from all of them.
    """

    objects = LocalizedManager["Label"].as_manager()

    url: ReadOnly[str]
    name: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    article: Lookup[Article]
    locale: Lookup[str]

    class Meta:
        api = resource("help_center/articles/labels", can="list show delete") + localized(
            listed("help_center/articles/{article}/labels", small=True)
        )
