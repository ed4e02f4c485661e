"""The service catalog: what employees can ask for.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/service_catalog_items/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import listed, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.help_center.guide import GuideManager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.support.ticket_forms import TicketForm

_PATH = "help_center/service_catalog/items"
_KEY = "service_catalog_items"


class ServiceCatalogItemManager(GuideManager["ServiceCatalogItem"]):
    """`ServiceCatalogItem.objects`: all items, and a search of their own."""

    def search(self, text: str) -> Self:
        """Return the items that Zendesk finds by a text, the best first.

        Raises:
            InvalidValue: there is no word in the text.

        Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/service_catalog_items/#search-service-catalog-items
        """
        if not text.strip():
            raise InvalidValue(f"search() wants words, not {text!r}")
        return self.filter(query=text)


class ServiceCatalogItem(Model):
    """Something that can be asked for with a form: a laptop, access to a program."""

    objects = ServiceCatalogItemManager.as_manager()

    id: ReadOnly[str]  # type: ignore[assignment] # a word, not a number
    name: ReadOnly[str]
    description: ReadOnly[str]
    form: ReadOnlyRef[TicketForm]
    form_id: Id[int]
    thumbnail_url: ReadOnly[str | None]

    query: Lookup[str]

    class Meta:
        api = resource(_PATH, can="list show", key=_KEY, natural=None, paging=(CURSOR,)) + listed(
            f"{_PATH}/search",
            key=_KEY,
            takes="query",
            needs="query",
            natural=None,
            paging=(CURSOR,),
        )
