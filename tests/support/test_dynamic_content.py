"""Dynamic content, and its variants."""

from __future__ import annotations

import pytest

from zendesk_orm import (
    DynamicContentItem,
    DynamicContentVariant,
    FieldError,
    InvalidValue,
    ValidationError,
)


GERMAN, FRENCH = 8, 16


@pytest.fixture
def item(account):
    """A greeting in the account's own language."""
    hello = DynamicContentVariant(locale_id=1, content="Hello", default=True)
    return DynamicContentItem.objects.create(
        name="Warm greeting", default_locale_id=1, variants=[hello]
    )


def test_an_item_is_made_with_its_variants(account, count_requests):
    """In one request; it has a placeholder then."""
    hello = DynamicContentVariant(locale_id=1, content="Hello")

    with count_requests(account, 1):
        item = DynamicContentItem.objects.create(
            name="Warm greeting", default_locale_id=1, variants=[hello]
        )

    assert "{{dc.warm_greeting}}" == item.placeholder
    assert ["Hello"] == [each.content for each in item.variants_]
    with count_requests(account, 1):
        assert ["Hello"] == [each.content for each in item.variants.all()]


def test_an_item_needs_its_own_language(account, count_requests):
    """And it needs variants at all, which is known without asking."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="variants"):
        DynamicContentItem.objects.create(name="x", default_locale_id=1)
    with pytest.raises(ValidationError, match="default language"):
        DynamicContentItem.objects.create(
            name="x",
            default_locale_id=1,
            variants=[DynamicContentVariant(locale_id=GERMAN, content="Hallo")],
        )


def test_only_the_name_of_an_item_is_changed(account, item, count_requests):
    """Zendesk takes nothing else."""
    item.name = "Greeting"
    with count_requests(account, 1):
        item.save()

    assert "{{dc.warm_greeting}}" == item.placeholder
    with pytest.raises(FieldError, match="never again"):
        item.default_locale_id = GERMAN


def test_a_variant_is_made_changed_and_deleted(account, item, count_requests):
    """One request each, below its item."""
    with count_requests(account, 2):
        hallo = item.variants.create(locale_id=GERMAN, content="Hallo")
        hallo.content = "Moin"
        hallo.save()
    assert (item, "Moin") == (hallo.item, hallo.content)
    assert "de" == hallo.locale.locale
    with count_requests(account, 1):
        hallo.refresh_from_db()
    with count_requests(account, 1):
        hallo.delete()
    assert ["Hello"] == [each.content for each in item.variants.all()]


def test_there_is_one_variant_a_language(account, item):
    """And the item's own is not deleted."""
    with pytest.raises(ValidationError, match="already been taken"):
        item.variants.create(locale_id=1, content="Hi")
    with pytest.raises(ValidationError, match="default"):
        item.variants.all()[0].delete()


def test_variants_of_others_are_outdated(account, item):
    """When the item's own language says something else."""
    hallo = item.variants.create(locale_id=GERMAN, content="Hallo")
    (hello,) = (each for each in item.variants.all() if each.default)
    hello.content = "Welcome"
    hello.save()

    hallo.refresh_from_db()
    item.refresh_from_db()
    assert (True, True) == (hallo.outdated, item.outdated)


def test_many_variants_are_added_and_changed(account, item, count_requests):
    """In one request each; unchanged ones are not sent."""
    new = [
        DynamicContentVariant(locale_id=GERMAN, content="Hallo"),
        DynamicContentVariant(locale_id=FRENCH, content="Bonjour"),
    ]
    with count_requests(account, 1):
        hallo, bonjour = item.add_variants(new)
    assert [item, item] == [hallo.item, bonjour.item]

    bonjour.content = "Salut"
    with count_requests(account, 1):
        assert [hallo, bonjour] == item.update_variants([hallo, bonjour])
    assert ("Salut", {}) == (bonjour.content, bonjour.changes())
    with count_requests(account, 0):
        item.update_variants([hallo, bonjour])


def test_variants_are_new_or_known(account, item, count_requests):
    """Neither call takes those of the other."""
    (hello,) = item.variants.all()
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="new variants"):
            item.add_variants([hello])
        with pytest.raises(InvalidValue, match="no id yet"):
            item.update_variants([DynamicContentVariant(locale_id=1, content="x")])


def test_items_are_found_by_identifier(account, item, count_requests):
    """The word in the placeholder."""
    with count_requests(account, 1):
        assert [item] == list(DynamicContentItem.objects.filter(identifier="warm_greeting"))
