"""Views.

Source: https://developer.zendesk.com/api-reference/ticketing/business-rules/views/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from zendesk_orm.api.vocabulary import action, resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly, WriteOnly


class View(Model):
    """A list of tickets that meet some conditions, kept under a title.

    The conditions are sent as `all` and `any`, the columns as `output`; they come
    back as `conditions` and `execution`.
    """

    url: ReadOnly[str]
    title: Field[str]
    active: Field[bool]
    updated_at: ReadOnly[datetime]
    created_at: ReadOnly[datetime]
    default: ReadOnly[bool]
    position: Field[int | None]
    description: Field[str | None]
    execution: ReadOnly[dict[str, Any]]
    conditions: ReadOnly[dict[str, Any]]
    restriction: Field[dict[str, Any] | None]
    raw_title: Field[str | None]
    all: WriteOnly[list[dict[str, Any]]]
    any: WriteOnly[list[dict[str, Any]]]
    output: WriteOnly[dict[str, Any]]

    class Meta:
        api = resource(
            "views", many="show", takes="active", orders="created_at", natural=None, count=True
        ) + action("tally", "GET", "views/{id}/count", "view_count")
