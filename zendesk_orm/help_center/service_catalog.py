"""The service catalog: items that employees can request.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/service_catalog_items/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import READ, listing, resource
from zendesk_orm.help_center.guide import GuideManager
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.tickets.ticket_forms import TicketForm

_PATH = "help_center/service_catalog/items"
_KEY = "service_catalog_items"


class ServiceCatalogItemManager(GuideManager["ServiceCatalogItem"]):
    """`ServiceCatalogItem.objects`, with full-text search."""

    def search(self, text: str) -> Self:
        """Search items by a text; the best matches come first.

        Raises:
            InvalidValue: the text is empty.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/service_catalog_items/#search-service-catalog-items
        """
        return self.filter(query=require_text("the text of search()", text))


class ServiceCatalogItem(StringIdModel):
    """An item that can be requested with a form, such as a laptop."""

    objects = ServiceCatalogItemManager.as_manager()

    name: ReadOnly[str]
    description: ReadOnly[str]
    form: ReadOnlyRef[TicketForm]
    form_id: Id[int]
    thumbnail_url: ReadOnly[str | None]

    query: Lookup[str]

    class Meta:
        api = resource(_PATH, can=READ, key=_KEY, default_order=None, paging=(CURSOR,)) + listing(
            f"{_PATH}/search",
            key=_KEY,
            filters=("query",),
            required=("query",),
            default_order=None,
            paging=(CURSOR,),
        )
