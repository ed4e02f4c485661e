"""Dynamic content: text with a variant for each language.

Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content/
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CURSOR, ONCE
from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.accounts import require_objects
from zendesk_orm.schema.fields import CreateOnly, CreateOnlyRef, Field, Id, Lookup, ReadOnly, Ref


if TYPE_CHECKING:
    from zendesk_orm.support.locales import Locale

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
        api = resource(_VARIANTS, small=True, paging=(CURSOR,))


class DynamicContentItem(Model):
    """Text that is shown to each user in the user's language, by its placeholder.

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
        api = (
            resource(_ITEMS)
            + listed(
                f"{_ITEMS}/show_many",
                key="items",
                takes={"identifier": "identifiers"},
                joined="identifier",
                needs="identifier",
                small=True,
                paging=(ONCE,),
            )
            + action("add_variants", "POST", f"{_ITEMS}/{{id}}/variants/create_many", "variants")
            + action("update_variants", "PUT", f"{_ITEMS}/{{id}}/variants/update_many", "variants")
        )

    def __init__(
        self, *, variants: Iterable[DynamicContentVariant] | None = None, **values: Any
    ) -> None:
        """Make an item that Zendesk does not know yet.

        Args:
            variants: its text, at least in its own language.
            values: its fields.
        """
        super().__init__(**values)
        if variants is not None:
            self.variants_ = list(variants)

    def add_variants(
        self, variants: Iterable[DynamicContentVariant]
    ) -> list[DynamicContentVariant]:
        """Add variants, all in one request.

        Args:
            variants: new variants, of languages that the item has none for.

        Returns:
            The variants with their ids.

        Raises:
            InvalidValue: there are none, or one was saved before.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content_item_variants/#create-many-variants
        """
        session = self._session()
        given = list(require_objects(DynamicContentVariant, variants, session, "add_variants"))
        if not given or any(each.pk is not None for each in given):
            raise InvalidValue("add_variants() wants new variants")
        return self._change("add_variants", [each.to_payload() for each in given])

    def update_variants(
        self, variants: Iterable[DynamicContentVariant]
    ) -> list[DynamicContentVariant]:
        """Send what changed on variants, all in one request; unchanged ones are not sent.

        Args:
            variants: changed variants of the item.

        Returns:
            The same objects, brought up to date.

        Raises:
            InvalidValue: one was never saved.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/ticket-management/dynamic_content_item_variants/#update-many-variants
        """
        session, model = self._session(), DynamicContentVariant
        given = list(require_objects(model, variants, session, "update_variants"))
        rows = [
            {**each.to_payload(), "id": session.id_of(model, each, "update_variants")}
            for each in given
            if each.changes() or each.pk is None
        ]
        known = {row["id"]: row for row in self._rows("update_variants", rows)} if rows else {}
        for each in given:
            if each.pk in known:
                each.absorb({**known[each.pk], "item_id": self.pk}, sent=list(each.changes()))
        return given

    def _change(self, action: str, rows: list[dict[str, Any]]) -> list[DynamicContentVariant]:
        found = [{**row, "item_id": self.pk} for row in self._rows(action, rows)]
        return self._session().take_in(DynamicContentVariant, found)

    def _rows(self, action: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        answer = self._call(action, {"variants": rows}) or {}
        found: list[dict[str, Any]] = answer.get("variants") or []
        return found
