"""Brands.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/brands/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.paging import CURSOR
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.relations import Many
from zendesk_orm.schema.fields import Field, ReadOnly
from zendesk_orm.support.attachments import Attachment


if TYPE_CHECKING:
    from zendesk_orm.support.tickets import Ticket


class Brand(Model):
    """A face of the account towards customers, with its own address and help center."""

    url: ReadOnly[str]
    name: Field[str]
    brand_url: Field[str | None]
    subdomain: Field[str]
    host_mapping: Field[str | None]
    has_help_center: Field[bool]
    help_center_state: ReadOnly[str]
    active: Field[bool]
    default: Field[bool]
    is_deleted: ReadOnly[bool]
    logo: ReadOnly[Attachment | None]
    ticket_form_ids: ReadOnly[list[int]]
    signature_template: Field[str | None]
    user_separation: Field[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    tickets: Many[Ticket]

    class Meta:
        keep = 300
        api = resource("brands", small=True, paging=(CURSOR,))
