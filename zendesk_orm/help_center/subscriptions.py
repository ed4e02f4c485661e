"""Subscriptions of users to sections, articles, topics and posts.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/content_subscriptions/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, listing, resource
from zendesk_orm.help_center.locales import LocalizedManager, localize
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import CreateOnly, Field, Id, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.help_center.topics import Topic
    from zendesk_orm.support.users.users import User

#: The models in `content_type`.
_CONTENTS = frozenset({"Article", "Post", "Section", "Topic"})


class ContentSubscription(Model):
    """The base class of subscriptions."""

    url: ReadOnly[str]
    user: Ref[User | None]
    user_id: Id[int | None]
    content_type: ReadOnly[str]
    locale: ReadOnly[str]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True


class Subscription(ContentSubscription):
    """A user's subscription to a section, an article, a topic or a post.

    `Subscription.objects.filter(user=ann)` are the subscriptions of a user;
    `article.subscriptions`, `post.subscriptions` etc. are those to one object.
    """

    content_id: ReadOnly[int]
    source_locale: ReadOnly[str | None]
    include_comments: ReadOnly[bool]

    class Meta:
        api = listing("help_center/users/{user}/subscriptions", includes=("users",))

    @property
    def content(self) -> Any:
        """The subscribed object, fetched on access; None if its type has no model."""
        name = self.content_type.rpartition("::")[2]
        if name not in _CONTENTS:
            return None
        return self._session().refer(registry.find(name, "help_center"), self.content_id)


class ArticleSubscription(ContentSubscription):
    """A user's subscription to an article; new subscriptions require a `source_locale`."""

    objects = LocalizedManager["ArticleSubscription"].as_manager()

    content: Ref[Article]
    content_id: Id[int]
    source_locale: CreateOnly[str | None]
    include_comments: ReadOnly[bool]

    class Meta:
        singular = "subscription"
        parent = "content"
        required = ("source_locale",)
        api = localize(
            resource(
                "help_center/articles/{content}/subscriptions",
                can=LIST | SHOW | CREATE | DELETE,
                includes=("users", "articles"),
            )
        )


class SectionSubscription(ContentSubscription):
    """A user's subscription to a section; new subscriptions require a `source_locale`."""

    objects = LocalizedManager["SectionSubscription"].as_manager()

    content: Ref[Section]
    content_id: Id[int]
    source_locale: CreateOnly[str | None]
    include_comments: CreateOnly[bool]

    class Meta:
        singular = "subscription"
        parent = "content"
        required = ("source_locale",)
        api = localize(
            resource(
                "help_center/sections/{content}/subscriptions",
                can=LIST | SHOW | CREATE | DELETE,
                includes=("users", "sections"),
            )
        )


class TopicSubscription(ContentSubscription):
    """A user's subscription to a topic of the community."""

    content: Ref[Topic]
    content_id: Id[int]
    include_comments: Field[bool]

    class Meta:
        singular = "subscription"
        parent = "content"
        api = resource("community/topics/{content}/subscriptions", includes=("users", "topics"))


class PostSubscription(ContentSubscription):
    """A user's subscription to a post of the community."""

    content: Ref[Post]
    content_id: Id[int]
    include_comments: ReadOnly[bool]

    class Meta:
        singular = "subscription"
        parent = "content"
        api = resource(
            "community/posts/{content}/subscriptions",
            can=LIST | SHOW | CREATE | DELETE,
            includes=("users", "posts"),
        )
