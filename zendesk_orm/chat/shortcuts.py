"""Shortcuts: answers that agents need often.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/shortcuts/
"""

from __future__ import annotations

from typing import Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, ReadOnly


Scope = Literal["all", "agent", "department"]


class Shortcut(Model):
    """An answer under a name, which agents type in its stead; its id is the name."""

    id: ReadOnly[str]  # type: ignore[assignment] # the name
    name: Field[str]
    message: Field[str]
    options: Field[str | None]
    tags: Field[list[str]]
    scope: Field[Scope]
    agents: Field[list[int]]
    departments: Field[list[int]]

    class Meta:
        bare = True
        keep = 300
        required = ("name", "message")
        api = resource("chat/shortcuts", key="", natural=None, small=True, paging=(ONCE,))
