"""Pages of Chat that continue at an id.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/introduction/
"""

from __future__ import annotations

from typing import Any

from zendesk_orm.emulator.context import Context
from zendesk_orm.emulator.crud.paging import parse_count, parse_number
from zendesk_orm.emulator.messages import Request
from zendesk_orm.emulator.storage.sql import Where
from zendesk_orm.emulator.storage.store import DELETED
from zendesk_orm.schema.options import Options


#: Default size of a page, if a parameter requests one.
_PAGE_SIZE = 10


def select_since(context: Context, request: Request, meta: Options) -> list[dict[str, Any]]:
    """Return the rows whose ids are at least `since_id`."""
    since = parse_number(request, "since_id")
    return context.store.select(meta.label, Where("state < ? AND id >= ?", (DELETED, since)))


def parse_page_size(request: Request) -> int | None:
    """Return the requested size of the page, or None if all rows are requested."""
    is_paged = {"limit", "since_id", "max_id"} & {*request.params}
    return parse_count(request, "limit", _PAGE_SIZE) if is_paged else None
