"""Sharing agreements between accounts.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/sharing_agreements/
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, ReadOnly


State = Literal[
    "accepted", "declined", "pending", "inactive", "failed", "ssl_error", "configuration_error"
]
Direction = Literal["inbound", "outbound"]


class SharingAgreement(Model):
    """An agreement with another account to share tickets."""

    url: ReadOnly[str]
    name: Field[str]
    partner_name: Field[str | None]
    remote_subdomain: Field[str | None]
    status: Field[State]
    type: Field[Direction]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    get_status_display = Display()

    class Meta:
        cache_seconds = 300
        api = resource("sharing_agreements", fits_in_memory=True, paging=(ONCE,))
