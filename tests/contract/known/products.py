"""Products that Zendesk documents without an OpenAPI file here: side conversations and others."""

from __future__ import annotations

from collections.abc import Mapping


_SITE = "https://developer.zendesk.com/api-reference"
_SIDE = f"{_SITE}/ticketing/side_conversation/side_conversation/"
_CSAT = f"{_SITE}/ticketing/csat/csat_survey_responses/"
_AGENTS = f"{_SITE}/agent-availability/agent-availability-api"
_STATUSES = "agent_availabilities/agent_statuses"
_GUIDE = f"{_SITE}/help_center/help-center-api"
_CLAIMS = "help_center/integration/account_custom_claims"
_THEMES = "guide/theming"
_PATH = "tickets/{}/side_conversations"

#: The fields of each model, and their source.
_FIELDS: Mapping[str, tuple[str, str]] = {
    "help_center.CustomClaim": (
        f"{_GUIDE}/account_custom_claims/",
        """
        account_id brand_id claim_description claim_identifier claim_value created_at id updated_at
        """,
    ),
    "help_center.Theme": (
        f"{_GUIDE}/theming/",
        "author brand_id created_at id live name updated_at version",
    ),
    "help_center.ThemeJob": (f"{_GUIDE}/theming/", "data errors id status"),
    "AgentAvailability": (
        f"{_AGENTS}/agent_availabilities/",
        "agent_id agent_status channels group_ids id skills version",
    ),
    "AgentStatus": (f"{_AGENTS}/agent_statuses/", "channels description id kind name"),
    "AgentStatusJob": (f"{_AGENTS}/agent_statuses/", "id results status"),
    "CapacityAssignee": (f"{_AGENTS}/capacity_rules/", "agent_id id rule_id"),
    "CapacityRule": (
        f"{_AGENTS}/capacity_rules/",
        "assignees capacities created_at default description id last_updated_at name",
    ),
    "WorkItem": (f"{_AGENTS}/agent_availabilities/", "added_at id reason type"),
    "SurveyResponse": (
        _CSAT,
        "answers expires_at id links locale responder_id subject_zrns subjects survey survey_id",
    ),
    "SideConversation": (
        _SIDE,
        """
        attachment_ids body created_at external_ids html_body id message_added_at participants
        preview_text sender state state_updated_at subject ticket_id to updated_at url
        """,
    ),
    "SideConversationAttachment": (_SIDE, "content_type height id name size width"),
    "SideConversationEvent": (
        _SIDE,
        """
        actor attachment_ids body created_at html_body id message side_conversation_id ticket_id to
        type updates url via
        """,
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

#: Calls that Zendesk describes on other pages only.
CALLS_UNDESCRIBED: dict[str, str] = {
    **dict.fromkeys(
        (
            "GET agent_availabilities",
            "GET agent_availabilities/me",
            "GET agent_availabilities/{}",
            "GET agent_availabilities/{}/channels/{}/relationships/work_items",
        ),
        f"{_AGENTS}/agent_availabilities/",
    ),
    **dict.fromkeys(
        (
            f"GET {_STATUSES}",
            f"GET {_STATUSES}/me",
            f"GET {_STATUSES}/job_statuses/{{}}",
            f"PUT {_STATUSES}/agents/me",
            f"PUT {_STATUSES}/agents/update_many",
            f"PUT {_STATUSES}/agents/{{}}",
        ),
        f"{_AGENTS}/agent_statuses/",
    ),
    **dict.fromkeys(
        (
            "GET capacity/rules",
            "POST capacity/rules",
            "GET capacity/rules/{}",
            "PUT capacity/rules/{}",
            "DELETE capacity/rules/{}",
            "PATCH capacity/rules/{}/agents",
            "GET capacity/rules/assignees",
            "GET capacity/rules/{}/assignees",
        ),
        f"{_AGENTS}/capacity_rules/",
    ),
    **dict.fromkeys(
        (
            f"GET {_CLAIMS}",
            f"POST {_CLAIMS}",
            f"GET {_CLAIMS}/{{}}",
            f"PUT {_CLAIMS}/{{}}",
            f"DELETE {_CLAIMS}/{{}}",
        ),
        f"{_GUIDE}/account_custom_claims/",
    ),
    **dict.fromkeys(
        (
            f"GET {_THEMES}/themes",
            f"GET {_THEMES}/themes/{{}}",
            f"DELETE {_THEMES}/themes/{{}}",
            f"POST {_THEMES}/themes/{{}}/publish",
            f"POST {_THEMES}/jobs/themes/imports",
            f"POST {_THEMES}/jobs/themes/updates",
            f"POST {_THEMES}/jobs/themes/exports",
            f"GET {_THEMES}/jobs/{{}}",
        ),
        f"{_GUIDE}/theming/",
    ),
    "GET guide/survey_responses": _CSAT,
    "GET guide/survey_responses/{}": _CSAT,
    "POST guide/survey_responses": _CSAT,
    "POST guide/survey_responses/{}": _CSAT,
    f"GET {_PATH}": _SIDE,
    f"GET {_PATH}/{{}}": _SIDE,
    f"POST {_PATH}": _SIDE,
    f"PUT {_PATH}/{{}}": _SIDE,
    f"POST {_PATH}/{{}}/reply": _SIDE,
    f"GET {_PATH}/{{}}/events": _SIDE,
    f"POST {_PATH}/import": _SIDE,
    f"POST {_PATH}/{{}}/events/import": _SIDE,
    "POST tickets/side_conversations/attachments": _SIDE,
}

#: Parameters that Zendesk describes on other pages only.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    (f"GET {_THEMES}/themes", "brand_id"): f"{_GUIDE}/theming/",
    **{
        ("GET guide/survey_responses", name): _CSAT
        for name in (
            "filter[created_at_end]",
            "filter[created_at_start]",
            "filter[responder_ids]",
            "filter[subject_zrns]",
            "sort",
        )
    },
    **{
        ("GET agent_availabilities", f"filter[{name}]"): f"{_AGENTS}/agent_availabilities/"
        for name in ("agent_status_id", "channel_status", "group_ids")
    },
}
