"""The Help Center of Zendesk: articles and their translations, the community, and search.

A model is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from zendesk_orm.help_center.article_attachments import ArticleAttachment
    from zendesk_orm.help_center.article_comments import ArticleComment
    from zendesk_orm.help_center.articles import Article
    from zendesk_orm.help_center.badges import Badge, BadgeAssignment, BadgeCategory
    from zendesk_orm.help_center.browser_sessions import HelpCenterSession
    from zendesk_orm.help_center.categories import Category
    from zendesk_orm.help_center.content_tags import ContentTag
    from zendesk_orm.help_center.guide_media import GuideMedia
    from zendesk_orm.help_center.labels import Label
    from zendesk_orm.help_center.permission_groups import PermissionGroup
    from zendesk_orm.help_center.post_comments import PostComment
    from zendesk_orm.help_center.posts import Post
    from zendesk_orm.help_center.redirect_rules import RedirectRule
    from zendesk_orm.help_center.search_results import (
        FeaturedArticle,
        SearchResult,
        SuggestedArticle,
    )
    from zendesk_orm.help_center.sections import Section
    from zendesk_orm.help_center.service_catalog import ServiceCatalogItem
    from zendesk_orm.help_center.subscriptions import (
        ArticleSubscription,
        ContentSubscription,
        PostSubscription,
        SectionSubscription,
        Subscription,
        TopicSubscription,
    )
    from zendesk_orm.help_center.topics import Topic
    from zendesk_orm.help_center.translated import Translated
    from zendesk_orm.help_center.translations import (
        ArticleTranslation,
        CategoryTranslation,
        Locales,
        SectionTranslation,
        Translation,
    )
    from zendesk_orm.help_center.user_images import UserImage
    from zendesk_orm.help_center.user_segments import UserSegment
    from zendesk_orm.help_center.user_subscriptions import UserSubscription
    from zendesk_orm.help_center.votes import Vote

else:
    __getattr__, __dir__ = registry.on_first_use(
        __name__,
        {
            "article_attachments": "ArticleAttachment",
            "article_comments": "ArticleComment",
            "articles": "Article",
            "badges": "Badge BadgeAssignment BadgeCategory",
            "browser_sessions": "HelpCenterSession",
            "categories": "Category",
            "content_tags": "ContentTag",
            "guide_media": "GuideMedia",
            "labels": "Label",
            "permission_groups": "PermissionGroup",
            "post_comments": "PostComment",
            "posts": "Post",
            "redirect_rules": "RedirectRule",
            "search_results": "FeaturedArticle SearchResult SuggestedArticle",
            "sections": "Section",
            "service_catalog": "ServiceCatalogItem",
            "subscriptions": "ArticleSubscription ContentSubscription PostSubscription "
            "SectionSubscription Subscription TopicSubscription",
            "topics": "Topic",
            "translated": "Translated",
            "translations": "ArticleTranslation CategoryTranslation Locales SectionTranslation "
            "Translation",
            "user_images": "UserImage",
            "user_segments": "UserSegment",
            "user_subscriptions": "UserSubscription",
            "votes": "Vote",
        },
    )

__all__ = [
    "Article",
    "ArticleAttachment",
    "ArticleComment",
    "ArticleSubscription",
    "ArticleTranslation",
    "Badge",
    "BadgeAssignment",
    "BadgeCategory",
    "Category",
    "CategoryTranslation",
    "ContentSubscription",
    "ContentTag",
    "FeaturedArticle",
    "GuideMedia",
    "HelpCenterSession",
    "Label",
    "Locales",
    "PermissionGroup",
    "Post",
    "PostComment",
    "PostSubscription",
    "RedirectRule",
    "SearchResult",
    "Section",
    "SectionSubscription",
    "SectionTranslation",
    "ServiceCatalogItem",
    "Subscription",
    "SuggestedArticle",
    "Topic",
    "TopicSubscription",
    "Translated",
    "Translation",
    "UserImage",
    "UserSegment",
    "UserSubscription",
    "Vote",
]
