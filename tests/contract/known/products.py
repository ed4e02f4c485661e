"""Products that Zendesk documents without an OpenAPI file here: side conversations and others."""

from __future__ import annotations

from collections.abc import Mapping


_SITE = "https://developer.zendesk.com/api-reference"
_SIDE = f"{_SITE}/ticketing/side_conversation/side_conversation/"
_CSAT = f"{_SITE}/ticketing/csat/csat_survey_responses/"
_PATH = "tickets/{}/side_conversations"

#: The fields of each model, and their source.
_FIELDS: Mapping[str, tuple[str, str]] = {
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
    ("GET guide/survey_responses", name): _CSAT
    for name in (
        "filter[created_at_end]",
        "filter[created_at_start]",
        "filter[responder_ids]",
        "filter[subject_zrns]",
        "sort",
    )
}
