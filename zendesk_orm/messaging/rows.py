"""`ConversationsModel`: the base of the models of Sunshine Conversations.

Source: https://developer.zendesk.com/api-reference/conversations/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CONVERSATIONS, ONCE
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, Operation, resource
from zendesk_orm.model import StringIdModel


if TYPE_CHECKING:
    from zendesk_orm.api.endpoint import Api

#: The operations of keys, which cannot be changed.
KEYS = LIST | SHOW | CREATE | DELETE


class ConversationsModel(StringIdModel):
    """The base of models whose rows have keys in camel case, and are sent without an envelope."""

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True
            camel_case = True

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request, which has no envelope although responses have one."""
        return payload


def conversations_resource(
    path: str, *, can: Operation, paged: bool, key: str | None = None
) -> Api:
    """Declare a resource of Sunshine Conversations, whose rows are changed by PATCH.

    Args:
        path: the path after the host.
        can: operations on the list and on single rows.
        paged: whether the list has pages.
        key: the name of the rows in the envelope; by default the last part of the path.
    """
    return resource(
        path,
        can=can,
        key=key,
        default_order=None,
        fits_in_memory=not paged,
        paging=(CONVERSATIONS if paged else ONCE,),
        update_method="PATCH",
    )
