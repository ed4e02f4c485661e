"""Sections: groups of articles, in categories and in other sections.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/sections/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.help_center.translated import Translated
from zendesk_orm.help_center.translations import SectionTranslation
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.categories import Category
    from zendesk_orm.help_center.subscriptions import SectionSubscription
    from zendesk_orm.help_center.translations import TranslationManager
    from zendesk_orm.help_center.user_segments import UserSegment

_SIDE = "categories translations"


class Section(Translated):
    """A group of articles in a category, or in another section.

    A changed name or description is sent to the translation in its locale.
    """

    objects = LocalizedManager["Section"].as_manager()

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    category: Ref[Category]
    category_id: Id[int]
    parent_section: Ref[Section | None]
    parent_section_id: Id[int | None]
    name: Field[str]
    description: Field[str | None]
    position: Field[int]
    sorting: Field[str | None]
    theme_template: Field[str | None]
    outdated: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    #: Its words in several locales when it is made: `[{"locale": "de", "title": "..."}, ...]`.
    translations_: WriteOnly[list[dict[str, str]]]
    articles: Many[Article]
    subscriptions: Many[SectionSubscription]
    subsections: Many[Section] = by("parent_section")

    user_segment: Lookup[UserSegment]

    _words = {"name": "title", "description": "body"}  # noqa: RUF012 - as the base says
    _translations = SectionTranslation
    _place = "category"

    if TYPE_CHECKING:

        @property
        def translations(self) -> TranslationManager[SectionTranslation]:
            """Its words, in every locale."""
            ...

    else:
        translations: Many[SectionTranslation]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        required = ("category",)
        api = localized(
            listed(
                "help_center/categories/{category}/sections",
                offset_orders="position created_at updated_at",
                natural=None,
                includes=_SIDE,
                small=True,
            )
            + resource(
                "help_center/sections",
                can="list show update delete",
                offset_orders="position created_at updated_at",
                natural=None,
                includes=_SIDE,
                small=True,
            )
            + resource("help_center/categories/{category}/sections", can="create")
            + action("set_source_locale", "PUT", "help_center/sections/{id}/source_locale")
        ) + listed("help_center/user_segments/{user_segment}/sections", natural=None, small=True)
