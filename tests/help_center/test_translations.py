"""Words in several locales: sent to translations, and read in each."""

from __future__ import annotations

import gc

import pytest

from zendesk_orm import InvalidValue, Prefetch, post_save, pre_save, receiver
from zendesk_orm.api.endpoint import Verb
from zendesk_orm.errors import BadRequest
from zendesk_orm.help_center import (
    Article,
    ArticleTranslation,
    Category,
    CategoryTranslation,
    Locales,
    PermissionGroup,
    Section,
    locales,
)
from zendesk_orm.http.request import Request


# -- words are routed ----------------------------------------------------------


def test_a_title_goes_to_the_translation(article, emulator, account, count_requests):
    """In one request, and the object is up to date without another."""
    article.title = "Darkness"
    with count_requests(account, 1):
        article.save()
        assert ("Darkness", "Darkness") == (article.title, article.to_dict()["title"])
        assert {} == article.changes()

    path = f"help_center/articles/{article.pk}/translations/en-us"
    assert f"PUT {path}" == emulator.requests[-1]
    assert "Darkness" == Article.objects.get(article.pk).title


def test_everything_else_goes_to_the_article(article, sent, account, count_requests):
    """Without a look at any translation."""
    article.promoted = True
    with count_requests(account, 1):
        article.save()

    assert {"article": {"promoted": True}} == sent[-1].json


def test_both_take_two_requests(article, emulator, sent, account, count_requests):
    """The words go first, so that what the article answers holds them."""
    article.title, article.body, article.position = "Darkness", "<p>A flash</p>", 7
    with count_requests(account, 2):
        article.save()

    assert {"translation": {"title": "Darkness", "body": "<p>A flash</p>"}} == sent[-2].json
    assert {"article": {"position": 7}} == sent[-1].json
    with count_requests(account, 0):
        assert ("Darkness", 7) == (article.title, article.position)
        assert article.html_url.endswith("Darkness")


def test_a_draft_is_published_by_its_translation(section, group, sent):
    """When it is made the article takes it, and never again."""
    article = section.articles.create(title="Soon", permission_group=group, draft=True)
    article.draft = False
    article.save()

    assert {"translation": {"draft": False}} == sent[-1].json
    assert Article.objects.get(article.pk).draft is False


def test_what_zendesk_sets_is_read_when_it_is_wanted(article, account, count_requests):
    """The answer of a translation does not tell when the article was edited."""
    account.transport.clock.sleep(60)
    before = article.edited_at
    article.title = "Darkness"
    article.save()
    with count_requests(account, 1):
        assert before < article.edited_at
        assert article.html_url.endswith("Darkness")


def test_unchanged_words_cost_nothing(article, account, count_requests):
    """Reading them is no change, and setting the old value undoes one."""
    with count_requests(account, 0):
        article.title = article.title
        article.save()


def test_only_the_named_fields_are_sent(article, account, count_requests):
    """Of words and of the rest."""
    article.title, article.body, article.promoted = "Darkness", "<p>A flash</p>", True
    with count_requests(account, 1):
        article.save(update_fields=["title"])
    assert {"body", "promoted"} == set(article.changes())
    with count_requests(account, 1):
        article.save(update_fields=["promoted"])
    assert {"body"} == set(article.changes())


@pytest.mark.parametrize("model", [Category, Section])
def test_names_and_descriptions_are_words(model, section, emulator, account, count_requests):
    """Of sections and categories: a name is the title, a description the body."""
    thing = section if model is Section else section.category
    thing.refresh_from_db()
    thing.name, thing.description = "Renamed", "About it"
    with count_requests(account, 1):
        thing.save()

    plural = model._meta.plural
    assert f"PUT help_center/{plural}/{thing.pk}/translations/en-us" == emulator.requests[-1]
    found = model.objects.get(thing.pk)
    assert ("Renamed", "About it") == (found.name, found.description)


def test_words_in_the_update_itself_are_ignored(article, account):
    """As recorded of categories: that is why they are routed."""
    path = f"/api/v2/help_center/articles/{article.pk}"
    account.transport.send(Request("PUT", path, json={"article": {"title": "Lost"}}))

    assert "Low light" == Article.objects.get(article.pk).title


def test_each_part_is_announced(article):
    """The words and the rest, each with what changed."""
    seen = []

    @receiver(pre_save, sender=Article)
    def before(sender, changes, **kwargs):
        seen.append(("before", set(changes)))

    @receiver(post_save, sender=Article)
    def after(sender, changes, created, **kwargs):
        seen.append(("after", set(changes)))
        assert not created

    article.title, article.promoted = "Darkness", True
    article.save()

    assert [
        ("before", {"title"}),
        ("after", {"title"}),
        ("before", {"promoted"}),
        ("after", {"promoted"}),
    ] == seen


def test_a_receiver_may_change_the_words(article):
    """What it says is what is sent."""

    @receiver(pre_save, sender=Article)
    def shout(sender, instance, **kwargs):
        instance.title = instance.title.upper()

    article.title = "Darkness"
    article.save()

    assert "DARKNESS" == Article.objects.get(article.pk).title
    assert {} == article.changes()


def test_a_batch_sends_words_and_rest_at_its_end(article, account, count_requests):
    """Nothing before; and the object knows them then."""
    with account.batch():
        article.title, article.promoted = "Darkness", True
        with count_requests(account, 0):
            article.save()

    found = Article.objects.get(article.pk)
    assert ("Darkness", True) == (found.title, found.promoted)
    assert {} == article.changes()


def test_a_dry_run_tells_the_words(article, account, count_requests, capsys):
    """And sends nothing."""
    with account.dry_run() as diff, count_requests(account, 0):
        article.title = "Darkness"
        article.save()

    assert 1 == len(diff)
    assert "Darkness" in str(diff)


def test_words_edited_meanwhile_stay_edits(article):
    """What was assigned after save() was called in a batch is not lost."""
    account_ = article._session().account
    with account_.batch():
        article.title = "First"
        article.save()
        article.title = "Second"

    assert {"title"} == set(article.changes())
    article.save()
    assert "Second" == Article.objects.get(article.pk).title


def test_words_of_an_unknown_locale_are_refused(account, count_requests):
    """An object of which only the id is known does not tell its locale."""
    article = Article(id=5)
    article.title = "Darkness"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="locale"):
        article.save()


# -- locales in the path -------------------------------------------------------


def test_a_locale_is_read_by_its_path(german, emulator, account, count_requests):
    """In one request; the other locale is another object."""
    with count_requests(account, 1):
        found = list(Article.objects.filter(locale="de"))

    assert "GET help_center/de/articles" == emulator.requests[-1]
    assert ["Wenig Licht"] == [each.title for each in found]
    assert "Low light" == Article.objects.get(german.pk).title
    assert "Wenig Licht" == found[0].title


def test_one_article_is_read_in_a_locale(article, german, emulator, account, count_requests):
    """By its id, in one request."""
    with count_requests(account, 1):
        found = Article.objects.get(id=article.pk, locale="de")
    assert f"GET help_center/de/articles/{article.pk}" == emulator.requests[-1]
    assert found.title == german.title
    with count_requests(account, 1), pytest.raises(Article.DoesNotExist):
        article.in_locale("fr")


def test_locales_are_objects_of_their_own(article, german):
    """Edits of one are not seen in the other, and each is saved in its own locale."""
    article.title, german.title = "Darkness", "Dunkelheit"
    german.save()
    list(Article.objects.all())
    list(Article.objects.filter(locale="de"))

    assert ("Darkness", "Dunkelheit") == (article.title, german.title)
    article.save()
    titles = {each.locale: each.title for each in article.translations.all()}
    assert {"en-us": "Darkness", "de": "Dunkelheit"} == titles


def test_an_open_session_holds_each_locale(article, german, account, count_requests):
    """What it read by id it reads once: in each locale."""
    with account.session():
        Article.objects.get(article.pk)
        Article.objects.get(id=article.pk, locale="de")
        with count_requests(account, 0):
            assert "Low light" == Article.objects.get(article.pk).title
            assert "Wenig Licht" == Article.objects.get(id=article.pk, locale="de").title


def test_an_article_in_a_locale_works_by_its_paths(german, emulator, account, count_requests):
    """Reading anew, changing, voting and archiving: as end users have to."""
    german.promoted = True
    german.save()
    assert f"PUT help_center/de/articles/{german.pk}" == emulator.requests[-1]
    german.refresh_from_db()
    assert f"GET help_center/de/articles/{german.pk}" == emulator.requests[-1]
    assert "Wenig Licht" == german.title
    german.vote_up()
    assert f"POST help_center/de/articles/{german.pk}/up" == emulator.requests[-1]
    # There is no such path with a locale.
    german.vote_down()
    assert f"POST help_center/articles/{german.pk}/down" == emulator.requests[-1]
    german.delete()
    assert f"DELETE help_center/de/articles/{german.pk}" == emulator.requests[-1]


def test_an_article_is_made_in_a_locale(section, group, emulator):
    """By the path, or by the field."""
    german = Article.objects.filter(locale="de").create(
        section=section, title="Blitz", permission_group=group
    )
    assert f"POST help_center/de/sections/{section.pk}/articles" == emulator.requests[-1]
    assert ("de", "de") == (german.locale, german.source_locale)
    french = section.articles.create(title="Flash", permission_group=group, locale="fr")
    assert "fr" == Article.objects.get(french.pk).locale


def test_an_article_is_made_in_several_locales(section, group, account, count_requests):
    """In one request, the first being its source."""
    words = [{"locale": "en-us", "title": "Flash"}, {"locale": "de", "title": "Blitz"}]
    with count_requests(account, 1):
        article = section.articles.create(permission_group=group, translations_=words)
        assert ("en-us", "Flash") == (article.source_locale, article.title)

    assert "Blitz" == article.in_locale("de").title


def test_nothing_is_made_without_words(section, group):
    """Zendesk says so."""
    with pytest.raises(BadRequest) as caught:
        section.articles.create(permission_group=group)

    assert {"errors": {"title": ["cannot be blank"]}} == caught.value.body


def test_sections_and_categories_have_locales(section, emulator):
    """By their paths, too."""
    section.translations.create(locale="de", title="Fragen")
    section.category.translations.create(locale="de", title="Allgemeines")

    assert ["Fragen"] == [each.name for each in Section.objects.filter(locale="de")]
    inside = section.category.sections.filter(locale="de")
    assert ["Fragen"] == [each.name for each in inside]
    assert f"GET help_center/de/categories/{section.category_id}/sections" == emulator.requests[-1]
    assert ["Allgemeines"] == [each.name for each in Category.objects.filter(locale="de")]
    assert "Fragen" == section.in_locale("de").name


def test_articles_of_a_section_are_read_in_a_locale(german, section, emulator):
    """The section's path, with the locale before it."""
    assert ["Wenig Licht"] == [each.title for each in section.articles.filter(locale="de")]
    assert f"GET help_center/de/sections/{section.pk}/articles" == emulator.requests[-1]


def test_a_locale_that_is_none_is_refused(article, account, count_requests):
    """It would be a step to another path."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="locale"):
        article.in_locale("../users")


def test_sessions_of_locales_go_with_their_own(article, german, account):
    """They are kept as long as the session that they belong to."""
    with account.session() as session:
        Article.objects.get(id=article.pk, locale="de")
        assert session in locales._sessions
        before = len(locales._sessions)
    del session
    gc.collect()
    assert len(locales._sessions) < before


def test_each_path_with_a_locale_is_declared():
    """A session of a locale changes the paths of calls that have a counterpart, and no others."""
    twins = {
        (each.method, each.path)
        for each in Article._meta.api
        if each.path.startswith("help_center/{locale}/") and each.verb is not Verb.LIST
    }

    assert ("PUT", "help_center/{locale}/articles/{id}") in twins
    assert ("POST", "help_center/{locale}/articles/{id}/up") in twins
    assert ("POST", "help_center/{locale}/articles/{id}/down") not in twins


# -- translations themselves ----------------------------------------------------


def test_translations_are_read_and_changed(article, german, account, count_requests):
    """As objects of their own."""
    with count_requests(account, 1):
        assert {"en-us", "de"} == {each.locale for each in article.translations.all()}
    with count_requests(account, 1):
        found = article.translations.get(locale="de")
    with count_requests(account, 1):
        assert found == article.translations.in_locale("de")
    found.title, found.outdated = "Dunkelheit", True
    with count_requests(account, 1):
        found.save()
    assert "Dunkelheit" == article.in_locale("de").title
    with count_requests(account, 1):
        assert [found] == list(article.translations.filter(outdated=True))


def test_missing_translations_are_told(article, german, account, count_requests):
    """The locales of the help center that there are no words for."""
    with count_requests(account, 1):
        assert ["fr"] == article.translations.missing()
    assert ["de", "fr"] == article.section.translations.missing()
    with count_requests(account, 0), pytest.raises(InvalidValue, match="whose"):
        ArticleTranslation.objects.missing()


def test_a_translation_is_deleted(article, german, account, count_requests):
    """But not the only one."""
    with count_requests(account, 1):
        found = article.translations.in_locale("de")
    found.delete()
    assert ["de", "fr"] == article.translations.missing()
    with pytest.raises(BadRequest):
        article.translations.in_locale("en-us").delete()
    category = article.section.category
    words = category.translations.create(locale="fr", title="En bref")
    assert isinstance(words, CategoryTranslation)
    words.delete()
    assert ["de", "fr"] == category.translations.missing()


def test_a_translation_belongs_to_what_it_translates(german, article, account, count_requests):
    """Read through it, without a request for what is at hand."""
    found = article.translations.in_locale("de")
    with count_requests(account, 0):
        assert article is found.source
        assert "Article" == found.source_type
    assert "Olivia Owner" == found.created_by.name


def test_a_locale_is_translated_to_once(article, german):
    """And only if the help center is enabled for it."""
    with pytest.raises(BadRequest):
        article.translations.create(locale="de", title="Noch einmal")
    with pytest.raises(BadRequest):
        article.translations.create(locale="xx", title="?")


def test_another_locale_becomes_the_source(article, german, account, count_requests):
    """What is known of the object is read anew."""
    with count_requests(account, 1):
        article.set_source_locale("de")
    assert ("de", "Wenig Licht") == (article.source_locale, article.title)


def test_the_locales_of_the_help_center(account, count_requests):
    """There is one row of them."""
    with count_requests(account, 1):
        found = Locales.objects.get()

    assert ("en-us", ["en-us", "de", "fr"]) == (found.default_locale, found.locales)


@pytest.mark.parametrize("way", ["list", "section", "show"])
def test_translations_come_with_their_articles(emulator, way):
    """`prefetch_related("translations")` costs no request: Zendesk puts them into each article."""

    category = Category.objects.create(name="C", locale="en-us")
    section = Section.objects.create(name="S", locale="en-us", category=category)
    group = PermissionGroup.objects.create(name="G")
    articles = [
        Article.objects.create(
            title=f"T{n}", body="x", locale="en-us", section=section, permission_group=group
        )
        for n in range(30)
    ]
    queries = {
        "list": Article.objects.all(),
        "section": Article.objects.filter(section=section),
        "show": Article.objects.filter(id=articles[0].pk),
    }
    del emulator.requests[:]

    found = list(queries[way].prefetch_related("translations"))
    words = [[each.title for each in article.translations.all()] for article in found]

    assert 1 == len(emulator.requests)
    assert sorted(words) == sorted([article.title] for article in found)
    assert all(each.source.pk == found[0].pk for each in found[0].translations.all())
    assert "translations" not in found[0].extra


@pytest.mark.parametrize("model", [Category, Section])
def test_translations_come_with_sections_and_categories(emulator, model):
    """The same goes for their lists."""
    category = Category.objects.create(name="C", locale="en-us")
    Section.objects.create(name="S", locale="en-us", category=category)
    del emulator.requests[:]

    (found,) = model.objects.prefetch_related("translations")

    assert [found.name] == [each.title for each in found.translations.all()]
    assert 1 == len(emulator.requests)


def test_a_narrowed_prefetch_reads_translations_by_themselves(emulator):
    """What a query narrows cannot be put into the rows."""
    category = Category.objects.create(name="C", locale="en-us")
    del emulator.requests[:]

    narrowed = Prefetch("translations", CategoryTranslation.objects.filter(locale="en-us"))
    (found,) = Category.objects.prefetch_related(narrowed)

    assert ["C"] == [each.title for each in found.translations.all()]
    paths = ["GET help_center/categories", f"GET help_center/categories/{category.pk}/translations"]
    assert paths == emulator.requests
