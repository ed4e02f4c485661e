"""Shortcuts: canned replies.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/shortcuts/
"""

from __future__ import annotations

from typing import Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field


Scope = Literal["all", "agent", "department"]


class Shortcut(StringIdModel):
    """A canned reply that agents insert by its name, which is its id."""

    name: Field[str]
    message: Field[str]
    options: Field[str | None]
    tags: Field[list[str]]
    scope: Field[Scope]
    agents: Field[list[int]]
    departments: Field[list[int]]

    class Meta:
        enveloped = False
        cache_seconds = 300
        required = ("name", "message")
        api = resource(
            "chat/shortcuts", key="", default_order=None, fits_in_memory=True, paging=(ONCE,)
        )
