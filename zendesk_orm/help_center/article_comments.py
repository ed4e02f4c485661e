"""Comments on articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_comments/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.locales import LocalizedManager, localized
from zendesk_orm.help_center.votes import Vote, Voted
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.support.users import User

_PATH = "help_center/articles/{source}/comments"
_SIDE = "users articles"


class ArticleCommentManager(
    notifying.NotifyingManager["ArticleComment"], LocalizedManager["ArticleComment"]
):
    """`ArticleComment.objects` and `article.comments`."""


class ArticleComment(notifying.Notifying, Voted, Model):
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
