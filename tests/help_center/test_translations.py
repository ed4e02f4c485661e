"""Translated texts: saved to translations, and read in each locale."""

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


# Saving texts


def test_a_changed_title_is_saved_to_the_translation(article, emulator, account, count_requests):
    """A changed title is sent to the translation in one request, which updates the object."""
    article.title = "Darkness"
    with count_requests(account, 1):
        article.save()
        assert (article.title, article.to_dict()["title"]) == ("Darkness", "Darkness")
        assert article.changes() == {}

    path = f"help_center/articles/{article.pk}/translations/en-us"
    assert emulator.requests[-1] == f"PUT {path}"
    assert Article.objects.get(article.pk).title == "Darkness"


def test_other_fields_are_saved_to_the_article(article, sent, account, count_requests):
    """Other changed fields are sent to the article in one request."""
    article.promoted = True
    with count_requests(account, 1):
        article.save()

    assert sent[-1].json == {"article": {"promoted": True}}


def test_texts_are_saved_before_other_fields(article, emulator, sent, account, count_requests):
    """Texts are sent before other fields, so the second response contains them."""
    article.title, article.body, article.position = "Darkness", "<p>A flash</p>", 7
    with count_requests(account, 2):
        article.save()

    assert sent[-2].json == {"translation": {"title": "Darkness", "body": "<p>A flash</p>"}}
    assert sent[-1].json == {"article": {"position": 7}}
    with count_requests(account, 0):
        assert (article.title, article.position) == ("Darkness", 7)
        assert article.html_url.endswith("Darkness")


def test_a_draft_is_published_by_its_translation(section, group, sent):
    """`draft` is sent to the article when it is created, and to the translation afterwards."""
    article = section.articles.create(title="Soon", permission_group=group, draft=True)
    article.draft = False
    article.save()

    assert sent[-1].json == {"translation": {"draft": False}}
    assert Article.objects.get(article.pk).draft is False


def test_values_set_by_zendesk_are_fetched_on_access(article, account, count_requests):
    """Values that the response of a translation lacks are fetched when they are read."""
    account.transport.clock.sleep(60)
    before = article.edited_at
    article.title = "Darkness"
    article.save()
    with count_requests(account, 1):
        assert before < article.edited_at
        assert article.html_url.endswith("Darkness")


def test_unchanged_texts_are_not_sent(article, account, count_requests):
    """Assigning the current title is not a change, and sends no request."""
    with count_requests(account, 0):
        article.title = article.title
        article.save()


def test_update_fields_limits_texts_and_other_fields(article, account, count_requests):
    """`save(update_fields=...)` sends these fields, of texts and others alike."""
    article.title, article.body, article.promoted = "Darkness", "<p>A flash</p>", True
    with count_requests(account, 1):
        article.save(update_fields=["title"])
    assert set(article.changes()) == {"body", "promoted"}
    with count_requests(account, 1):
        article.save(update_fields=["promoted"])
    assert set(article.changes()) == {"body"}


@pytest.mark.parametrize("model", [Category, Section])
def test_names_and_descriptions_are_saved_to_translations(
    model, section, emulator, account, count_requests
):
    """Names and descriptions of sections and categories are saved to their translations."""
    record = section if model is Section else section.category
    record.refresh_from_db()
    record.name, record.description = "Renamed", "About it"
    with count_requests(account, 1):
        record.save()

    plural = model._meta.plural
    assert emulator.requests[-1] == f"PUT help_center/{plural}/{record.pk}/translations/en-us"
    saved = model.objects.get(record.pk)
    assert (saved.name, saved.description) == ("Renamed", "About it")


def test_zendesk_ignores_texts_in_updates_of_articles(article, account):
    """Zendesk ignores texts in an update of the article, as recorded for categories."""
    path = f"/api/v2/help_center/articles/{article.pk}"
    account.transport.send(Request("PUT", path, json={"article": {"title": "Lost"}}))

    assert Article.objects.get(article.pk).title == "Low light"


def test_each_request_of_a_save_sends_signals(article):
    """The requests for texts and for other fields each send signals with their changes."""
    events = []

    @receiver(pre_save, sender=Article)
    def before(sender, changes, **kwargs):
        events.append(("before", set(changes)))

    @receiver(post_save, sender=Article)
    def after(sender, changes, created, **kwargs):
        events.append(("after", set(changes)))
        assert not created

    article.title, article.promoted = "Darkness", True
    article.save()

    assert events == [
        ("before", {"title"}),
        ("after", {"title"}),
        ("before", {"promoted"}),
        ("after", {"promoted"}),
    ]


def test_a_receiver_changes_the_text(article):
    """A `pre_save` receiver can change the text that is sent."""

    @receiver(pre_save, sender=Article)
    def capitalize_title(sender, instance, **kwargs):
        instance.title = instance.title.upper()

    article.title = "Darkness"
    article.save()

    assert Article.objects.get(article.pk).title == "DARKNESS"
    assert article.changes() == {}


def test_a_batch_saves_texts_and_other_fields(article, account, count_requests):
    """A batch sends texts and other fields at its end and updates the object."""
    with account.batch():
        article.title, article.promoted = "Darkness", True
        with count_requests(account, 0):
            article.save()

    saved = Article.objects.get(article.pk)
    assert (saved.title, saved.promoted) == ("Darkness", True)
    assert article.changes() == {}


def test_a_dry_run_describes_texts(article, account, count_requests, capsys):
    """A dry run describes the changed text and sends nothing."""
    with account.dry_run() as diff, count_requests(account, 0):
        article.title = "Darkness"
        article.save()

    assert len(diff) == 1
    assert "Darkness" in str(diff)


def test_edits_after_save_in_a_batch_are_preserved(article):
    """A text that is edited after `save()` in a batch stays an unsaved edit."""
    account = article._session().account
    with account.batch():
        article.title = "First"
        article.save()
        article.title = "Second"

    assert set(article.changes()) == {"title"}
    article.save()
    assert Article.objects.get(article.pk).title == "Second"


def test_saving_a_text_requires_a_locale(account, count_requests):
    """Saving a text of an object with an unknown locale raises before any request."""
    article = Article(id=5)
    article.title = "Darkness"
    with count_requests(account, 0), pytest.raises(InvalidValue, match="locale"):
        article.save()


# Locales in paths


def test_a_locale_is_part_of_the_path(german, emulator, account, count_requests):
    """Articles of a locale are listed by the path of the locale, as separate objects."""
    with count_requests(account, 1):
        articles = list(Article.objects.filter(locale="de"))

    assert emulator.requests[-1] == "GET help_center/de/articles"
    assert [article.title for article in articles] == ["Wenig Licht"]
    assert Article.objects.get(german.pk).title == "Low light"
    assert articles[0].title == "Wenig Licht"


def test_an_article_is_fetched_in_a_locale(article, german, emulator, account, count_requests):
    """An article is fetched by id in a locale; a missing translation raises `DoesNotExist`."""
    with count_requests(account, 1):
        fetched = Article.objects.get(id=article.pk, locale="de")
    assert emulator.requests[-1] == f"GET help_center/de/articles/{article.pk}"
    assert fetched.title == german.title
    with count_requests(account, 1), pytest.raises(Article.DoesNotExist):
        article.in_locale("fr")


def test_edits_are_kept_per_locale(article, german):
    """Edits of an article in one locale do not affect the object of another locale."""
    article.title, german.title = "Darkness", "Dunkelheit"
    german.save()
    list(Article.objects.all())
    list(Article.objects.filter(locale="de"))

    assert (article.title, german.title) == ("Darkness", "Dunkelheit")
    article.save()
    titles = {translation.locale: translation.title for translation in article.translations.all()}
    assert titles == {"en-us": "Darkness", "de": "Dunkelheit"}


def test_a_session_caches_each_locale(article, german, account, count_requests):
    """In a session, an article is fetched once per locale."""
    with account.session():
        Article.objects.get(article.pk)
        Article.objects.get(id=article.pk, locale="de")
        with count_requests(account, 0):
            assert Article.objects.get(article.pk).title == "Low light"
            assert Article.objects.get(id=article.pk, locale="de").title == "Wenig Licht"


def test_a_session_forgets_changed_translations(article, german, account):
    """In a session, saving or deleting a translation makes the article be fetched again."""
    with account.session():
        Article.objects.get(article.pk)
        english = article.translations.in_locale("en-us")
        english.title = "Night"
        english.save()
        assert Article.objects.get(article.pk).title == "Night"

        Article.objects.get(id=article.pk, locale="de")
        article.translations.in_locale("de").delete()
        with pytest.raises(Article.DoesNotExist):
            article.in_locale("de")


def test_methods_use_the_path_of_the_locale(german, emulator, account, count_requests):
    """Methods of an article in a locale use the paths that end users have to use."""
    german.promoted = True
    german.save()
    assert emulator.requests[-1] == f"PUT help_center/de/articles/{german.pk}"
    german.refresh_from_db()
    assert emulator.requests[-1] == f"GET help_center/de/articles/{german.pk}"
    assert german.title == "Wenig Licht"
    german.vote_up()
    assert emulator.requests[-1] == f"POST help_center/de/articles/{german.pk}/up"
    # Zendesk has no path with a locale for downvotes.
    german.vote_down()
    assert emulator.requests[-1] == f"POST help_center/articles/{german.pk}/down"
    german.delete()
    assert emulator.requests[-1] == f"DELETE help_center/de/articles/{german.pk}"


def test_an_article_is_created_in_a_locale(section, group, emulator):
    """The locale of a new article comes from a filter or from its field."""
    german = Article.objects.filter(locale="de").create(
        section=section, title="Blitz", permission_group=group
    )
    assert emulator.requests[-1] == f"POST help_center/de/sections/{section.pk}/articles"
    assert (german.locale, german.source_locale) == ("de", "de")
    french = section.articles.create(title="Flash", permission_group=group, locale="fr")
    assert Article.objects.get(french.pk).locale == "fr"


def test_an_article_is_created_with_translations(section, group, account, count_requests):
    """An article is created with several translations in one request, the source first."""
    translations = [{"locale": "en-us", "title": "Flash"}, {"locale": "de", "title": "Blitz"}]
    with count_requests(account, 1):
        article = section.articles.create(permission_group=group, translations_=translations)
        assert (article.source_locale, article.title) == ("en-us", "Flash")

    assert article.in_locale("de").title == "Blitz"


def test_an_article_requires_a_title(section, group):
    """An article without a title raises `BadRequest`."""
    with pytest.raises(BadRequest) as caught:
        section.articles.create(permission_group=group)

    assert caught.value.body == {"errors": {"title": ["cannot be blank"]}}


def test_sections_and_categories_are_listed_in_a_locale(section, emulator):
    """Sections and categories are listed by the path of a locale."""
    section.translations.create(locale="de", title="Fragen")
    section.category.translations.create(locale="de", title="Allgemeines")

    assert [row.name for row in Section.objects.filter(locale="de")] == ["Fragen"]
    sections = section.category.sections.filter(locale="de")
    assert [row.name for row in sections] == ["Fragen"]
    assert emulator.requests[-1] == f"GET help_center/de/categories/{section.category_id}/sections"
    assert [category.name for category in Category.objects.filter(locale="de")] == ["Allgemeines"]
    assert section.in_locale("de").name == "Fragen"


def test_articles_of_a_section_are_listed_in_a_locale(german, section, emulator):
    """The path of a section's articles contains the locale."""
    assert [article.title for article in section.articles.filter(locale="de")] == ["Wenig Licht"]
    assert emulator.requests[-1] == f"GET help_center/de/sections/{section.pk}/articles"


def test_an_invalid_locale_is_rejected(article, account, count_requests):
    """A locale that would lead to another path raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue, match="locale"):
        article.in_locale("../users")


def test_sessions_of_locales_are_released(article, german, account):
    """The sessions of locales are released together with the session that they belong to."""
    with account.session() as session:
        Article.objects.get(id=article.pk, locale="de")
        assert session in locales._sessions
        before = len(locales._sessions)
    del session
    gc.collect()
    assert len(locales._sessions) < before


def test_paths_with_a_locale_are_declared():
    """Methods use a path with a locale only if one is declared."""
    localized = {
        (endpoint.method, endpoint.path)
        for endpoint in Article._meta.api
        if endpoint.path.startswith("help_center/{locale}/") and endpoint.verb is not Verb.LIST
    }

    assert ("PUT", "help_center/{locale}/articles/{id}") in localized
    assert ("POST", "help_center/{locale}/articles/{id}/up") in localized
    assert ("POST", "help_center/{locale}/articles/{id}/down") not in localized


# Translations


def test_translations_are_listed_and_changed(article, german, account, count_requests):
    """Translations are objects that are listed, fetched by locale, changed and filtered."""
    with count_requests(account, 1):
        assert {translation.locale for translation in article.translations.all()} == {"en-us", "de"}
    with count_requests(account, 1):
        german_translation = article.translations.get(locale="de")
    with count_requests(account, 1):
        assert article.translations.in_locale("de") == german_translation
    german_translation.title, german_translation.outdated = "Dunkelheit", True
    with count_requests(account, 1):
        german_translation.save()
    assert article.in_locale("de").title == "Dunkelheit"
    with count_requests(account, 1):
        assert list(article.translations.filter(outdated=True)) == [german_translation]


def test_missing_locales_are_listed(article, german, account, count_requests):
    """`missing()` returns the locales of the help center without a translation."""
    with count_requests(account, 1):
        assert article.translations.missing() == ["fr"]
    assert article.section.translations.missing() == ["de", "fr"]
    with count_requests(account, 0), pytest.raises(InvalidValue, match="must have a source"):
        ArticleTranslation.objects.missing()


def test_the_only_translation_cannot_be_deleted(article, german, account, count_requests):
    """A translation can be deleted unless it is the only one."""
    with count_requests(account, 1):
        translation = article.translations.in_locale("de")
    translation.delete()
    assert article.translations.missing() == ["de", "fr"]
    with pytest.raises(BadRequest):
        article.translations.in_locale("en-us").delete()
    category = article.section.category
    french = category.translations.create(locale="fr", title="En bref")
    assert isinstance(french, CategoryTranslation)
    french.delete()
    assert category.translations.missing() == ["de", "fr"]


def test_a_translation_leads_to_its_source(german, article, account, count_requests):
    """The source of a translation that was read through its article takes no request."""
    translation = article.translations.in_locale("de")
    with count_requests(account, 0):
        assert translation.source is article
        assert translation.source_type == "Article"
    assert translation.created_by.name == "Olivia Owner"


def test_a_translation_requires_a_new_enabled_locale(article, german):
    """A second translation to a locale, or one to a disabled locale, raises `BadRequest`."""
    with pytest.raises(BadRequest):
        article.translations.create(locale="de", title="Noch einmal")
    with pytest.raises(BadRequest):
        article.translations.create(locale="xx", title="?")


def test_set_source_locale_refreshes_the_article(article, german, account, count_requests):
    """`set_source_locale()` takes one request and refreshes the article."""
    with count_requests(account, 1):
        article.set_source_locale("de")
    assert (article.source_locale, article.title) == ("de", "Wenig Licht")


def test_the_locales_of_the_help_center_are_one_row(account, count_requests):
    """`get()` returns the locales of the help center."""
    with count_requests(account, 1):
        locales_row = Locales.objects.get()

    assert (locales_row.default_locale, locales_row.locales) == ("en-us", ["en-us", "de", "fr"])


@pytest.mark.parametrize("kind", ["list", "section", "show"])
def test_prefetched_translations_are_sideloaded(emulator, kind):
    """Prefetching translations takes no further request, as Zendesk nests them in articles."""

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

    loaded = list(queries[kind].prefetch_related("translations"))
    titles = [
        [translation.title for translation in article.translations.all()] for article in loaded
    ]

    assert len(emulator.requests) == 1
    assert sorted([article.title] for article in loaded) == sorted(titles)
    assert all(
        translation.source.pk == loaded[0].pk for translation in loaded[0].translations.all()
    )
    assert "translations" not in loaded[0].extra


@pytest.mark.parametrize("model", [Category, Section])
def test_translations_of_sections_and_categories_are_sideloaded(emulator, model):
    """Translations of sections and categories are sideloaded in the same way."""
    category = Category.objects.create(name="C", locale="en-us")
    Section.objects.create(name="S", locale="en-us", category=category)
    del emulator.requests[:]

    (loaded,) = model.objects.prefetch_related("translations")

    assert [translation.title for translation in loaded.translations.all()] == [loaded.name]
    assert len(emulator.requests) == 1


def test_a_filtered_prefetch_requests_translations(emulator):
    """A prefetch with a filtered query takes a further request."""
    category = Category.objects.create(name="C", locale="en-us")
    del emulator.requests[:]

    prefetch = Prefetch("translations", CategoryTranslation.objects.filter(locale="en-us"))
    (loaded,) = Category.objects.prefetch_related(prefetch)

    assert [translation.title for translation in loaded.translations.all()] == ["C"]
    paths = ["GET help_center/categories", f"GET help_center/categories/{category.pk}/translations"]
    assert emulator.requests == paths
