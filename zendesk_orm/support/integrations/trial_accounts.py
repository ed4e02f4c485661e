"""Trial accounts, which resellers create for customers.

Source: https://developer.zendesk.com/api-reference/reseller/api_reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.actions import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.messages import display
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema.arguments import require_text
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.schema.loading import load_bool
from zendesk_orm.session.action_bodies import record_of, value_of
from zendesk_orm.support.users.passwords import secret


class TrialAccountManager(Manager["TrialAccount"]):
    """`TrialAccount.objects`."""

    @action("POST", "accounts", key="account")
    def open(
        self,
        account: Mapping[str, Any],
        *,
        owner: Mapping[str, Any],
        phone: str,
        partner: Mapping[str, Any] | None = None,
        language: str | None = None,
        utc_offset: int | None = None,
    ) -> TrialAccount:
        """Create a trial account; only resellers can, with a token from Zendesk.

        Args:
            account: `name`, `subdomain`, `help_desk_size`, `zendesk_suite_trial`.
            owner: `name`, `email`, `password`.
            phone: the phone number of the owner.
            partner: `name` and `url` of the reseller.
            language: the language of the account: `en-us`.
            utc_offset: the offset from UTC in hours.

        Returns:
            The account.

        Raises:
            InvalidValue: the owner has no password.
            ValidationError, PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/reseller/api_reference/#create-trial-account
        """
        body = {
            "account": dict(account),
            "owner": {**owner, "password": secret(owner.get("password"))},
            "address": {"phone": phone},
            "partner": partner,
            "language": language,
            "utc_offset": utc_offset,
        }
        return self._call(
            "open",
            {name: value for name, value in body.items() if value is not None},
            then=lambda data: record_of(TrialAccount, data, "account"),
            in_dry_run=TrialAccount(),
        )

    @action("GET", "accounts/available", key="success")
    def is_available(self, subdomain: str) -> bool:
        """Return whether the subdomain is available.

        Args:
            subdomain: the subdomain, of letters and digits.

        Raises:
            InvalidValue: the subdomain is empty, or has other characters.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/reseller/api_reference/#verify-subdomain-availability
        """
        if not require_text("subdomain", subdomain).isalnum():
            raise InvalidValue(
                f"a subdomain must have letters and digits only, not {display(subdomain)}"
            )
        return value_of(self._call("is_available", subdomain=subdomain), "success", load_bool)


class TrialAccount(Model):
    """A trial account that a reseller created for a customer."""

    objects = TrialAccountManager.as_manager()

    url: ReadOnly[str]
    name: ReadOnly[str]
    subdomain: ReadOnly[str]

    class Meta:
        verbose_name = "trial account"
        verbose_name_plural = "trial accounts"
