"""Articles of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CALLS, OFFSET
from zendesk_orm.api.vocabulary import SEARCH_WALL, action, exported, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.labels import Label
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.help_center.translated import Translated
from zendesk_orm.help_center.translations import ArticleTranslation
from zendesk_orm.help_center.votes import Vote, Voted
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.row import Hollow
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.help_center.article_attachments import (
        ArticleAttachment,
        ArticleAttachmentManager,
    )
    from zendesk_orm.help_center.article_comments import ArticleComment
    from zendesk_orm.help_center.categories import Category
    from zendesk_orm.help_center.content_tags import ContentTag
    from zendesk_orm.help_center.permission_groups import PermissionGroup
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.help_center.subscriptions import ArticleSubscription
    from zendesk_orm.help_center.translations import TranslationManager
    from zendesk_orm.help_center.user_segments import UserSegment
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.users import User

#: Attachments that one call puts on an article.
MOST_ATTACHMENTS = 20

_LIST: dict[str, Any] = {
    "takes": {"label": "label_names"},
    "offset_orders": "position created_at updated_at",
    "natural": None,
    "includes": "users sections translations",
}


def _searched() -> Api:
    """Return the search of articles, whose words lie in an index that lags behind."""
    found = listed(
        "help_center/articles/search",
        key="results",
        takes={
            "query": "query",
            "category": "category",
            "section": "section",
            "any_label": "label_names",
            "locale": "locale",
            "multibrand": "multibrand",
            "brand": "brand_id",
            "created_after": "created_after",
            "created_before": "created_before",
            "updated_after": "updated_after",
            "updated_before": "updated_before",
        },
        needs="query",
        offset_orders="created_at updated_at",
        natural=None,
        paging=(OFFSET,),
    )
    return Api(tuple(evolve(each, most=SEARCH_WALL, fresh=False) for each in found))


def _changed() -> Api:
    """Return the export of what changed, which says of no page that it is the last."""
    found = exported("help_center/incremental/articles")
    return Api(tuple(evolve(each, paging=CALLS) for each in found))


class ArticleManager(notifying.NotifyingManager["Article"], LocalizedManager["Article"]):
    """`Article.objects`: articles in any locale, and a search of their own."""

    def search(self, text: str) -> Self:
        """Return the articles that Zendesk finds by a text, the best first.

        `.filter()` narrows them by `category=`, `section=`, `any_label=` (one label, or several
        with commas), `locale=`, `brand=`, `multibrand=True`, and by days: `created_after=`,
        `created_before=`, `updated_after=`, `updated_before=`. Zendesk gives 1,000 at most.

        Args:
            text: words; those in quotes stand together.

        Raises:
            InvalidValue: there is no word in the text.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#search-articles
        """
        if not text.strip():
            raise InvalidValue(f"search() wants words, not {text!r}")
        return self.filter(query=text)


class Article(notifying.Notifying, Voted, Translated):
    """A text of the help center: a help topic, a tech note.

    Read without a locale, it shows its source locale; `filter(locale="de")` and `in_locale("de")`
    read another. A changed title, body or draft is sent to the translation in its locale,
    everything else to the article. `delete()` archives it.
    """

    objects = ArticleManager.as_manager()

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    section: Ref[Section]
    section_id: Id[int]
    author: Ref[User | None]
    author_id: Id[int | None]
    permission_group: Ref[PermissionGroup | None]
    permission_group_id: Id[int | None]
    user_segment: Ref[UserSegment | None]
    user_segment_id: Id[int | None]
    user_segment_ids: Field[list[int]]
    user_segments: RefList[UserSegment]
    name: ReadOnly[str]
    title: Field[str]
    body: Field[str | None]
    draft: Field[bool]
    outdated: ReadOnly[bool]
    outdated_locales: ReadOnly[list[str]]
    label_names: Field[list[str]]
    content_tag_ids: Field[list[str]]
    content_tags: RefList[ContentTag]
    promoted: Field[bool]
    position: Field[int]
    comments_disabled: Field[bool]
    vote_sum: ReadOnly[int]
    vote_count: ReadOnly[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    edited_at: ReadOnly[datetime]
    #: What of it a search has found, with the words in `<em>`.
    snippet: ReadOnly[str | None]
    result_type: ReadOnly[str | None]
    #: Its words in several locales when it is made: `[{"locale": "de", "title": "..."}, ...]`.
    translations_: WriteOnly[list[dict[str, str]]]

    comments: Many[ArticleComment]
    subscriptions: Many[ArticleSubscription]

    query: Lookup[str]
    category: Lookup[Category]
    label: Lookup[str]
    any_label: Lookup[str]
    brand: Lookup[Brand]
    multibrand: Lookup[bool]
    created_after: Lookup[date]
    created_before: Lookup[date]
    updated_after: Lookup[date]
    updated_before: Lookup[date]
    changed_since: Lookup[datetime]

    _words = {"title": "title", "body": "body", "draft": "draft"}  # noqa: RUF012 - as the base says
    _translations = ArticleTranslation
    _place = "section"

    if TYPE_CHECKING:

        @property
        def attachments(self) -> ArticleAttachmentManager:
            """Its files; `attachments.upload("plan.pdf")` adds one."""
            ...

        @property
        def translations(self) -> TranslationManager[ArticleTranslation]:
            """Its words, in every locale."""
            ...

    else:
        attachments: Many[ArticleAttachment]
        translations: Many[ArticleTranslation]

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        required = ("section", "permission_group")
        api = (
            localized(
                resource("help_center/articles", can="list show update delete", **_LIST)
                + listed("help_center/sections/{section}/articles", **_LIST)
                + listed("help_center/categories/{category}/articles", **_LIST)
                + resource("help_center/sections/{section}/articles", can="create")
                + action("vote_up", "POST", "help_center/articles/{id}/up", "vote")
                + action("attach", "POST", "help_center/articles/{id}/bulk_attachments")
                + action("add_label", "POST", "help_center/articles/{id}/labels", "label")
                + action("remove_label", "DELETE", "help_center/articles/{id}/labels/{label}")
                + action("set_source_locale", "PUT", "help_center/articles/{id}/source_locale")
            )
            + listed("help_center/users/{author}/articles", **_LIST)
            + _searched()
            + _changed()
            + action("vote_down", "POST", "help_center/articles/{id}/down", "vote")
        )

    @property
    def labels(self) -> LocalizedManager[Label]:
        """Its labels as objects; `label_names` are their names, and can be assigned."""
        return Label.objects.using(self.using or "default").filter(article=self)

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes that were cast on it."""
        return Vote.objects.using(self.using or "default").filter(article=self)

    def archive(self) -> None:
        """Archive the article, as `delete()` does; it can be restored in the help center alone.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#archive-article
        """
        self.delete()

    def attach(self, *attachments: ArticleAttachment | int) -> None:
        """Put files on the article that were uploaded without one, twenty to a request.

        Args:
            attachments: what `ArticleAttachment.objects.upload()` gave, or the ids.

        Raises:
            InvalidValue: there are none, or one was never uploaded.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#associate-attachments-in-bulk-to-article
        """
        ids = self._session().ids_of("ArticleAttachment", attachments, "attach")
        if not ids:
            raise InvalidValue("attach() wants attachments that were uploaded, or their ids")
        for start in range(0, len(ids), MOST_ATTACHMENTS):
            self._call("attach", {"attachment_ids": ids[start : start + MOST_ATTACHMENTS]})

    def add_label(self, name: str) -> Label:
        """Give the article a label, and return it.

        Raises:
            InvalidValue: it has no name, or the article was never saved.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/#create-label
        """
        if not name.strip():
            raise InvalidValue(f"a label wants a name, not {name!r}")
        data = self._call("add_label", {"label": {"name": name}})
        self._labels_changed()
        label: Label = self._session().take_in(Label, [data["label"] if data else {"name": name}])[
            0
        ]
        return label

    def remove_label(self, label: Label | int | str) -> None:
        """Take a label from the article.

        Args:
            label: the label, its id, or its name, which is looked up first.

        Raises:
            InvalidValue: the article has no label of that name.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/#delete-label-from-article
        """
        pk = (
            label if isinstance(label, str) else self._session().id_of(Label, label, "remove_label")
        )
        if isinstance(pk, str):
            named = [each for each in self.labels.all() if each.name == pk]
            if not named:
                raise InvalidValue(f"{self!r} has no label {pk!r}")
            pk = named[0].pk
        actions.act(self._session(), self, "remove_label", path={"label": pk})
        self._labels_changed()

    def _labels_changed(self) -> None:
        known = {key: value for key, value in self._row.items() if key != "label_names"}
        self.absorb(Hollow(known))
