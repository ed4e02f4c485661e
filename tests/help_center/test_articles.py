"""Articles: created, listed, moved, labelled, archived and searched."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, NotFound, User, ValidationError
from zendesk_orm.help_center import Article, Category, Label, Section


def test_an_article_is_created_in_its_section(section, group, account, count_requests, sent):
    """The section is part of the path and afterwards a relation of the article."""
    with count_requests(account, 1):
        article = Article.objects.create(section=section, title="Tripods", permission_group=group)

    assert sent[-1].path == f"/api/v2/help_center/sections/{section.pk}/articles"
    assert sent[-1].json["article"] == {"title": "Tripods", "permission_group_id": group.pk}
    with count_requests(account, 0):
        assert article.section_id == section.pk
        assert article.section is section
    assert User.objects.get(article.author_id).email == "owner@example.com"


def test_an_article_requires_a_section_and_a_permission_group(account, section, count_requests):
    """A missing section or permission group raises `ValidationError` before any request."""
    with count_requests(account, 0), pytest.raises(ValidationError) as caught:
        Article.objects.create(body="...")

    assert set(caught.value.error_dict) == {"section", "permission_group"}


@pytest.mark.parametrize("notify", [True, False])
def test_notify_subscribers_is_sent_at_the_root_of_the_body(section, group, sent, notify):
    """`notify_subscribers` is sent at the root of the body, as recorded."""
    article = section.articles.create(
        title="Tripods", permission_group=group, notify_subscribers=notify
    )

    assert sent[-1].json["notify_subscribers"] is notify
    assert "notify_subscribers" not in sent[-1].json["article"]
    assert Article.objects.get(article.pk) is article


def test_notify_subscribers_is_omitted_by_default(section, group, sent):
    """By default, the body has no `notify_subscribers`, as recorded."""
    section.articles.create(title="Tripods", permission_group=group)

    assert set(sent[-1].json) == {"article"}


def test_an_update_rejects_notify_subscribers(article, account, count_requests):
    """Zendesk accepts `notify_subscribers` in no update, so it raises before any request."""
    article.promoted = True
    with count_requests(account, 0), pytest.raises(InvalidValue, match="when"):
        article.save(notify_subscribers=False)


def test_a_batch_rejects_notify_subscribers(section, group, account, count_requests):
    """`notify_subscribers` in a batch, which could not send it, raises `InvalidValue`."""
    article = Article(section=section, title="Tripods", permission_group=group)
    with account.batch(), count_requests(account, 0), pytest.raises(InvalidValue, match="batch"):
        article.save(notify_subscribers=False)


def test_an_article_moves_to_another_section(article, section, account, count_requests):
    """Changing the section of an article moves it in one request."""
    other = section.category.sections.create(name="Cameras")
    article.section = other
    with count_requests(account, 1):
        article.save()

    assert list(other.articles.all()) == [article]
    assert list(section.articles.all()) == []


def test_articles_are_listed_by_parent(article, section, account, count_requests):
    """Articles are listed by section, category or author, in one request each."""
    author = User.objects.get(article.author_id)
    queries = [
        section.articles.all(),
        section.category.articles,
        Article.objects.filter(author=author),
        Article.objects.all(),
        Article.objects.filter(category=section.category),
    ]
    for query in queries:
        with count_requests(account, 1):
            assert list(query) == [article]


def test_select_related_loads_authors_and_sections(article, account, count_requests):
    """`select_related()` loads authors and sections without a further request."""
    with account.session(), count_requests(account, 1):
        loaded = Article.objects.select_related("author", "section").get(pk=article.pk)
        assert (loaded.author.name, loaded.section.name) == ("Olivia Owner", "Questions")


def test_unsupported_filters_raise(article, account, count_requests):
    """A filter that no endpoint supports raises `NoEndpoint` before any request."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="promoted"):
        list(Article.objects.filter(promoted=True))


def test_articles_are_ordered_by_zendesk(section, group, account, count_requests):
    """Zendesk orders articles by creation time."""
    for title in ("One", "Two", "Three"):
        section.articles.create(title=title, permission_group=group)
        account.transport.clock.sleep(60)
    with count_requests(account, 1):
        articles = list(section.articles.order_by("-created_at"))

    assert [article.title for article in articles] == ["Three", "Two", "One"]


def test_archive_deletes_an_article(article, account, count_requests):
    """`archive()` deletes an article in one request."""
    with count_requests(account, 1):
        article.archive()

    with pytest.raises(Article.DoesNotExist):
        Article.objects.get(article.pk)


def test_deleting_a_category_deletes_its_contents(article, section):
    """Deleting a category deletes its sections and articles."""
    section.category.delete()

    assert [*Category.objects.all(), *Section.objects.all(), *Article.objects.all()] == []


def test_changed_articles_are_exported(article, section, group, account, emulator):
    """An export returns all articles that changed since a time."""
    account.transport.clock.sleep(3600)
    since = article.updated_at + timedelta(minutes=10)
    later = section.articles.create(title="Later", permission_group=group)
    account.transport.clock.sleep(3600)

    assert list(Article.objects.filter(changed_since=since)) == [later]
    everything = Article.objects.filter(changed_since=article.created_at - timedelta(days=1))
    assert list(everything) == [article, later]
    assert emulator.requests[-1] == "GET help_center/incremental/articles"


# Labels


def test_labels_are_added_and_removed(article, account, count_requests):
    """Labels are added and removed in one request each, which refreshes `label_names`."""
    with count_requests(account, 1):
        label = article.add_label("photos")
    assert isinstance(label, Label)
    assert article.label_names == ["photos"]
    article.add_label("cameras")
    with count_requests(account, 1):
        article.remove_label(label)
    assert article.label_names == ["cameras"]


def test_a_label_is_removed_by_name(article, account, count_requests):
    """`remove_label()` looks up a name; an unknown or empty name raises `InvalidValue`."""
    article.add_label("photos")
    with count_requests(account, 2):
        article.remove_label("photos")
    with pytest.raises(InvalidValue, match="no label 'flash'"):
        article.remove_label("flash")
    with pytest.raises(InvalidValue, match="name of a label"):
        article.add_label(" ")


def test_labels_and_articles_are_listed_from_each_other(
    article, section, group, account, count_requests
):
    """The labels of an article, and the articles with all given labels, are listed."""
    article.label_names = ["photos", "cameras"]
    article.save()
    other = section.articles.create(title="Lenses", permission_group=group, label_names=["cameras"])
    with count_requests(account, 1):
        assert {label.name for label in article.labels.all()} == {"photos", "cameras"}
    with count_requests(account, 1):
        assert list(Article.objects.filter(label="photos,cameras")) == [article]
    assert set(Article.objects.filter(label="cameras")) == {article, other}


def test_deleting_a_label_removes_it_from_articles(article):
    """Deleting a label removes it from all articles."""
    label = article.add_label("photos")

    assert list(Label.objects.all()) == [label]
    label.delete()
    assert Article.objects.get(article.pk).label_names == []


# Search


@pytest.fixture
def matches(section, group):
    """Return two articles that contain the same word, the first one in its title."""
    body = section.articles.create(
        title="Lenses", body="<p>For a tripod</p>", permission_group=group, label_names=["a"]
    )
    title = section.articles.create(
        title="The tripod", body="<p>Stands</p>", permission_group=group, label_names=["b"]
    )
    return title, body


def test_search_returns_the_best_match_first(matches, account, count_requests):
    """`search()` returns the best match first, with snippets."""
    with count_requests(account, 1):
        results = list(Article.objects.search("tripod"))

    assert list(matches) == results
    assert results[1].snippet == "For a <em>tripod</em>"
    assert results[1].result_type == "article"


def test_searches_are_filtered_by_zendesk(matches, section, account, count_requests):
    """Zendesk filters searches by section, category, label, locale and day."""
    title, body = matches
    search = Article.objects.search("tripod")
    tomorrow = title.created_at.date() + timedelta(days=1)
    with count_requests(account, 6):
        assert list(search.filter(section=section)) == list(matches)
        assert list(search.filter(category=section.category)) == list(matches)
        assert list(search.filter(any_label="a")) == [body]
        assert list(search.filter(locale="de")) == []
        assert list(search.filter(created_after=tomorrow)) == []
        assert list(search.filter(created_before=tomorrow)) == list(matches)


def test_days_are_sent_as_dates(matches, sent):
    """Searches send dates without a time, as Zendesk requires."""
    list(Article.objects.search("tripod").filter(updated_after=date(2026, 1, 31)))

    assert ("updated_after", "2026-01-31") in sent[-1].params


def test_searches_can_be_sliced_and_ordered(matches, account, count_requests):
    """Searches can be sliced, and ordered by creation time."""
    with count_requests(account, 1):
        assert list(Article.objects.search("tripod")[1:2]) == [matches[1]]
    with count_requests(account, 1):
        results = list(Article.objects.search("tripod").order_by("created_at"))
    assert [matches[1], matches[0]] == results


def test_invalid_searches_are_rejected(account, count_requests):
    """An empty search, and filters that search does not support, raise before any request."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="search"):
            Article.objects.search(" ")
        with pytest.raises(NoEndpoint, match="query"):
            list(Article.objects.filter(any_label="a"))
        with pytest.raises(NoEndpoint, match="draft"):
            list(Article.objects.search("tripod").filter(draft=True))


def test_a_missing_article_is_not_found(account):
    """Voting for a missing article raises `NotFound`."""
    with pytest.raises(NotFound):
        Article(id=1).vote_up()
