"""Progress of the products in erasing a permanently deleted user.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-compliance-deletion-statuses
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.vocabulary import listing
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.users.users import User


class ComplianceDeletionStatus(Model):
    """A step of one product in erasing a permanently deleted user, without an id."""

    user: ReadOnlyRef[User]
    user_id: Id[int]
    application: ReadOnly[str]
    action: ReadOnly[str]
    account_subdomain: ReadOnly[str]
    executer: ReadOnlyRef[User | None]
    executer_id: Id[int | None]
    created_at: ReadOnly[datetime]

    class Meta:
        verbose_name_plural = "compliance deletion statuses"
        # The rows have no ids.
        unique_ids = False
        api = listing(
            "users/{user}/compliance_deletion_statuses",
            filters=("application",),
            default_order=None,
        )
