"""Declaration of the incremental exports of Chat.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_export/
"""

from __future__ import annotations

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import STREAM, Paging
from zendesk_orm.api.vocabulary import listing


#: The size of a page, which every request contains.
PAGE_SIZE = 1000


def export(name: str, *, expand: bool = True, paging: Paging = STREAM) -> Api:
    """Declare an export of Chat.

    It is declared as a list, not as an incremental export, because a page starts after the last
    row of the previous page and not at its time, so that rows are not repeated.

    Args:
        name: the name of the export: `chats`.
        expand: whether a request has to ask for all fields.
        paging: the style of paging.
    """
    fields = {"fields": f"{name}(*)"} if expand else {}
    return listing(
        f"chat/incremental/{name}",
        key=name,
        filters={"changed_since": "start_time"},
        required=("changed_since",),
        default_order=None,
        params={"limit": str(PAGE_SIZE), **fields},
        paging=(paging,),
    )
