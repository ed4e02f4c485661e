"""Trial accounts, which resellers make for others.

Source: https://developer.zendesk.com/api-reference/reseller/api_reference/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zendesk_orm.api.vocabulary import action
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import ReadOnly
from zendesk_orm.support.passwords import secret


class TrialAccountManager(Manager["TrialAccount"]):
    """`TrialAccount.objects`."""

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
        """Make an account on trial; resellers alone can, with a token that Zendesk gave them.

        Args:
            account: `name`, `subdomain`, `help_desk_size`, `zendesk_suite_trial`.
            owner: `name`, `email`, `password`.
            phone: the number of the owner.
            partner: `name` and `url` of the reseller.
            language: of the account: `en-us`.
            utc_offset: hours from UTC.

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
        data = self._call("open", {name: each for name, each in body.items() if each is not None})
        return TrialAccount.from_row(data["account"] if data else {})

    def is_available(self, subdomain: str) -> bool:
        """Tell whether no account has the subdomain.

        Args:
            subdomain: letters and digits alone.

        Raises:
            InvalidValue: it has underscores, hyphens or blanks, or nothing.
            ApiError, TransportError.

        Source: https://developer.zendesk.com/api-reference/reseller/api_reference/#verify-subdomain-availability
        """
        if not subdomain.isalnum():
            raise InvalidValue(f"a subdomain has letters and digits alone, not {subdomain!r}")
        return bool(self._call("is_available", subdomain=subdomain)["success"])


class TrialAccount(Model):
    """An account of somebody else's, made on trial by a reseller."""

    objects = TrialAccountManager.as_manager()

    url: ReadOnly[str]
    name: ReadOnly[str]
    subdomain: ReadOnly[str]

    class Meta:
        verbose_name = "trial account"
        verbose_name_plural = "trial accounts"
        api = action("open", "POST", "accounts", "account") + action(
            "is_available", "GET", "accounts/available", "success"
        )
