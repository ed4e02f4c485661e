"""Categories: the upper level of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/categories/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.help_center.articles import Article
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.help_center.translated import Translated
from zendesk_orm.help_center.translations import CategoryTranslation
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, ReadOnly, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import ArticleManager
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.help_center.translations import TranslationManager


class Category(Translated):
    """A group of sections of the help center.

    A changed name or description is sent to the translation in its locale.
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
    #: Its words in several locales when it is made: `[{"locale": "de", "title": "..."}, ...]`.
    translations_: WriteOnly[list[dict[str, str]]]
    sections: Many[Section]

    _words = {"name": "title", "description": "body"}  # noqa: RUF012 - as the base says
    _translations = CategoryTranslation

    if TYPE_CHECKING:

        @property
        def translations(self) -> TranslationManager[CategoryTranslation]:
            """Its words, in every locale."""
            ...

    else:
        translations: Many[CategoryTranslation]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        api = localized(
            resource(
                "help_center/categories",
                offset_orders="position created_at updated_at",
                natural=None,
                includes="translations",
                small=True,
            )
            + action("set_source_locale", "PUT", "help_center/categories/{id}/source_locale")
        )

    @property
    def articles(self) -> ArticleManager:
        """The articles of all its sections."""
        return Article.objects.using(self.using or "default").filter(category=self)
