"""Countries, with the codes by which they are called.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/countries/
"""

from __future__ import annotations

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly


class Country(Model):
    """A country, and the code by which its telephones are called."""

    name: ReadOnly[str]
    code: ReadOnly[str]
    calling_code: ReadOnly[str | None]
    region: ReadOnly[str | None]

    class Meta:
        keep = 300
        verbose_name_plural = "countries"
        api = resource("countries", can="list show", small=True, paging=(ONCE,))
