"""The word that declares an export of Chat: what changed since a moment.

Source: https://developer.zendesk.com/api-reference/live-chat/chat-api/incremental_export/
"""

from __future__ import annotations

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import STREAM
from zendesk_orm.api.vocabulary import listed


#: Rows that a page has, and every request asks for.
LIMIT = 1000


def export(name: str, *, since: str = "changed_since", expand: bool = True) -> Api:
    """Declare an export of Chat.

    A list and no incremental one: its pages begin behind the last row, and not at its
    moment, so that no row comes twice.

    Args:
        name: what it exports: `chats`.
        since: the lookup that tells from when on.
        expand: whether rows have to be asked for whole.
    """
    always = (("limit", str(LIMIT)), *((("fields", f"{name}(*)"),) if expand else ()))
    found = listed(
        f"chat/incremental/{name}",
        key=name,
        takes={since: "start_time"},
        needs=since,
        natural=None,
        paging=(STREAM,),
    )
    return Api(tuple(evolve(each, always=always) for each in found))
