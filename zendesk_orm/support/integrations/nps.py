"""Net promoter score: surveys, which Zendesk removed in April 2023.

Accounts that still have their results can export them.

Source: https://developer.zendesk.com/api-reference/ticketing/nps-api/nps_incremental_exports_-_responses/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import incremental_export
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef
from zendesk_orm.schema.values import CaseInsensitiveStr


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


class NpsRecipient(Model):
    """A recipient of a survey."""

    user: ReadOnlyRef[User | None]
    user_id: Id[int | None]
    user_name: ReadOnly[str | None]
    user_email: ReadOnly[CaseInsensitiveStr | None]
    survey_id: ReadOnly[int]
    survey_name: ReadOnly[str | None]
    delivery_id: ReadOnly[int | None]
    delivered_at: ReadOnly[datetime | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    changed_since: Lookup[datetime]

    class Meta:
        singular = "recipient"
        plural = "recipients"
        verbose_name = "recipient of a survey"
        verbose_name_plural = "recipients of surveys"
        api = incremental_export("nps/incremental/recipients")


class NpsResponse(Model):
    """A response to a survey."""

    user: ReadOnlyRef[User | None]
    user_id: Id[int | None]
    user_name: ReadOnly[str | None]
    user_email: ReadOnly[CaseInsensitiveStr | None]
    survey_id: ReadOnly[int]
    survey_name: ReadOnly[str | None]
    recipient: ReadOnlyRef[NpsRecipient | None]
    recipient_id: Id[int | None]
    delivery_id: ReadOnly[int | None]
    rating: ReadOnly[int]
    comment: ReadOnly[str | None]
    delivered_at: ReadOnly[datetime | None]
    rated_at: ReadOnly[datetime | None]

    changed_since: Lookup[datetime]

    class Meta:
        singular = "response"
        plural = "responses"
        verbose_name = "response to a survey"
        verbose_name_plural = "responses to surveys"
        api = incremental_export("nps/incremental/responses")
