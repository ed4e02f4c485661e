"""Addresses, which phone numbers of some countries require.

Source: https://developer.zendesk.com/api-reference/voice/talk-api/addresses/
"""

from __future__ import annotations

from zendesk_orm.api.paging import OFFSET
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


class Address(Model):
    """An address of the account, which phone numbers of some countries require."""

    name: Field[str]
    street: Field[str]
    zip: Field[str]
    city: Field[str]
    state: Field[str | None]
    province: Field[str | None]
    country_code: Field[str]
    provider_reference: ReadOnly[str | None]

    class Meta:
        cache_seconds = 300
        verbose_name_plural = "addresses"
        api = resource("channels/voice/addresses", fits_in_memory=True, paging=(OFFSET,))
