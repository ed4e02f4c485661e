"""Fields shared by the definitions of custom fields of all kinds of objects.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.model import Model
from zendesk_orm.schema.fields import CreateOnly, Field, ReadOnly


class FieldDefinition(Model):
    """The definition of a custom field."""

    url: ReadOnly[str]
    type: CreateOnly[str]
    title: Field[str]
    raw_title: Field[str | None]
    description: Field[str | None]
    raw_description: Field[str | None]
    position: Field[int | None]
    active: Field[bool]
    tag: Field[str | None]
    regexp_for_validation: Field[str | None]
    custom_field_options: Field[list[dict[str, Any]]]
    relationship_target_type: CreateOnly[str | None]
    relationship_filter: Field[dict[str, Any] | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True
