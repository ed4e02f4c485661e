"""Support addresses: the e-mail addresses at which the account receives tickets.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/support_addresses/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, get_args

from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import resource
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Field, Id, ReadOnly, Ref
from zendesk_orm.schema.values import CaseInsensitiveStr


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand

Verified = Literal["unknown", "verified", "failed"]
Forwarding = Literal["unknown", "waiting", "verified", "failed"]
Results = Literal["verified", "failed"]
Check = Literal["forwarding", "spf", "dns"]


class RecipientAddress(Model):
    """An e-mail address of the account, which Zendesk's reference calls a support address."""

    url: ReadOnly[str]
    name: Field[str | None]
    email: Field[CaseInsensitiveStr]
    default: Field[bool | None]
    brand: Ref[Brand | None]
    brand_id: Id[int | None]
    forwarding_status: ReadOnly[Forwarding]
    spf_status: ReadOnly[Verified]
    cname_status: ReadOnly[Verified]
    dns_results: ReadOnly[Results | None]
    domain_verification_status: ReadOnly[Verified]
    domain_verification_code: ReadOnly[str | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("email",)
        api = resource("recipient_addresses")

    @action("PUT", "recipient_addresses/{id}/verify")
    def verify(self, check: Check = "forwarding") -> None:
        """Start a check of the address; its result is available in the fields later.

        ::

            address.verify()
            address.refresh_from_db()
            address.forwarding_status

        Args:
            check: `forwarding` sends an e-mail to the address, which must be forwarded to
                Zendesk; `spf` and `dns` check the records of its domain.

        Raises:
            InvalidValue: `check` is invalid, or the address was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/support_addresses/#verify-support-address-forwarding
        """
        if check not in get_args(Check):
            raise InvalidValue(
                f"check must be one of {', '.join(get_args(Check))}, not {display(check)}"
            )
        self._call("verify", {"type": check})
