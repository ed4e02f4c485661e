"""Comments on articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_comments/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.help_center.votes import Vote, Voted
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.support.users import User

_PATH = "help_center/articles/{source}/comments"
_SIDE = "users articles"


class ArticleCommentManager(
    notifying.NotifyingManager["ArticleComment"], LocalizedManager["ArticleComment"]
):
    """`ArticleComment.objects` and `article.comments`."""


class ArticleComment(Voted, Model):
    """What somebody wrote below an article; it belongs to a translation, and wants its locale.

    `article.comments.create(body="Thanks!", locale="en-us")`.
    """

    objects = ArticleCommentManager.as_manager()

    url: ReadOnly[str]
    html_url: ReadOnly[str]
    source: Ref[Article]
    source_id: Id[int]
    source_type: ReadOnly[str]
    author: Ref[User | None]
    author_id: Id[int | None]
    body: Field[str]
    locale: CreateOnly[str]
    vote_sum: ReadOnly[int]
    vote_count: ReadOnly[int]
    non_author_editor: ReadOnlyRef[User | None]
    non_author_editor_id: Id[int | None]
    non_author_updated_at: ReadOnly[datetime | None]
    created_at: CreateOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        singular = "comment"
        verbose_name = "article comment"
        parent = "source"
        required = ("body", "locale")
        api = (
            localized(resource(_PATH, includes=_SIDE))
            + listed("help_center/users/{author}/comments", includes=_SIDE)
            + action("vote_up", "POST", f"{_PATH}/{{id}}/up", "vote")
            + action("vote_down", "POST", f"{_PATH}/{{id}}/down", "vote")
        )

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes that were cast on it."""
        found = Vote.objects.using(self.using or "default")
        return found.filter(article=self.source_id, comment=self)

    def save(
        self,
        *,
        update_fields: Iterable[str] | None = None,
        force_insert: bool = False,
        using: str | None = None,
        safe: bool | None = None,
        notify_subscribers: bool | None = None,
    ) -> Self:
        """Send what changed and take over the answer; without changes, send nothing.

        Args:
            update_fields: names of fields to send; all that changed by default.
            force_insert: create it although it has an id.
            using: the account's alias; where the object came from by default.
            safe: for tickets.
            notify_subscribers: False sends those who follow no e-mail of a new comment.

        Raises:
            InvalidValue: `notify_subscribers` is said of one that is there already.
            ValidationError and the other `ApiError`s; `TransportError`.
        """
        options: dict[str, Any] = {"update_fields": update_fields, "force_insert": force_insert}
        if notify_subscribers is None:
            return super().save(using=using, safe=safe, **options)
        notifying.save_new(self, self._session(using), notify_subscribers=notify_subscribers)
        return self
