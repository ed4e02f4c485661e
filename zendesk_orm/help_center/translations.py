"""Translations: the words of articles, sections and categories, in each locale.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action, listed, resource, single
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.categories import Category
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.support.users import User

R = TypeVar("R")


def _api(of: str) -> Api:
    """Return the endpoints of the translations of `articles`, `sections` or `categories`."""
    path = f"help_center/{of}/{{source}}/translations"
    update = Endpoint(Verb.UPDATE, f"{path}/{{locale}}", "translation", method="PUT")
    delete = Endpoint(Verb.DELETE, "help_center/translations/{id}", "translations", method="DELETE")
    return (
        listed(
            path,
            takes={"locale": "locales", "outdated": "outdated", "draft": "draft"},
            joined="locale",
            natural=None,
            small=True,
        )
        + resource(path, can="create")
        + Api((update, delete))
        + action("in_locale", "GET", f"{path}/{{locale}}", "translation")
        + action("missing", "GET", f"{path}/missing", "locales")
    )


class TranslationManager(Manager[R]):
    """The translations of one article, section or category: `article.translations`."""

    def in_locale(self, locale: str) -> R:
        """Return the translation of a locale.

        Args:
            locale: `de`, `en-us`.

        Raises:
            InvalidValue: it was not asked for those of one article, section or category.
            NotFound: there is none.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/#show-translation
        """
        path = {"source": self._source_id(), "locale": locale}
        row = self._call("in_locale", path=path)["translation"]
        return self._made([row])[0]

    def missing(self) -> list[str]:
        """Return the locales of the help center that there is no translation for.

        Raises:
            InvalidValue: it was not asked for those of one article, section or category.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/translations/#list-missing-translations
        """
        found: list[str] = self._call("missing", path={"source": self._source_id()})["locales"]
        return found

    def _source_id(self) -> Any:
        pk = self._query.fixed.get("source")
        if pk is None:
            raise InvalidValue("say whose translations: article.translations, or filter(source=)")
        return pk


class Translation(Model):
    """The words of an article, a section or a category, in one locale.

    The title of a section or a category is its name, the body its description. What is
    common to `ArticleTranslation`, `SectionTranslation` and `CategoryTranslation`.
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

    class Meta:
        abstract = True
        required = ("locale", "title")

    def _saved(self, data: dict[str, Any]) -> None:
        told = self.__dict__.pop("_told", None)
        if told is not None and isinstance(data.get("translation"), dict):
            told(data["translation"])


class ArticleTranslation(Translation):
    """An article's title and body in one locale."""

    objects = TranslationManager["ArticleTranslation"].as_manager()

    source: Ref[Article]
    source_id: Id[int]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        singular = "translation"
        parent = "source"
        api = _api("articles")


class SectionTranslation(Translation):
    """A section's name and description in one locale."""

    objects = TranslationManager["SectionTranslation"].as_manager()

    source: Ref[Section]
    source_id: Id[int]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        singular = "translation"
        parent = "source"
        api = _api("sections")


class CategoryTranslation(Translation):
    """A category's name and description in one locale."""

    objects = TranslationManager["CategoryTranslation"].as_manager()

    source: Ref[Category]
    source_id: Id[int]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        singular = "translation"
        parent = "source"
        api = _api("categories")


class Locales(Model):
    """The locales that the help center is enabled for, and the one it begins with.

    There is one: `Locales.objects.get()`.
    """

    default_locale: ReadOnly[str]
    locales: ReadOnly[list[str]]

    class Meta:
        known_by = ""
        bare = True
        verbose_name_plural = "locales"
        api = single("help_center/locales", "", can="show")
