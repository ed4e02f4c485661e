"""The paths of the help center that are answered by hand, and the ways of its models.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/introduction/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zendesk_orm.emulator import (
    guide_files,
    guide_following,
    guide_labels,
    guide_parts,
    guide_posts,
    guide_search,
    guide_translations,
    guide_votes,
    guide_words,
)
from zendesk_orm.emulator.plain import Written
from zendesk_orm.emulator.store import Stored
from zendesk_orm.emulator.world import Answer, Call, Target, World
from zendesk_orm.schema.options import Options


ROUTES: Mapping[tuple[str, str, str], Callable[[World, Call, Target], Answer]] = {
    **guide_files.ROUTES,
    **guide_following.ROUTES,
    **guide_labels.ROUTES,
    **guide_parts.ROUTES,
    **guide_posts.ROUTES,
    **guide_search.ROUTES,
    **guide_translations.ROUTES,
    **guide_votes.ROUTES,
    **guide_words.ROUTES,
}
CREATES: Mapping[str, Callable[[World, Options, Mapping[str, Any], Mapping[str, Any]], Written]] = {
    "help_center.Article": guide_words.create,
    "help_center.ArticleComment": guide_votes.create_comment,
    "help_center.ArticleSubscription": guide_following.create,
    "help_center.ArticleTranslation": guide_translations.create_translation,
    "help_center.Badge": guide_parts.write_badge,
    "help_center.Category": guide_words.create,
    "help_center.CategoryTranslation": guide_translations.create_translation,
    "help_center.Post": guide_posts.create_post,
    "help_center.PostComment": guide_votes.create_comment,
    "help_center.PostSubscription": guide_following.create,
    "help_center.Section": guide_words.create,
    "help_center.SectionSubscription": guide_following.create,
    "help_center.SectionTranslation": guide_translations.create_translation,
    "help_center.Topic": guide_parts.create_topic,
    "help_center.TopicSubscription": guide_following.create,
}
UPDATES: Mapping[str, Callable[[World, Options, Stored, Mapping[str, Any]], Written]] = {
    "help_center.Article": guide_words.update,
    "help_center.Badge": guide_parts.change_badge,
    "help_center.Category": guide_words.update,
    "help_center.Section": guide_words.update,
    "help_center.Topic": guide_parts.change_topic,
}
DELETES: Mapping[str, Callable[[World, Options, Stored], Written]] = {
    "help_center.Article": guide_words.delete,
    "help_center.ArticleAttachment": guide_files.delete,
    "help_center.ArticleComment": guide_votes.delete_comment,
    "help_center.ArticleSubscription": guide_following.delete,
    "help_center.BadgeCategory": guide_parts.delete_category,
    "help_center.Category": guide_words.delete,
    "help_center.Label": guide_labels.delete,
    "help_center.PostComment": guide_votes.delete_comment,
    "help_center.PostSubscription": guide_following.delete,
    "help_center.Section": guide_words.delete,
    "help_center.SectionSubscription": guide_following.delete,
    "help_center.TopicSubscription": guide_following.delete,
    "help_center.Vote": guide_votes.delete_vote,
}
