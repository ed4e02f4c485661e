"""Account: organizations, brands, settings, OAuth, webhooks, and others."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "AccountSettings": ("AccountSettingsObject",),
    "AuditLog": ("AuditLogObject",),
    "Bookmark": ("BookmarkObject",),
    "BrandAgent": ("BrandAgentObject",),
    "ChannelResource": ("ChannelFrameworkResultObject",),
    "Country": ("CountryObject",),
    "DeletionSchedule": ("DeletionSchedule",),
    "EmailNotification": ("EmailNotificationObject",),
    "EmailSettings": (),
    "Engagement": (),
    "GlobalOAuthClient": ("GlobalClientObject",),
    "HostMapping": ("HostMappingObject",),
    "Integration": (),
    "InvocationAttempt": (),
    "JiraLink": (),
    "Locale": ("LocaleObject",),
    "MonitoredTwitterHandle": ("TwitterChannelObject",),
    "NpsRecipient": (),
    "NpsResponse": (),
    "OAuthClient": ("OAuthClientObject",),
    "OAuthGrant": ("OAuthTokenForGrantTypesObject",),
    "OAuthToken": ("OauthTokenObject",),
    "OrganizationMembership": ("OrganizationMembershipObject",),
    "OrganizationMerge": (),
    "OrganizationSubscription": ("OrganizationSubscriptionObject",),
    "PushNotificationDevice": (),
    "RecipientAddress": ("SupportAddressObject",),
    "RemoteAuthentication": ("RemoteAuthenticationObject",),
    "ResourceCollection": ("ResourceCollectionObject",),
    "SecuritySettings": ("SecuritySettingsObject",),
    "SharingAgreement": ("SharingAgreementObject",),
    "SigningSecret": (),
    "Tag": ("TagListTagObject",),
    "TokenSummary": ("GlobalClientTokenSummaryObject",),
    "TrialAccount": ("TrialAccountObject",),
    "Webhook": (),
    "WebhookInvocation": (),
    "WebhookResponse": (),
}
SENT: Mapping[str, tuple[str, ...]] = {
    "Bookmark": ("BookmarkInput",),
    "OrganizationSubscription": ("OrganizationSubscriptionInput",),
}


def _repeat(model: str, fields: str, reason: str) -> dict[str, str]:
    """Return the same reason for several fields of a model."""
    return {f"{model}.{name}": reason for name in fields.split()}


_WORDS = "Zendesk's page describes it, and no file does"
_NONE = "these rows have none"

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    "AccountSettings.id": "there is one row; the model writes an id into it",
    "ChannelResource.id": _NONE,
    "EmailNotification.id": "`notification_id` by another name: the model writes it into the row",
    "EmailSettings.email": "described without a schema of its own",
    "EmailSettings.id": "there is one row; the model writes an id into it",
    "Engagement.id": "`engagement_id` by another name: the model writes it into the row",
    "HostMapping.id": _NONE,
    **_repeat("Integration", "description jwt_public_key zendesk_oauth_client", _WORDS),
    **_repeat("Integration", "id name", "the path tells it; the library writes it into the row"),
    **_repeat(
        "InvocationAttempt",
        "completed_at id invocation_id request response status status_code",
        "recorded by others, beside zenpy: of webhooks there is no description",
    ),
    **_repeat("JiraLink", "created_at id issue_id issue_key ticket_id updated_at url", _WORDS),
    **_repeat("Locale", "default native_name presentation_name rtl", "known from zenpy's samples"),
    **_repeat(
        "NpsRecipient",
        "created_at delivered_at delivery_id id survey_id survey_name updated_at user_email "
        "user_id user_name",
        _WORDS,
    ),
    **_repeat(
        "NpsResponse",
        "comment delivered_at delivery_id id rated_at rating recipient_id survey_id survey_name "
        "user_email user_id user_name",
        _WORDS,
    ),
    "OAuthGrant.id": _NONE,
    **_repeat(
        "OrganizationMerge", "id loser_id status url winner_id", "described without a schema"
    ),
    "PushNotificationDevice.id": _NONE,
    "SecuritySettings.id": "there is one row; the model writes an id into it",
    **_repeat("SigningSecret", "algorithm secret", "recorded by others, beside zenpy"),
    "SigningSecret.id": _NONE,
    "Tag.id": "the name by another name: the model writes it into the row",
    "TrialAccount.id": _NONE,
    **_repeat("Webhook", "custom_headers external_source", _WORDS),
    **_repeat(
        "WebhookInvocation",
        "id latest_completed_at status status_code",
        "recorded by others, beside zenpy: of webhooks there is no description",
    ),
    "WebhookInvocation.webhook_id": "the path tells it; the library writes it into the row",
    "WebhookResponse.id": _NONE,
}

_SHOWN = "it is shown, and nothing changes it"

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    **_repeat("BrandAgent", "brand_id user_id", "made by saving agents, and deleted"),
    "ChannelResource.status": "what became of it is told",
    **_repeat("Country", "calling_code code id name region", _SHOWN),
    **_repeat("HostMapping", "cname expected_cnames is_valid reason", "a verdict"),
    **_repeat("OAuthGrant", "expires_in refresh_token_expires_in", "what was granted is told"),
    **_repeat("OAuthToken", "client_id scopes", "described in words: sent when a token is made"),
    **_repeat(
        "OrganizationMembership", "organization_id user_id", "sent when a membership is made"
    ),
    "OrganizationSubscription.created_at": "Zendesk sets it, whatever the description forgets",
    "OrganizationSubscription.id": "the same",
    **_repeat(
        "RemoteAuthentication",
        "agent agent_primary auth_flow auth_mode auth_url auto_discovery brand_id "
        "can_display_button_to_end_users can_display_button_to_team_members client_id end_user "
        "end_user_primary fingerprint ip_ranges issuer_url jwks_url label masked_client_secret "
        "masked_secret name priority remote_login_url remote_logout_url scope token_url "
        "update_external_ids user_info_url",
        _SHOWN,
    ),
    **_repeat(
        "SecuritySettings",
        "admins_can_set_user_passwords agent_session_timeout assumable assumable_account_type "
        "assumption_duration assumption_expiration authentication csp_blocking_enabled "
        "email_agent_when_sensitive_fields_changed end_user_session_timeout ip "
        "maximum_session_duration maximum_session_duration_enabled mobile_app_access "
        "mobile_app_session_timeout two_factor_last_update",
        _SHOWN,
    ),
    "Tag.name": "tags come to be by being used",
    **_repeat("TrialAccount", "name subdomain url", "sent by a call of its own"),
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "TokenSummary.last_used_at": "described in words as a moment",
}

_WEBHOOKS = "https://developer.zendesk.com/api-reference/webhooks/webhooks-api/webhooks/"
_ENGAGEMENTS = "recorded, and described by the page on engagements"
_JIRA = "recorded by others, beside zenpy; the page on links says `/api/v2/jira/links`"
_NPS = "https://developer.zendesk.com/api-reference/ticketing/nps-api/"
_ZIS = "https://developer.zendesk.com/api-reference/integration-services/registry/"

#: Calls that Zendesk does not describe, with their sources.
CALLS_UNDESCRIBED: dict[str, str] = {
    "GET countries": "described with the ending .json",
    "GET countries/{}": "described with the ending .json",
    "GET engagements": _ENGAGEMENTS,
    "GET engagements/{}": _ENGAGEMENTS,
    "GET /api/services/jira/links": _JIRA,
    "GET /api/services/jira/links/{}": _JIRA,
    "POST /api/services/jira/links": _JIRA,
    "DELETE /api/services/jira/links/{}": _JIRA,
    "GET nps/incremental/recipients": _NPS,
    "GET nps/incremental/responses": _NPS,
    "GET webhooks": _WEBHOOKS,
    "GET webhooks/{}": _WEBHOOKS,
    "POST webhooks": _WEBHOOKS,
    "PATCH webhooks/{}": _WEBHOOKS,
    "DELETE webhooks/{}": _WEBHOOKS,
    "POST webhooks/test": _WEBHOOKS,
    "GET webhooks/{}/signing_secret": _WEBHOOKS,
    "POST webhooks/{}/signing_secret": _WEBHOOKS,
    "GET webhooks/{}/invocations": _WEBHOOKS,
    "GET webhooks/{}/invocations/{}/attempts": _WEBHOOKS,
    "POST /api/services/zis/registry/{}": _ZIS,
    "POST /api/services/zis/registry/{}/bundles": _ZIS,
    "POST /api/services/zis/registry/job_specs/install": _ZIS,
    "DELETE /api/services/zis/registry/job_specs/install": _ZIS,
}

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    **{
        ("GET audit_logs", f"filter[{name}][]"): "described in words: several values of a filter"
        for name in ("action", "actor_id", "ip_address", "source_id", "source_type")
    },
    ("GET email_notifications", "filter[comment_id]"): "described in words, as `filter`",
    ("GET email_notifications", "filter[ticket_id]"): "described in words, as `filter`",
    **{
        ("GET engagements", name): _ENGAGEMENTS
        for name in ("agent_id", "channel", "end_time", "filter_by", "start_time", "ticket_id")
    },
    ("GET /api/services/jira/links", "issue_id"): _JIRA,
    ("GET /api/services/jira/links", "ticket_id"): _JIRA,
    ("GET nps/incremental/recipients", "start_time"): _NPS,
    ("GET nps/incremental/responses", "start_time"): _NPS,
    ("GET webhooks", "filter[name_contains]"): _WEBHOOKS,
    ("GET webhooks", "sort"): _WEBHOOKS,
    **{
        ("GET webhooks/{}/invocations", f"filter[{name}]"): _WEBHOOKS
        for name in ("status", "from_ts", "to_ts")
    },
}

#: Calls whose responses have another envelope than the described one.
OTHER_ENVELOPES: dict[str, str] = {
    "GET email_notifications/show_many": "described as one row, although it returns several",
}

#: Operations whose effect another call of the library has.
SERVED_BY_OTHERS: dict[str, str] = {
    "POST autocomplete/tags": "Tag.objects.autocomplete()",
    "GET countries.json": "Country.objects.all()",
    "GET countries/{}.json": "Country.objects.get(id)",
    "POST users/{}/organization_memberships": "OrganizationMembership.objects.create(...)",
    "DELETE users/{}/organization_memberships/{}": "organization_membership.delete()",
}
