"""Addresses, which some countries want of whoever buys a phone number.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/addresses/
"""

from __future__ import annotations

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


class Address(Model):
    """An address of the account's, which numbers of some countries have to have."""

    name: Field[str]
    street: Field[str]
    zip: Field[str]
    city: Field[str]
    state: Field[str | None]
    province: Field[str | None]
    country_code: Field[str]
    provider_reference: ReadOnly[str | None]

    class Meta:
        keep = 300
        verbose_name_plural = "addresses"
        api = resource("channels/voice/addresses", small=True, paging=(OFFSET,))
