"""Dynamic content: text with a variant for each language.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.actions import action
from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import listing, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.accounts import require_objects
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.session.responses import objects_in


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.locales import Locale

_ITEMS = "dynamic_content/items"
_VARIANTS = f"{_ITEMS}/{{item}}/variants"


class DynamicContentVariant(Model):
    """The text of a piece of dynamic content in one language."""

    item: Ref[DynamicContentItem]
    item_id: Id[int]
    url: ReadOnly[str]
    locale: Ref[Locale]
    locale_id: Id[int]
    content: Field[str]
    active: Field[bool]
    default: Field[bool]
    outdated: ReadOnly[bool]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        parent = "item"
        singular = "variant"
        required = ("locale", "content")
        api = resource(_VARIANTS, fits_in_memory=True, paging=(CURSOR,))


class DynamicContentItem(Model):
    """A text that is displayed in the language of the user, by its placeholder.

    ::

        item = DynamicContentItem.objects.create(
            name="Greeting",
            default_locale_id=1,
            variants=[DynamicContentVariant(locale_id=1, content="Hello", default=True)],
        )
        item.variants.create(locale_id=8, content="Hallo")
    """

    url: ReadOnly[str]
    name: Field[str]
    placeholder: ReadOnly[str]
    default_locale: CreateOnlyRef[Locale]
    default_locale_id: Id[int]
    outdated: ReadOnly[bool]
    variants_: CreateOnly[list[DynamicContentVariant]]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    variants: Many[DynamicContentVariant]

    identifier: Lookup[str]

    class Meta:
        singular = "item"
        required = ("name", "default_locale", "variants_")
        api = resource(_ITEMS) + listing(
            f"{_ITEMS}/show_many",
            key="items",
            filters={"identifier": "identifiers"},
            comma_separated=("identifier",),
            required=("identifier",),
            fits_in_memory=True,
            paging=(ONCE,),
        )

    def __init__(
        self, *, variants: Iterable[DynamicContentVariant] | None = None, **values: Any
    ) -> None:
        """Create an item that is not saved yet.

        Args:
            variants: its texts, at least in its default locale.
            values: its fields.
        """
        super().__init__(**values)
        if variants is not None:
            self.variants_ = list(variants)

    @action("POST", f"{_ITEMS}/{{id}}/variants/create_many", key="variants")
    def add_variants(
        self, variants: Iterable[DynamicContentVariant]
    ) -> list[DynamicContentVariant]:
        """Add variants in one request.

        Args:
            variants: new variants, in locales without a variant.

        Returns:
            The variants with their ids.

        Raises:
            InvalidValue: `variants` is empty, or a variant was saved before.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content_item_variants/#create-many-variants
        """
        session = self._session()
        new = list(require_objects(DynamicContentVariant, variants, session, "add_variants"))
        if not new or any(variant.pk is not None for variant in new):
            raise InvalidValue("variants must be new variants, at least one")
        return self._change("add_variants", [variant.to_payload() for variant in new])

    @action("PUT", f"{_ITEMS}/{{id}}/variants/update_many", key="variants")
    def update_variants(
        self, variants: Iterable[DynamicContentVariant]
    ) -> list[DynamicContentVariant]:
        """Save changed variants in one request; unchanged variants are not sent.

        Args:
            variants: changed variants of the item.

        Returns:
            The same objects, updated.

        Raises:
            InvalidValue: a variant was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content_item_variants/#update-many-variants
        """
        session, model = self._session(), DynamicContentVariant
        changed = list(require_objects(model, variants, session, "update_variants"))
        rows = [
            {**variant.to_payload(), "id": session.id_of(model, variant, "update_variants")}
            for variant in changed
            if variant.changes() or variant.pk is None
        ]
        returned = self._send_rows("update_variants", rows) if rows else []
        rows_by_id = {str(row.get("id")): row for row in returned}
        for variant in changed:
            row = rows_by_id.get(str(variant.pk))
            if row is not None:
                row = {**row, "id": variant.pk, "item_id": self.pk}
                variant.update_from_row(row, sent=list(variant.changes()))
        return changed

    def _change(self, action: str, rows: list[dict[str, Any]]) -> list[DynamicContentVariant]:
        stored = [{**row, "item_id": self.pk} for row in self._send_rows(action, rows)]
        return self._session().materialize(DynamicContentVariant, stored)

    def _send_rows(self, action: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return self._call(
            action,
            {"variants": rows},
            then=lambda data: objects_in(data, "variants"),
            in_dry_run=[],
        )
