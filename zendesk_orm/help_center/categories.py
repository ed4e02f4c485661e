"""Categories: the top level of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/categories/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.help_center.articles import Article, ArticleManager
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.help_center.translated import Translated
from zendesk_orm.help_center.translations import CategoryTranslation
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, ReadOnly, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.help_center.translations import TranslationManager


class Category(Translated):
    """A group of sections of the help center.

    Changes of name and description are sent to the translation in its locale.
    """

    objects = LocalizedManager["Category"].as_manager()

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    name: Field[str]
    description: Field[str | None]
    position: Field[int]
    outdated: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    #: The translations of a new category, each a dictionary with `locale`, `title` and `body`.
    translations_: WriteOnly[list[dict[str, str]]]
    sections: Many[Section]

    _translated_fields: ClassVar[Mapping[str, str]] = {"name": "title", "description": "body"}
    _translations = CategoryTranslation

    if TYPE_CHECKING:

        @property
        def translations(self) -> TranslationManager[CategoryTranslation]:
            """The translations of the category."""
            ...

    else:
        translations: Many[CategoryTranslation]

    class Meta:
        api = localize(
            resource(
                "help_center/categories",
                offset_orders=("position", "created_at", "updated_at"),
                default_order=None,
                includes=("translations",),
                fits_in_memory=True,
            )
            + action_endpoint(
                "set_source_locale", "PUT", "help_center/categories/{id}/source_locale"
            )
        )

    @property
    def articles(self) -> ArticleManager:
        """The articles of all sections of the category."""
        return Article.objects.using(self.using or "default").filter(category=self)
