"""Attachments of comments, and the pictures of users and brands.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


class Attachment(Model):
    """A file at Zendesk."""

    url: ReadOnly[str]
    file_name: ReadOnly[str]
    content_url: ReadOnly[str]
    mapped_content_url: ReadOnly[str | None]
    content_type: ReadOnly[str | None]
    size: ReadOnly[int]
    width: ReadOnly[int | None]
    height: ReadOnly[int | None]
    inline: ReadOnly[bool]
    deleted: ReadOnly[bool]
    malware_access_override: Field[bool]
    malware_scan_result: ReadOnly[str | None]
    thumbnails: ReadOnly[list[dict[str, Any]]]

    class Meta:
        api = resource("attachments", can="show update delete")
