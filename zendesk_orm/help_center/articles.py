"""Articles of the help center.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from zendesk_orm import help_center
from zendesk_orm.api.actions import action_endpoint, alters_data
from zendesk_orm.api.arguments import check_arguments
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import CALLS, OFFSET
from zendesk_orm.api.vocabulary import (
    CREATE,
    DELETE,
    LIST,
    SEARCH_WALL,
    SHOW,
    UPDATE,
    incremental_export,
    listing,
    resource,
)
from zendesk_orm.chunks import chunks
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.labels import Label
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.help_center.translated import Translated
from zendesk_orm.help_center.translations import ArticleTranslation
from zendesk_orm.help_center.votes import Vote, Voted
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.relations import Many, RefList
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.row import PartialRow


if TYPE_CHECKING:
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
    from zendesk_orm.support.account_configuration.brands import Brand
    from zendesk_orm.support.users.users import User

#: Attachments in one request.
MAX_ATTACHMENTS_PER_REQUEST = 20

_LIST: dict[str, Any] = {
    "filters": {"label": "label_names"},
    "offset_orders": ("position", "created_at", "updated_at"),
    "default_order": None,
    "includes": ("users", "sections", "translations"),
}


def _search_endpoints() -> Api:
    """Return the endpoint of the search, whose index lags behind changes."""
    return listing(
        "help_center/articles/search",
        key="results",
        filters={
            "query": "query",
            "category": "category",
            "section": "section",
            "any_label": "label_names",
            "locale": "locale",
            "multibrand": "multibrand",
            "brand": "brand_id",
            "created_after": "created_after",
            "created_before": "created_before",
            "created_on": "created_at",
            "updated_after": "updated_after",
            "updated_before": "updated_before",
            "updated_on": "updated_at",
        },
        required=("query",),
        offset_orders=("created_at", "updated_at"),
        default_order=None,
        fresh=False,
        max_rows=SEARCH_WALL,
        paging=(OFFSET,),
    )


def _export_endpoints() -> Api:
    """Return the export of changes, whose pages do not indicate the last page."""
    return incremental_export(
        "help_center/incremental/articles", filters={"label": "label_names"}, paging=CALLS
    )


class ArticleManager(notifying.NotifyingManager["Article"], LocalizedManager["Article"]):
    """`Article.objects`, with articles in any locale and full-text search."""

    def search(self, text: str) -> Self:
        """Search articles by a text; the best matches come first.

        `.filter()` accepts `category=`, `section=`, `any_label=` (one label, or several
        separated by commas), `locale=`, `brand=`, `multibrand=True`, and the dates
        `created_after=`, `created_before=`, `created_on=`, `updated_after=`, `updated_before=`,
        `updated_on=`. Zendesk returns 1,000 results at most.

        Args:
            text: words; words in quotes are searched as a phrase.

        Raises:
            InvalidValue: the text is empty.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/search/#search-articles
        """
        return self.filter(query=require_text("the text of search()", text))


class Article(notifying.Notifying, Voted, Translated):
    """An article of the help center.

    By default, it has the values of its source locale; `filter(locale="de")` and
    `in_locale("de")` select another. Changes of title, body and draft are sent to the
    translation in its locale, other changes to the article. `delete()` archives it.
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
    #: The part of the text that matches a search, with the words in `<em>`.
    snippet: ReadOnly[str | None]
    result_type: ReadOnly[str | None]
    #: The translations of a new article, each a dictionary with `locale`, `title` and `body`.
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
    created_on: Lookup[date]
    updated_after: Lookup[date]
    updated_before: Lookup[date]
    updated_on: Lookup[date]
    changed_since: Lookup[datetime]

    _translated_fields: ClassVar[Mapping[str, str]] = {
        "title": "title",
        "body": "body",
        "draft": "draft",
    }
    _translations = ArticleTranslation
    _parent_relation = "section"

    if TYPE_CHECKING:

        @property
        def attachments(self) -> ArticleAttachmentManager:
            """The files of the article; `attachments.upload("plan.pdf")` adds one."""
            ...

        @property
        def translations(self) -> TranslationManager[ArticleTranslation]:
            """The translations of the article."""
            ...

    else:
        attachments: Many[ArticleAttachment]
        translations: Many[ArticleTranslation]

    class Meta:
        required = ("section", "permission_group")
        api = (
            localize(
                resource("help_center/articles", can=LIST | SHOW | UPDATE | DELETE, **_LIST)
                + listing("help_center/sections/{section}/articles", **_LIST)
                + listing("help_center/categories/{category}/articles", **_LIST)
                + resource("help_center/sections/{section}/articles", can=CREATE)
                + action_endpoint("vote_up", "POST", "help_center/articles/{id}/up", "vote")
                + action_endpoint("attach", "POST", "help_center/articles/{id}/bulk_attachments")
                + action_endpoint("add_label", "POST", "help_center/articles/{id}/labels", "label")
                + action_endpoint(
                    "remove_label", "DELETE", "help_center/articles/{id}/labels/{label}"
                )
                + action_endpoint(
                    "set_source_locale", "PUT", "help_center/articles/{id}/source_locale"
                )
            )
            + listing("help_center/users/{author}/articles", **_LIST)
            + _search_endpoints()
            + _export_endpoints()
            + action_endpoint("vote_down", "POST", "help_center/articles/{id}/down", "vote")
        )

    @property
    def labels(self) -> LocalizedManager[Label]:
        """The labels as objects; `label_names` are their names, which can be assigned."""
        return Label.objects.using(self.using or "default").filter(article=self)

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes on the article."""
        return Vote.objects.using(self.using or "default").filter(article=self)

    @alters_data
    def archive(self) -> None:
        """Archive the article, as `delete()`; it can only be restored in the help center.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#archive-article
        """
        self.delete()

    def attach(self, *attachments: help_center.ArticleAttachment | int) -> None:
        """Attach files that were uploaded without an article, 20 per request.

        Args:
            attachments: results of `ArticleAttachment.objects.upload()`, or their ids.

        Raises:
            InvalidValue: `attachments` is empty, or one was never uploaded.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/articles/#associate-attachments-in-bulk-to-article
        """
        ids = self._session().ids_of("ArticleAttachment", attachments, "attach")
        if not ids:
            raise InvalidValue("attach() must have uploaded attachments, or their ids")
        for chunk in chunks(ids, MAX_ATTACHMENTS_PER_REQUEST):
            self._call("attach", {"attachment_ids": chunk})

    @check_arguments
    def add_label(self, name: str) -> Label:
        """Add a label to the article, and return the label.

        Raises:
            InvalidValue: the name is empty, or the article was never saved.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/#create-label
        """
        require_text("the name of a label", name)

        def update(data: Any) -> Label:
            self._discard_label_names()
            return self._session().materialize(Label, [data["label"]])[0]

        body = {"label": {"name": name}}
        return self._call("add_label", body, then=update, in_dry_run=Label.from_row({"name": name}))

    def remove_label(self, label: Label | int | str) -> None:
        """Remove a label from the article.

        Args:
            label: the label, its id, or its name, which is looked up first.

        Raises:
            InvalidValue: the article does not have a label of that name.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_labels/#delete-label-from-article
        """
        pk = (
            label if isinstance(label, str) else self._session().id_of(Label, label, "remove_label")
        )
        if isinstance(pk, str):
            labels = [existing for existing in self.labels.all() if existing.name == pk]
            if not labels:
                raise InvalidValue(f"{display(self)} has no label {display(pk)}")
            pk = labels[0].pk

        def update(_: Any) -> None:
            self._discard_label_names()

        self._call("remove_label", path={"label": pk}, then=update, in_dry_run=None)

    def _discard_label_names(self) -> None:
        """Discard the names of the labels, which are fetched again when they are read."""
        row = {key: value for key, value in self._row.items() if key != "label_names"}
        self.update_from_row(PartialRow(row))
