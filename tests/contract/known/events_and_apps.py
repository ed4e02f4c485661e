"""Products that Zendesk documents without an OpenAPI file here: profiles, events, apps, others."""

from __future__ import annotations

from collections.abc import Mapping


_SITE = "https://developer.zendesk.com/api-reference"
_PROFILES = f"{_SITE}/ticketing/users/profiles_api/profiles_api/"
_EVENTS = f"{_SITE}/ticketing/users/events-api/events-api/"
_RECORD_EVENTS = f"{_SITE}/custom-data/custom-objects/custom_object_record_events/"
_APPS = f"{_SITE}/ticketing/apps/apps/"
_LOCATIONS = f"{_SITE}/ticketing/apps/app_locations/"
_ORDERS = f"{_SITE}/ticketing/apps/app_location_installations/"
_ZCLI = "https://github.com/zendesk/zcli/tree/master/packages/zcli-apps"
_GROUPS = f"{_SITE}/agent-availability/agent-availability-api/"
_IPS = f"{_SITE}/ticketing/account-configuration/public_ips/"
_CONTENT = f"{_SITE}/help_center/federated-search"
_EXPORTS = f"{_SITE}/ticketing/ticket-management/incremental_exports/#incremental-sample-export"

#: The fields of each model, and their source.
_FIELDS: Mapping[str, tuple[str, str]] = {
    "help_center.ExternalContentRecord": (
        f"{_CONTENT}/external_content_records/",
        """
        body created_at external_id id locale source_id title type_id updated_at url
        user_segment_id
        """,
    ),
    "help_center.ExternalContentSource": (
        f"{_CONTENT}/external_content_sources/",
        "created_at id name updated_at",
    ),
    "help_center.ExternalContentType": (
        f"{_CONTENT}/external_content_types/",
        "created_at id name updated_at",
    ),
    "App": (
        _APPS,
        """
        app_organization author_email author_name author_url categories collections created_at
        date_published default_locale deprecated feature_color featured framework_version
        google_analytics_code id installable installation_count installation_instructions
        large_icon locations long_description marketing_only name obsolete owner_id paid parameters
        plans products promoted rating raw_installation_instructions raw_long_description
        remote_installation_url screenshots short_description single_install small_icon state
        stripe_publishable_key terms_conditions_url third_party_pricing updated_at version
        visibility
        """,
    ),
    "AppInstallation": (
        _APPS,
        """
        app_id collapsible created_at enabled group_restrictions has_incomplete_subscription
        has_unpaid_subscription id paid pending_installation pending_job_id plan_information product
        recurring_payment redirect_path role_restrictions servable settings settings_objects
        stripe_account stripe_publishable_key stripe_subscription_id updated updated_at
        """,
    ),
    "AppInstallationJob": (_APPS, "id installation_id message progress status total url"),
    "AppJob": (_APPS, "app_id app_url id message progress retry_in status total url"),
    "AppLocation": (
        _LOCATIONS,
        "collapsible host_application id name orderable product_code visible",
    ),
    "AppLocationInstallation": (_ORDERS, "id installations location_name"),
    "AppRequirement": (
        _APPS,
        """
        account_id created_at id identifier installation_id requirement_id requirement_type
        updated_at
        """,
    ),
    "CustomObjectRecordEvent": (
        _RECORD_EVENTS,
        """
        actor created_at custom_object_key custom_object_record_id description id properties
        received_at source type
        """,
    ),
    "GroupAvailability": (
        _GROUPS,
        "account_id channel_group_statuses group_id id unified_states version",
    ),
    "PublicIPs": (_IPS, "egress id ingress"),
    "UserEvent": (
        _EVENTS,
        """
        created_at description id identifier profile_id profile_name properties received_at source
        type user_id
        """,
    ),
    "UserProfile": (
        _PROFILES,
        "attributes created_at id identifiers name source type updated_at user_id",
    ),
}
#: The schemas of each model; these products have none.
RECEIVED: Mapping[str, tuple[str, ...]] = dict.fromkeys(_FIELDS, ())

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    f"{model}.{name}": source
    for model, (source, names) in _FIELDS.items()
    for name in names.split()
}

_INSTALLATIONS = "apps/installations"
_CONTENT_PATH = "guide/external_content"
#: The calls of each page.
_CALLS: Mapping[str, tuple[str, ...]] = {
    _PROFILES: (
        "GET users/{}/profiles",
        "PUT users/{}/profiles",
        "GET user_profiles",
        "PUT user_profiles",
        "PATCH user_profiles",
        "GET user_profiles/{}",
        "PUT user_profiles/{}",
        "PATCH user_profiles/{}",
        "DELETE user_profiles/{}",
    ),
    _EVENTS: (
        "GET users/{}/events",
        "POST users/{}/events",
        "GET user_profiles/events",
        "POST user_profiles/events",
        "GET user_profiles/{}/events",
        "POST user_profiles/{}/events",
    ),
    _RECORD_EVENTS: ("GET custom_objects/{}/records/{}/events",),
    _APPS: (
        "GET apps",
        "POST apps",
        "GET apps/owned",
        "GET apps/{}",
        "PUT apps/{}",
        "DELETE apps/{}",
        "GET apps/job_statuses/{}",
        "POST apps/uploads",
        "POST apps/notify",
        f"GET {_INSTALLATIONS}",
        f"POST {_INSTALLATIONS}",
        f"GET {_INSTALLATIONS}/{{}}",
        f"PUT {_INSTALLATIONS}/{{}}",
        f"DELETE {_INSTALLATIONS}/{{}}",
        f"GET {_INSTALLATIONS}/{{}}/requirements",
        f"GET {_INSTALLATIONS}/job_statuses/{{}}",
    ),
    _ZCLI: ("POST apps/validate",),
    _LOCATIONS: ("GET apps/locations",),
    _ORDERS: ("GET apps/location_installations", "POST apps/location_installations/reorder"),
    _GROUPS: ("GET account_groups/availability/{}",),
    _IPS: ("GET /ips",),
    _EXPORTS: tuple(
        f"GET incremental/{plural}/sample"
        for plural in ("organizations", "ticket_events", "tickets", "users")
    ),
    **{
        f"{_CONTENT}/external_content_{plural}/": (
            f"GET {_CONTENT_PATH}/{plural}",
            f"POST {_CONTENT_PATH}/{plural}",
            f"GET {_CONTENT_PATH}/{plural}/{{}}",
            f"PUT {_CONTENT_PATH}/{plural}/{{}}",
            f"DELETE {_CONTENT_PATH}/{plural}/{{}}",
        )
        for plural in ("records", "sources", "types")
    },
}
#: Calls that Zendesk describes on other pages only.
CALLS_UNDESCRIBED: dict[str, str] = {
    call: source for source, calls in _CALLS.items() for call in calls
}

#: Parameters that Zendesk describes on other pages only.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    **{
        (f"GET {path}", f"filter[{name}]"): _EVENTS
        for path in ("user_profiles/events", "user_profiles/{}/events", "users/{}/events")
        for name in ("source", "type", "start_time", "end_time")
    },
    ("GET user_profiles/events", "identifier"): _EVENTS,
    ("GET user_profiles", "identifier"): _PROFILES,
}
