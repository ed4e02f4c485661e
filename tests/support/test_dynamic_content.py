"""Dynamic content items and their variants."""

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
    """Create an item with a variant in the default language."""
    hello = DynamicContentVariant(locale_id=1, content="Hello", default=True)
    return DynamicContentItem.objects.create(
        name="Warm greeting", default_locale_id=1, variants=[hello]
    )


def test_an_item_is_created_with_its_variants(account, count_requests):
    """An item and its variants are created in one request, and get a placeholder."""
    hello = DynamicContentVariant(locale_id=1, content="Hello")

    with count_requests(account, 1):
        item = DynamicContentItem.objects.create(
            name="Warm greeting", default_locale_id=1, variants=[hello]
        )

    assert item.placeholder == "{{dc.warm_greeting}}"
    assert [variant.content for variant in item.variants_] == ["Hello"]
    with count_requests(account, 1):
        assert [variant.content for variant in item.variants.all()] == ["Hello"]


def test_an_item_requires_a_default_variant(account, count_requests):
    """An item without a variant in its default language raises `ValidationError`."""
    with count_requests(account, 0), pytest.raises(ValidationError, match="variants"):
        DynamicContentItem.objects.create(name="x", default_locale_id=1)
    with pytest.raises(ValidationError, match="default language"):
        DynamicContentItem.objects.create(
            name="x",
            default_locale_id=1,
            variants=[DynamicContentVariant(locale_id=GERMAN, content="Hallo")],
        )


def test_only_the_name_of_an_item_is_editable(account, item, count_requests):
    """The name of an item can be changed, its default language cannot."""
    item.name = "Greeting"
    with count_requests(account, 1):
        item.save()

    assert item.placeholder == "{{dc.warm_greeting}}"
    with pytest.raises(FieldError, match="when the object is created"):
        item.default_locale_id = GERMAN


def test_variants_are_managed_through_their_item(account, item, count_requests):
    """Variants are created, changed and deleted through their item, in one request each."""
    with count_requests(account, 2):
        hallo = item.variants.create(locale_id=GERMAN, content="Hallo")
        hallo.content = "Moin"
        hallo.save()
    assert (hallo.item, hallo.content) == (item, "Moin")
    assert hallo.locale.locale == "de"
    with count_requests(account, 1):
        hallo.refresh_from_db()
    with count_requests(account, 1):
        hallo.delete()
    assert [variant.content for variant in item.variants.all()] == ["Hello"]


def test_an_item_has_one_variant_per_language(account, item):
    """A second variant of a language is rejected, and so is deleting the default one."""
    with pytest.raises(ValidationError, match="already been taken"):
        item.variants.create(locale_id=1, content="Hi")
    with pytest.raises(ValidationError, match="default"):
        item.variants.all()[0].delete()


def test_a_changed_default_makes_variants_outdated(account, item):
    """Changing the default variant marks the other variants as outdated."""
    hallo = item.variants.create(locale_id=GERMAN, content="Hallo")
    (hello,) = (variant for variant in item.variants.all() if variant.default)
    hello.content = "Welcome"
    hello.save()

    hallo.refresh_from_db()
    item.refresh_from_db()
    assert (hallo.outdated, item.outdated) == (True, True)


def test_variants_are_created_and_updated_in_bulk(account, item, count_requests):
    """Many variants are added or updated in one request, without the unchanged ones."""
    new = [
        DynamicContentVariant(locale_id=GERMAN, content="Hallo"),
        DynamicContentVariant(locale_id=FRENCH, content="Bonjour"),
    ]
    with count_requests(account, 1):
        hallo, bonjour = item.add_variants(new)
    assert [hallo.item, bonjour.item] == [item, item]

    bonjour.content = "Salut"
    with count_requests(account, 1):
        assert item.update_variants([hallo, bonjour]) == [hallo, bonjour]
    assert (bonjour.content, bonjour.changes()) == ("Salut", {})
    with count_requests(account, 0):
        item.update_variants([hallo, bonjour])


def test_bulk_methods_reject_the_wrong_variants(account, item, count_requests):
    """`add_variants()` takes unsaved variants only, and `update_variants()` saved ones."""
    (hello,) = item.variants.all()
    with count_requests(account, 0):
        with pytest.raises(InvalidValue, match="new variants"):
            item.add_variants([hello])
        with pytest.raises(InvalidValue, match="no id yet"):
            item.update_variants([DynamicContentVariant(locale_id=1, content="x")])


def test_items_are_found_by_identifier(account, item, count_requests):
    """An item is found by the identifier in its placeholder."""
    with count_requests(account, 1):
        assert list(DynamicContentItem.objects.filter(identifier="warm_greeting")) == [item]
