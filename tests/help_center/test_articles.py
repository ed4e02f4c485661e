"""Articles: made, read in their places, labelled, archived, searched for."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from zendesk_orm import InvalidValue, NoEndpoint, NotFound, User, ValidationError
from zendesk_orm.help_center import Article, Category, Label, Section


def test_an_article_is_made_in_its_section(section, group, account, count_requests, sent):
    """The path tells the section, and the row has it from then on."""
    with count_requests(account, 1):
        article = Article.objects.create(section=section, title="Tripods", permission_group=group)

    assert f"/api/v2/help_center/sections/{section.pk}/articles" == sent[-1].path
    assert {"title": "Tripods", "permission_group_id": group.pk} == sent[-1].json["article"]
    with count_requests(account, 0):
        assert section.pk == article.section_id
        assert section is article.section
    assert User.objects.get(article.author_id).email == "owner@example.com"


def test_what_an_article_cannot_do_without_is_asked_for_before(account, section, count_requests):
    """A section, and who may publish it; words may come in several locales instead of a title."""
    with count_requests(account, 0), pytest.raises(ValidationError) as caught:
        Article.objects.create(body="...")

    assert {"section", "permission_group"} == set(caught.value.error_dict)


@pytest.mark.parametrize("told", [True, False])
def test_subscribers_are_told_or_not(section, group, sent, told):
    """It is said beside the object, as recorded."""
    article = section.articles.create(
        title="Tripods", permission_group=group, notify_subscribers=told
    )

    assert told is sent[-1].json["notify_subscribers"]
    assert "notify_subscribers" not in sent[-1].json["article"]
    assert article is Article.objects.get(article.pk)


def test_nothing_is_said_of_subscribers_by_default(section, group, sent):
    """As recorded, too: then Zendesk does as it likes."""
    section.articles.create(title="Tripods", permission_group=group)

    assert {"article"} == set(sent[-1].json)


def test_subscribers_are_told_when_it_is_made_and_not_later(article, account, count_requests):
    """Zendesk takes it with no update."""
    article.promoted = True
    with count_requests(account, 0), pytest.raises(InvalidValue, match="when"):
        article.save(notify_subscribers=False)


def test_notices_cannot_wait_for_a_batch(section, group, account, count_requests):
    """The batch would lose it, so that it is refused."""
    article = Article(section=section, title="Tripods", permission_group=group)
    with account.batch(), count_requests(account, 0), pytest.raises(InvalidValue, match="batch"):
        article.save(notify_subscribers=False)


def test_an_article_moves_to_another_section(article, section, account, count_requests):
    """Once it is there its section is changed like any other field."""
    other = section.category.sections.create(name="Cameras")
    article.section = other
    with count_requests(account, 1):
        article.save()

    assert [article] == list(other.articles.all())
    assert [] == list(section.articles.all())


def test_articles_are_read_in_their_places(article, section, account, count_requests):
    """Of a section, a category, an author, and of the whole help center: a request each."""
    author = User.objects.get(article.author_id)
    places = [
        section.articles.all(),
        section.category.articles,
        Article.objects.filter(author=author),
        Article.objects.all(),
        Article.objects.filter(category=section.category),
    ]
    for place in places:
        with count_requests(account, 1):
            assert [article] == list(place)


def test_articles_come_with_their_authors_and_sections(article, account, count_requests):
    """Side-loaded, in the request of the list."""
    with account.session(), count_requests(account, 1):
        found = Article.objects.select_related("author", "section").get(pk=article.pk)
        assert ("Olivia Owner", "Questions") == (found.author.name, found.section.name)


def test_conditions_that_no_path_answers_are_refused(article, account, count_requests):
    """With what there is instead; nothing is asked."""
    with count_requests(account, 0), pytest.raises(NoEndpoint, match="promoted"):
        list(Article.objects.filter(promoted=True))


def test_articles_are_ordered_by_zendesk(section, group, account, count_requests):
    """By the moment of their making, in either direction."""
    for title in ("One", "Two", "Three"):
        section.articles.create(title=title, permission_group=group)
        account.transport.clock.sleep(60)
    with count_requests(account, 1):
        found = list(section.articles.order_by("-created_at"))

    assert ["Three", "Two", "One"] == [each.title for each in found]


def test_an_archived_article_is_gone(article, account, count_requests):
    """By its own name for it, which is a deletion."""
    with count_requests(account, 1):
        article.archive()

    with pytest.raises(Article.DoesNotExist):
        Article.objects.get(article.pk)


def test_a_category_goes_with_all_that_is_inside(article, section):
    """As Zendesk warns."""
    section.category.delete()

    assert [] == [*Category.objects.all(), *Section.objects.all(), *Article.objects.all()]


def test_what_changed_is_exported(article, section, group, account, emulator):
    """To the end, although no page says that it is the last."""
    account.transport.clock.sleep(3600)
    since = article.updated_at + timedelta(minutes=10)
    later = section.articles.create(title="Later", permission_group=group)
    account.transport.clock.sleep(3600)

    assert [later] == list(Article.objects.filter(changed_since=since))
    everything = Article.objects.filter(changed_since=article.created_at - timedelta(days=1))
    assert [article, later] == list(everything)
    assert emulator.requests[-1] == "GET help_center/incremental/articles"


# -- labels -------------------------------------------------------------------


def test_labels_are_added_and_removed(article, account, count_requests):
    """One request each; the names are known anew when they are read."""
    with count_requests(account, 1):
        label = article.add_label("photos")
    assert isinstance(label, Label)
    assert ["photos"] == article.label_names
    article.add_label("cameras")
    with count_requests(account, 1):
        article.remove_label(label)
    assert ["cameras"] == article.label_names


def test_a_label_is_removed_by_its_name(article, account, count_requests):
    """It is looked up first; a name that is none is refused."""
    article.add_label("photos")
    with count_requests(account, 2):
        article.remove_label("photos")
    with pytest.raises(InvalidValue, match="no label 'flash'"):
        article.remove_label("flash")
    with pytest.raises(InvalidValue, match="wants a name"):
        article.add_label(" ")


def test_labels_are_read_both_ways(article, section, group, account, count_requests):
    """The labels of an article, and the articles that have all of some labels."""
    article.label_names = ["photos", "cameras"]
    article.save()
    other = section.articles.create(title="Lenses", permission_group=group, label_names=["cameras"])
    with count_requests(account, 1):
        assert {"photos", "cameras"} == {each.name for each in article.labels.all()}
    with count_requests(account, 1):
        assert [article] == list(Article.objects.filter(label="photos,cameras"))
    assert {article, other} == set(Article.objects.filter(label="cameras"))


def test_a_deleted_label_is_taken_from_all_articles(article):
    """Which is what deleting it is for."""
    label = article.add_label("photos")

    assert [label] == list(Label.objects.all())
    label.delete()
    assert [] == Article.objects.get(article.pk).label_names


# -- search -------------------------------------------------------------------


@pytest.fixture
def searched(section, group):
    """Return two articles that hold the same word, one of them in its title."""
    body = section.articles.create(
        title="Lenses", body="<p>For a tripod</p>", permission_group=group, label_names=["a"]
    )
    title = section.articles.create(
        title="The tripod", body="<p>Stands</p>", permission_group=group, label_names=["b"]
    )
    return title, body


def test_articles_are_searched_for(searched, account, count_requests):
    """The best first, and with what was found in them."""
    with count_requests(account, 1):
        found = list(Article.objects.search("tripod"))

    assert list(searched) == found
    assert "For a <em>tripod</em>" == found[1].snippet
    assert "article" == found[1].result_type


def test_searches_are_narrowed_by_zendesk(searched, section, account, count_requests):
    """By section, category, labels, locale and days."""
    title, body = searched
    found = Article.objects.search("tripod")
    tomorrow = title.created_at.date() + timedelta(days=1)
    with count_requests(account, 6):
        assert list(searched) == list(found.filter(section=section))
        assert list(searched) == list(found.filter(category=section.category))
        assert [body] == list(found.filter(any_label="a"))
        assert [] == list(found.filter(locale="de"))
        assert [] == list(found.filter(created_after=tomorrow))
        assert list(searched) == list(found.filter(created_before=tomorrow))


def test_days_go_out_as_days(searched, sent):
    """Zendesk takes no moments there."""
    list(Article.objects.search("tripod").filter(updated_after=date(2026, 1, 31)))

    assert ("updated_after", "2026-01-31") in sent[-1].params


def test_searches_can_be_sliced_and_ordered(searched, account, count_requests):
    """By pages, and by when they were made."""
    with count_requests(account, 1):
        assert [searched[1]] == list(Article.objects.search("tripod")[1:2])
    with count_requests(account, 1):
        found = list(Article.objects.search("tripod").order_by("created_at"))
    assert [searched[1], searched[0]] == found


def test_a_search_for_nothing_is_refused(account, count_requests):
    """Before anything is sent; so are searches that Zendesk cannot narrow."""
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="words"):
            Article.objects.search(" ")
        with pytest.raises(NoEndpoint, match="query"):
            list(Article.objects.filter(any_label="a"))
        with pytest.raises(NoEndpoint, match="draft"):
            list(Article.objects.search("tripod").filter(draft=True))


def test_a_missing_article_is_missing(account):
    """For all calls alike."""
    with pytest.raises(NotFound):
        Article(id=1).vote_up()
