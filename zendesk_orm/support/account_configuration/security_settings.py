"""Security settings, which define how users sign in.

Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/security_settings/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from zendesk_orm.api.paging import ONCE
from zendesk_orm.api.vocabulary import SHOW, listing, singleton
from zendesk_orm.model import Model
from zendesk_orm.schema.fields import Id, Lookup, ReadOnly, ReadOnlyRef


if TYPE_CHECKING:
    from zendesk_orm.support.account_configuration.brands import Brand

Assumption = Literal["off", "day", "week", "month", "year", "always"]
Flow = Literal["PKCE", "authorization_code"]
Mode = Literal["saml", "jwt", "oidc"]


class SecuritySettings(Model):
    """The security settings of the account: `SecuritySettings.objects.get()`."""

    admins_can_set_user_passwords: ReadOnly[bool]
    agent_session_timeout: ReadOnly[int | None]
    assumable: ReadOnly[bool]
    assumable_account_type: ReadOnly[bool]
    assumption_duration: ReadOnly[Assumption | None]
    assumption_expiration: ReadOnly[datetime | None]
    authentication: ReadOnly[dict[str, Any]]
    csp_blocking_enabled: ReadOnly[bool]
    email_agent_when_sensitive_fields_changed: ReadOnly[bool]
    end_user_session_timeout: ReadOnly[int | None]
    ip: ReadOnly[dict[str, Any]]
    maximum_session_duration: ReadOnly[int | None]
    maximum_session_duration_enabled: ReadOnly[bool]
    mobile_app_access: ReadOnly[bool]
    mobile_app_session_timeout: ReadOnly[int | None]
    two_factor_last_update: ReadOnly[datetime | None]

    class Meta:
        singular = "security_settings"
        plural = "security_settings"
        verbose_name_plural = "security settings"
        pk_key = ""
        api = singleton("security_settings", "security_settings", can=SHOW)


class RemoteAuthentication(Model):
    """An external service for single sign-on: SAML, JWT or OpenID Connect.

    Secrets are masked. If brands have separate users, `filter(of_brand=brand)` returns the
    services of a brand.
    """

    name: ReadOnly[str]
    label: ReadOnly[str | None]
    priority: ReadOnly[int | None]
    brand: ReadOnlyRef[Brand | None]
    brand_id: Id[int | None]
    is_active: ReadOnly[bool]
    agent: ReadOnly[bool]
    agent_primary: ReadOnly[bool]
    end_user: ReadOnly[bool]
    end_user_primary: ReadOnly[bool]
    can_display_button_to_end_users: ReadOnly[bool]
    can_display_button_to_team_members: ReadOnly[bool]
    auth_mode: ReadOnly[int]
    auth_mode_name: ReadOnly[Mode]
    auth_flow: ReadOnly[Flow | None]
    auth_url: ReadOnly[str | None]
    auto_discovery: ReadOnly[bool | None]
    client_id: ReadOnly[str | None]
    fingerprint: ReadOnly[str | None]
    ip_ranges: ReadOnly[str | None]
    issuer_url: ReadOnly[str | None]
    jwks_url: ReadOnly[str | None]
    masked_client_secret: ReadOnly[str | None]
    masked_secret: ReadOnly[str | None]
    remote_login_url: ReadOnly[str]
    remote_logout_url: ReadOnly[str]
    scope: ReadOnly[str | None]
    token_url: ReadOnly[str | None]
    update_external_ids: ReadOnly[bool | None]
    user_info_url: ReadOnly[str | None]

    of_brand: Lookup[Brand]

    class Meta:
        api = listing(
            "remote_authentications",
            filters={"of_brand": "brand_id"},
            fits_in_memory=True,
            paging=(ONCE,),
        )
