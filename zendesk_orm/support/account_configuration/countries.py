"""Countries and their calling codes.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/countries/
"""

from __future__ import annotations

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import READ, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class Country(Model):
    """A country and its calling code."""

    name: ReadOnly[str]
    code: ReadOnly[str]
    calling_code: ReadOnly[str | None]
    region: ReadOnly[str | None]

    class Meta:
        cache_seconds = 300
        verbose_name_plural = "countries"
        api = resource("countries", can=READ, fits_in_memory=True, paging=(ONCE,))
