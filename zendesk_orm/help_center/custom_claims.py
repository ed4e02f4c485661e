"""Custom claims of the account, which tokens of the help center contain.

Source: https://developer.zendesk.com/api-reference/help_center/help-center-api/account_custom_claims/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.model import StringIdModel
from zendesk_orm.schema.fields import Field, Id, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand


class CustomClaim(StringIdModel):
    """A claim that tokens of the help center contain; an account has five for each brand."""

    claim_identifier: Field[str]
    claim_value: Field[str]
    claim_description: Field[str | None]
    account_id: ReadOnly[int]
    brand: ReadOnlyRef[Brand]
    brand_id: Id[int]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("claim_identifier", "claim_value")
        api = resource(
            "help_center/integration/account_custom_claims",
            key="custom_claims",
            default_order=None,
            fits_in_memory=True,
            paging=(ONCE,),
        )
