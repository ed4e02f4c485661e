"""Uploads: files that wait to be attached to a comment.

Source: https://developer.zendesk.com/api-reference/ticketing/tickets/ticket-attachments/#upload-files
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.endpoint import Api, Endpoint, Verb
from zendesk_orm.api.vocabulary import action
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.row import Row
from zendesk_orm.support.attachments import Attachment


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.schema.record import Source


class Upload(Model):
    """Files under one token, which a comment names in `uploads`; its id is the token."""

    id: ReadOnly[str]  # type: ignore[assignment] # the token, in the place of an id
    token: ReadOnly[str]
    expires_at: ReadOnly[datetime]
    attachment: ReadOnly[Attachment | None]
    attachments: ReadOnly[list[Attachment]]

    class Meta:
        api = action("upload", "POST", "uploads", "upload") + Api(
            (Endpoint(Verb.DELETE, "uploads/{id}", "uploads", method="DELETE"),)
        )

    @classmethod
    def from_row(cls, row: Row, source: Source | None = None) -> Self:
        """Return the upload of a row, whose token is its id."""
        return super().from_row(_known(row), source)

    def absorb(self, row: Row, sent: Iterable[str] = ()) -> None:
        """Take over a new row, whose token is the id."""
        super().absorb(_known(row), sent)


def _known(row: Row) -> Row:
    """Return the row with its token as its id, which no answer says."""
    return row if "id" in row or "token" not in row else {**row, "id": row["token"]}
