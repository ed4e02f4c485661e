"""Comments on articles.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/article_comments/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.help_center import notifying
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.help_center.votes import Vote, Voted, vote_endpoints
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, ReadOnlyRef, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.support.users.users import User

_PATH = "help_center/articles/{source}/comments"
_SIDE = ("users", "articles")


class ArticleCommentManager(
    notifying.NotifyingManager["ArticleComment"], LocalizedManager["ArticleComment"]
):
    """`ArticleComment.objects` and `article.comments`."""


class ArticleComment(notifying.Notifying, Voted, Model):
    """A comment on an article, in the locale of a translation.

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
            localize(resource(_PATH, includes=_SIDE))
            + listing("help_center/users/{author}/comments", includes=_SIDE)
            + vote_endpoints(f"{_PATH}/{{id}}")
        )

    @property
    def votes(self) -> LocalizedManager[Vote]:
        """The votes on the comment."""
        votes = Vote.objects.using(self.using or "default")
        return votes.filter(article=self.source_id, comment=self)
