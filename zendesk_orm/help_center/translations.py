"""Translations: the texts of articles, sections and categories by locale.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from zendesk_orm.api.actions import action_endpoint
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import CREATE, SHOW, listing, resource, singleton
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef, Ref
from zendesk_orm.schema.loading import load_str
from zendesk_orm.session.action_bodies import values_of


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.categories import Category
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.support.users.users import User

R = TypeVar("R")


def _endpoints(of: str) -> Api:
    """Return the endpoints of the translations of `articles`, `sections` or `categories`."""
    path = f"help_center/{of}/{{source}}/translations"
    update = Endpoint(Verb.UPDATE, f"{path}/{{locale}}", "translation", method="PUT")
    delete = Endpoint(Verb.DELETE, "help_center/translations/{id}", "translations", method="DELETE")
    return (
        listing(
            path,
            filters={"locale": "locales", "outdated": "outdated", "draft": "draft"},
            comma_separated=("locale",),
            default_order=None,
            fits_in_memory=True,
        )
        + resource(path, can=CREATE)
        + Api((update, delete))
        + action_endpoint("in_locale", "GET", f"{path}/{{locale}}", "translation")
        + action_endpoint("missing", "GET", f"{path}/missing", "locales")
    )


class TranslationManager(Manager[R]):
    """A manager of the translations of one object: `article.translations`."""

    @check_arguments
    def in_locale(self, locale: str) -> R:
        """Return the translation of a locale.

        Args:
            locale: `de`, `en-us`.

        Raises:
            InvalidValue: the query has no article, section or category.
            NotFound: the translation does not exist.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/#show-translation
        """
        path = {"source": self._source_id(), "locale": locale}
        row = self._call("in_locale", path=path)["translation"]
        return self._from_rows([row])[0]

    def missing(self) -> list[str]:
        """Return the locales of the help center without a translation.

        Raises:
            InvalidValue: the query has no article, section or category.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/#list-missing-translations
        """
        return values_of(
            self._call("missing", path={"source": self._source_id()}), "locales", load_str
        )

    def _source_id(self) -> Any:
        pk = self._query.exact_values.get("source")
        if pk is None:
            raise InvalidValue(
                "the query must have a source: article.translations, or filter(source=)"
            )
        return pk


class Translation(Model):
    """The texts of an article, a section or a category in one locale.

    The title of a section or category is its name, the body its description. The base class of
    `ArticleTranslation`, `SectionTranslation` and `CategoryTranslation`.
    """

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    source_type: ReadOnly[str]
    locale: Field[str]
    title: Field[str]
    body: Field[str | None]
    outdated: Field[bool]
    draft: Field[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    created_by: ReadOnlyRef[User | None]
    created_by_id: Id[int | None]
    updated_by: ReadOnlyRef[User | None]
    updated_by_id: Id[int | None]

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True
            required = ("locale", "title")

    def _after_save(self, data: dict[str, Any]) -> None:
        update = self.__dict__.pop("_on_save", None)
        if update is not None and isinstance(data.get("translation"), dict):
            update(data["translation"])


class ArticleTranslation(Translation):
    """An article's title and body in one locale."""

    objects = TranslationManager["ArticleTranslation"].as_manager()

    source: Ref[Article]
    source_id: Id[int]

    class Meta:
        singular = "translation"
        parent = "source"
        api = _endpoints("articles")


class SectionTranslation(Translation):
    """A section's name and description in one locale."""

    objects = TranslationManager["SectionTranslation"].as_manager()

    source: Ref[Section]
    source_id: Id[int]

    class Meta:
        singular = "translation"
        parent = "source"
        api = _endpoints("sections")


class CategoryTranslation(Translation):
    """A category's name and description in one locale."""

    objects = TranslationManager["CategoryTranslation"].as_manager()

    source: Ref[Category]
    source_id: Id[int]

    class Meta:
        singular = "translation"
        parent = "source"
        api = _endpoints("categories")


class Locales(Model):
    """The locales of the help center, and its default: `Locales.objects.get()`."""

    default_locale: ReadOnly[str]
    locales: ReadOnly[list[str]]

    class Meta:
        pk_key = ""
        enveloped = False
        verbose_name_plural = "locales"
        api = singleton("help_center/locales", "", can=SHOW)
