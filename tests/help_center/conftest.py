"""A help center with a category, a section, an article and a community topic."""

from __future__ import annotations

import pytest

from zendesk_orm import User
from zendesk_orm.help_center import Category, PermissionGroup, Topic


@pytest.fixture
def group(account):
    """Return a permission group."""
    return PermissionGroup.objects.create(name="Writers")


@pytest.fixture
def section(account):
    """Return a section of a category."""
    return Category.objects.create(name="General").sections.create(name="Questions")


@pytest.fixture
def article(section, group):
    """Return an article in English."""
    return section.articles.create(
        title="Low light", body="<p>Use a tripod</p>", permission_group=group, locale="en-us"
    )


@pytest.fixture
def german(article):
    """Return the German translation of the article."""
    article.translations.create(locale="de", title="Wenig Licht", body="<p>Nimm ein Stativ</p>")
    return article.in_locale("de")


@pytest.fixture
def ann(account):
    """Return an end user."""
    return User.objects.create(name="Ann Archer", email="ann@example.com")


@pytest.fixture
def topic(account):
    """Return a topic of the community."""
    return Topic.objects.create(name="Cameras")


@pytest.fixture
def post(topic):
    """Return a post that was created by the owner."""
    return topic.posts.create(title="Which tripod?", details="For low light")
