"""Sections: groups of articles, in categories and in other sections.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/sections/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, UPDATE, listing, resource
from zendesk_orm.help_center.locales import LocalizedManager, localize
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

_SIDE = ("categories", "translations")


class Section(Translated):
    """A group of articles in a category, or in another section.

    Changes of name and description are sent to the translation in its locale.
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
    #: The translations of a new section, each a dictionary with `locale`, `title` and `body`.
    translations_: WriteOnly[list[dict[str, str]]]
    articles: Many[Article]
    subscriptions: Many[SectionSubscription]
    subsections: Many[Section] = by("parent_section")

    user_segment: Lookup[UserSegment]

    _translated_fields: ClassVar[Mapping[str, str]] = {"name": "title", "description": "body"}
    _translations = SectionTranslation
    _parent_relation = "category"

    if TYPE_CHECKING:

        @property
        def translations(self) -> TranslationManager[SectionTranslation]:
            """The translations of the section."""
            ...

    else:
        translations: Many[SectionTranslation]

    class Meta:
        required = ("category",)
        api = localize(
            listing(
                "help_center/categories/{category}/sections",
                offset_orders=("position", "created_at", "updated_at"),
                default_order=None,
                includes=_SIDE,
                fits_in_memory=True,
            )
            + resource(
                "help_center/sections",
                can=LIST | SHOW | UPDATE | DELETE,
                offset_orders=("position", "created_at", "updated_at"),
                default_order=None,
                includes=_SIDE,
                fits_in_memory=True,
            )
            + resource("help_center/categories/{category}/sections", can=CREATE)
            + action_endpoint("set_source_locale", "PUT", "help_center/sections/{id}/source_locale")
        ) + listing(
            "help_center/user_segments/{user_segment}/sections",
            default_order=None,
            fits_in_memory=True,
        )
