"""`ConversationsModel`: the base of the models of Sunshine Conversations.

Source: https://developer.zendesk.com/api-reference/conversations/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.paging import CONVERSATIONS, ONCE
from zendesk_orm.api.vocabulary import CREATE, DELETE, LIST, SHOW, Operation, resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.values import encode
from zendesk_orm.model import StringIdModel


if TYPE_CHECKING:
    from zendesk_orm.api.endpoint import Api

#: The operations of keys, which cannot be changed.
KEYS = LIST | SHOW | CREATE | DELETE
#: The maximum size of a body in JSON, and of the metadata in it.
MAX_BODY_BYTES, MAX_METADATA_BYTES = 100 * 1024, 4 * 1024


class ConversationsModel(StringIdModel):
    """The base of models whose rows have keys in camel case, and are sent without an envelope."""

    if not TYPE_CHECKING:  # Checkers require each `Meta` to be a subclass of the one above.

        class Meta:
            abstract = True
            camel_case = True

    def _wrap_payload(self, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request, which has no envelope although responses have one.

        Raises:
            InvalidValue: the body or its metadata is too large.
        """
        check_size(payload)
        return payload


def check_size(body: Mapping[str, Any]) -> None:
    """Check that the body of a request, and the metadata in it, are not too large.

    Raises:
        InvalidValue: one of them is.
    """
    for what, value, most in (
        ("metadata", body.get("metadata"), MAX_METADATA_BYTES),
        ("the request", body, MAX_BODY_BYTES),
    ):
        size = len(encode(value))
        if size > most:
            raise InvalidValue(
                f"{what} has {size:,} bytes of JSON, and Zendesk accepts {most:,}; "
                "shorten it, or send a file"
            )


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
