"""The Help Center: articles, the community, and the rest of Guide."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model: first of responses, then of requests.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "help_center.Article": ("ArticleObject",),
    "help_center.ArticleAttachment": ("ArticleAttachmentObject",),
    "help_center.ArticleComment": ("CommentObject",),
    "help_center.ArticleSubscription": ("ContentSubscriptionObject",),
    "help_center.ArticleTranslation": ("TranslationObject",),
    "help_center.Badge": (),
    "help_center.BadgeAssignment": (),
    "help_center.BadgeCategory": (),
    "help_center.Category": ("CategoryObject",),
    "help_center.CategoryTranslation": ("TranslationObject",),
    "help_center.ContentTag": (),
    "help_center.FeaturedArticle": (),
    "help_center.GuideMedia": (),
    "help_center.HelpCenterSession": ("HelpCenterSessionObject",),
    "help_center.Label": ("LabelObject",),
    "help_center.Locales": ("LocalesWithDefaultResponse",),
    "help_center.PermissionGroup": (),
    "help_center.Post": ("PostObject",),
    "help_center.PostComment": ("PostCommentObject",),
    "help_center.PostSubscription": ("ContentSubscriptionObject",),
    "help_center.RedirectRule": (),
    "help_center.SearchResult": ("UnifiedSearchResult",),
    "help_center.Section": ("SectionObject",),
    "help_center.SectionSubscription": ("ContentSubscriptionObject",),
    "help_center.SectionTranslation": ("TranslationObject",),
    "help_center.ServiceCatalogItem": ("ServiceCatalogItemObject",),
    "help_center.Subscription": ("ContentSubscriptionObject",),
    "help_center.SuggestedArticle": (),
    "help_center.Topic": ("TopicObject",),
    "help_center.TopicSubscription": ("ContentSubscriptionObject",),
    "help_center.UserImage": (),
    "help_center.UserSegment": ("UserSegmentObject",),
    "help_center.UserSubscription": ("UserSubscriptionObject",),
    "help_center.Vote": ("VoteObject",),
}

_GUIDE = "Zendesk's page describes it, its OpenAPI file does not"
_MOMENT = "described as a plain string, recorded as a moment"
_PATH = "the path tells it when one is made"
_USER = "described in words: managers may say for whom"

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    "help_center.Article.result_type": "of a search alone: described beside its answer",
    "help_center.Article.snippet": "the same",
    "help_center.Article.translations": "sent only: words in several locales, by the page",
    "help_center.ArticleAttachment.display_file_name": "seen in rows that others published",
    "help_center.ArticleAttachment.relative_path": "the same",
    "help_center.Category.translations": "sent only: words in several locales, by the page",
    "help_center.HelpCenterSession.id": "there is one: the model writes it into the row",
    "help_center.Locales.id": "the same",
    "help_center.SearchResult.id": "the address by another name: the model writes it into the row",
    "help_center.Section.sorting": "described in words: an update of a section takes it",
    "help_center.Section.translations": "sent only: words in several locales, by the page",
    **{
        f"help_center.{model}.{name}": _GUIDE
        for model, names in {
            "Badge": "badge_category_id created_at description icon_upload_id icon_url id name "
            "updated_at",
            "BadgeAssignment": "badge_id created_at id user_id",
            "BadgeCategory": "brand_id created_at id name slug updated_at",
            "GuideMedia": "access_key content_type created_at id name size updated_at url version",
            "PermissionGroup": "built_in created_at edit id name publish updated_at",
            "RedirectRule": "brand_id created_at id redirect_from redirect_status redirect_to "
            "updated_at",
        }.items()
        for name in names.split()
    },
    **{
        f"help_center.{model}.{name}": "described without a schema of its own"
        for model, names in {
            "FeaturedArticle": "breadcrumbs id multibrand stripped_title title url",
            "SuggestedArticle": "html_url id name",
            "UserImage": "content_type id path size",
        }.items()
        for name in names.split()
    },
}

#: Described properties that are not declared.
LEFT_OUT: dict[str, str] = {
    "help_center.ArticleAttachment.file": "sent by `upload()`, as a part of a form",
    "help_center.ArticleAttachment.guide_media_id": "sent by `use()`, as a part of a form",
    "help_center.PostSubscription.source_locale": "of sections and articles alone, by its words",
    "help_center.TopicSubscription.source_locale": "the same",
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "help_center.Article.edited_at": _MOMENT,
    **{
        f"help_center.{model}.{name}": _MOMENT
        for model in (
            "Article",
            "ArticleAttachment",
            "ArticleComment",
            "ArticleSubscription",
            "ArticleTranslation",
            "CategoryTranslation",
            "Label",
            "PostComment",
            "PostSubscription",
            "Section",
            "SectionSubscription",
            "SectionTranslation",
            "Subscription",
            "Topic",
            "TopicSubscription",
            "UserSegment",
            "Vote",
        )
        for name in ("created_at", "updated_at")
    },
}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    "help_center.Article.draft": "sent to the translation, as its words say",
    "help_center.ArticleAttachment.article_id": "the path tells it",
    "help_center.ArticleAttachment.inline": "sent by `upload()`, as a part of a form",
    "help_center.ArticleAttachment.locale": "the same",
    "help_center.ArticleComment.source_id": _PATH,
    "help_center.ArticleSubscription.content_id": _PATH,
    "help_center.ArticleSubscription.user_id": _USER,
    "help_center.ArticleTranslation.source_id": _PATH,
    "help_center.CategoryTranslation.source_id": _PATH,
    "help_center.HelpCenterSession.csrf_token": "there is no call that would set it",
    "help_center.Label.name": "a label is made by `article.add_label()`, and never changed",
    "help_center.Locales.default_locale": "there is no call that would set it",
    "help_center.Locales.locales": "the same",
    "help_center.Post.author_id": _USER,
    "help_center.Post.created_at": "described in words: managers may say when",
    "help_center.PostComment.post_id": _PATH,
    "help_center.PostSubscription.content_id": _PATH,
    "help_center.PostSubscription.user_id": _USER,
    "help_center.SectionSubscription.content_id": _PATH,
    "help_center.SectionSubscription.include_comments": "described in words, of those made",
    "help_center.SectionSubscription.user_id": _USER,
    "help_center.SectionTranslation.source_id": _PATH,
    "help_center.ServiceCatalogItem.description": "there is no call that would set it",
    "help_center.ServiceCatalogItem.name": "the same",
    "help_center.ServiceCatalogItem.thumbnail_url": "the same",
    "help_center.Subscription.source_locale": "sent when one is made, to an article or a section",
    "help_center.Subscription.user_id": _USER,
    "help_center.Topic.created_at": "described in words: managers may say when",
    "help_center.TopicSubscription.content_id": _PATH,
    "help_center.TopicSubscription.include_comments": "described in words, and can be updated",
    "help_center.TopicSubscription.user_id": _USER,
    "help_center.Vote.value": "told by the path: up, or down",
    **{
        f"help_center.SearchResult.{name}": "what a search found is never changed"
        for name in ("title", "type", "updated_at", "url")
    },
}

#: Calls that Zendesk does not describe, with their sources.
CALLS_UNDESCRIBED: dict[str, str] = {
    **dict.fromkeys(
        (
            "DELETE gather/badge_assignments/{}",
            "DELETE gather/badge_categories/{}",
            "DELETE gather/badges/{}",
            "DELETE guide/content_tags/{}",
            "DELETE guide/medias/{}",
            "DELETE guide/permission_groups/{}",
            "DELETE guide/redirect_rules/{}",
            "GET gather/badge_assignments",
            "GET gather/badge_categories",
            "GET gather/badge_categories/{}",
            "GET gather/badges",
            "GET gather/badges/{}",
            "GET guide/content_tags",
            "GET guide/content_tags/{}",
            "GET guide/medias",
            "GET guide/medias/{}",
            "GET guide/permission_groups",
            "GET guide/permission_groups/{}",
            "GET guide/redirect_rules",
            "GET guide/redirect_rules/{}",
            "POST gather/badge_assignments",
            "POST gather/badge_categories",
            "POST gather/badges",
            "POST gather/badges/icon_uploads",
            "POST guide/content_tags",
            "POST guide/content_tags/jobs",
            "POST guide/medias",
            "POST guide/medias/upload_url",
            "POST guide/permission_groups",
            "POST guide/redirect_rules",
            "PUT gather/badges/{}",
            "PUT guide/content_tags/{}",
            "PUT guide/permission_groups/{}",
        ),
        _GUIDE,
    ),
}

#: Side-loads that are described in the text, but not in the tables of parameters.
_LOCALIZED = (
    "articles",
    "articles/{}",
    "articles/{}/comments",
    "articles/{}/comments/{}",
    "articles/{}/subscriptions",
    "articles/{}/subscriptions/{}",
    "categories/{}/articles",
    "categories/{}/sections",
    "sections",
    "sections/{}",
    "sections/{}/articles",
    "sections/{}/subscriptions",
    "sections/{}/subscriptions/{}",
)
_SIDELOADING = (
    *(f"help_center/{path}" for path in _LOCALIZED),
    *(f"help_center/{{}}/{path}" for path in _LOCALIZED),
    *(f"help_center/{path}" for path in ("categories", "categories/{}")),
    *(f"help_center/{{}}/{path}" for path in ("categories", "categories/{}")),
    "community/posts/{}",
    "community/posts/{}/comments",
    "community/posts/{}/comments/{}",
    "community/posts/{}/subscriptions",
    "community/posts/{}/subscriptions/{}",
    "community/topics/{}/subscriptions",
    "community/topics/{}/subscriptions/{}",
    "community/users/{}/comments",
    "help_center/users/{}/articles",
    "help_center/users/{}/comments",
    "help_center/users/{}/subscriptions",
    "help_center/users/{}/user_subscriptions",
    "help_center/votes/{}",
)

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET gather/badge_assignments", "badge_category_id"): _GUIDE,
    ("GET gather/badge_assignments", "badge_id"): _GUIDE,
    ("GET gather/badge_assignments", "brand_id"): _GUIDE,
    ("GET gather/badge_assignments", "user_id"): _GUIDE,
    ("GET gather/badge_categories", "brand_id"): _GUIDE,
    ("GET gather/badges", "brand_id"): _GUIDE,
    ("GET guide/content_tags", "filter[name_prefix]"): _GUIDE,
    ("GET guide/content_tags", "sort"): "described by the page on content tags",
    ("GET guide/redirect_rules", "filter[redirect_from_prefix]"): _GUIDE,
    ("GET guide/redirect_rules", "sort"): "described by the page on redirect rules",
    **{(f"GET {path}", "include"): "described in words" for path in _SIDELOADING},
}

#: Side-loads that are known from another source than the description of the path.
SIDELOADS_UNDESCRIBED: dict[tuple[str, str], str] = {
    **{
        (f"help_center/{path}", name): "told by the page on articles, of all their lists"
        for path in (
            "articles",
            "categories/{}/articles",
            "sections/{}/articles",
            "users/{}/articles",
            "{}/articles",
            "{}/categories/{}/articles",
            "{}/sections/{}/articles",
        )
        for name in ("sections", "translations", "users")
    },
    **{
        (f"help_center/{path}", name): "those of the list"
        for path in ("articles/{}/comments/{}", "{}/articles/{}/comments/{}")
        for name in ("articles", "users")
    },
}

#: Described side-loads that are not declared, with the reason.
SIDELOADS_LEFT_OUT: dict[tuple[str, str], str] = {
    **{
        (f"help_center/{locale}{path}", "translations"): "a subscription itself has no translations"
        for locale in ("", "{}/")
        for path in (
            "sections/{}/subscriptions",
            "sections/{}/subscriptions/{}",
        )
    },
    **{
        (f"help_center/{locale}articles/{{}}", "categories"): "the section's, not the article's"
        for locale in ("", "{}/")
    },
    **{
        (f"help_center/{locale}{path}", "sections"): "the article's, not the subscription's"
        for locale in ("", "{}/")
        for path in ("articles/{}/subscriptions", "articles/{}/subscriptions/{}")
    },
    **{
        ("help_center/users/{}/subscriptions", name): "each row points to one of several models"
        for name in ("articles", "questions", "sections", "topics", "translations")
    },
    **{
        ("help_center/votes/{}", name): "each vote is on one of several models"
        for name in ("articles", "comments", "posts", "translations")
    },
}

#: Operations whose effect another call of the library has.
SERVED_BY_OTHERS: dict[str, str] = {
    "GET help_center/articles/embeddable_search": "Article.objects.filter(query=...)",
}
