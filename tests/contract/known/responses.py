"""Responses and requests that differ from Zendesk's description, by reason.

Each difference is a regular expression that is searched in the text of a problem.
"""

from __future__ import annotations

from collections.abc import Mapping


_RESPONSES: Mapping[str, tuple[str, ...]] = {
    "recorded for macros and views, and the status of every other creation": (
        r"^POST (custom_roles|help_center/.*/comments|macros): status 201$",
        r"^POST (organization_subscriptions|trigger_categories|views): status 201$",
    ),
    "described as a list; the example is an object": (
        r"^(GET|POST) .*(satisfaction_rating|ticket_metric|session|reason): \{",
    ),
    "described as an object; the example is a list": (r"ticket_form_statuses: \[",),
    "recorded; ids of letters and results of imports are not described": (
        r"job_status(es)?(\.#)?\.results",
    ),
    "recorded: tags and people are lists": (r"audit\.events\.#\.value: \[",),
    "described as one value; a ticket has several": (
        r"macros/\{macro_id\}/apply: result\.ticket\.fields: \[",
    ),
    "pages by cursor": (r"\.(count|next_page|previous_page|end_time) is missing$",),
    "pages by number": (r"\.(links|meta|links\.next|links\.prev) is missing$",),
    "recorded: `meta` and `links` instead": (r"^TicketAuditsResponse\.(after|before)_",),
    "sent only": (
        r"^(TicketObject|TicketSkipObject\.ticket)\.comment is missing$",
        r"^TicketCommentObject\.(add_short_url|channel_\w+|translate_to|uploads) is",
        r"^ArticleAttachmentObject\.file is missing$",
    ),
    "the deprecated form of conditions, as it is sent": (r"^TriggerObject\.(all|any) is missing$",),
    "described in words: not in lists": (r"^TaskListTemplateObject\.tasks is missing$",),
    "each of the exports has one of the lists": (
        r"^IncrementalSkillBasedRouting\.\w+ is missing$",
    ),
    "early access: brands with separate users": (r"^DeletedUserObject\.separation is missing$",),
    "the example is a list": (r"^EmailNotificationResponse\.email_notification is missing$",),
    "a preview has no view": (r"^(ViewResponse\.view|ViewCountObject\.active) is missing$",),
    "those of the execution of a view": (r"^ViewResponse\.(columns|groups|rows) is missing$",),
    "the example of an execution has the id of the view alone": (r"^ViewObject\.\w+ is missing$",),
    "the key of the list": (r"^SuspendedTicketsResponse\.suspended_tickets is missing$",),
    "the keys of rows of all types": (r"^SearchResultObject\.\w+ is missing$",),
    "described as a ticket; the example has few keys": (
        r"^BookmarkObject\.ticket\.\w+ is missing$",
    ),
    "what a macro does not change": (
        r"^MacroApplyTicketResponse\.result\.ticket\.\w+ is missing$",
    ),
    "described in words: of fields with options alone": (
        r"^(CustomObject|Organization|Ticket|User)Field(Object)?\.custom_field_options is",
    ),
    "described in words: with `creator=true` alone": (
        r"^TicketFieldObject\.creator_(app_name|user_id) is missing$",
    ),
    "described in words: of some system fields": (
        r"^TicketFieldObject\.(custom_statuses|sub_type_id|system_field_options) is",
    ),
    "described in words: of fields of some types": (
        r"^CustomObjectFieldPropertiesObject\.(rollup_\w+|allowed_currencies) is",
    ),
    "the example has it for fields with a list": (
        r"^AccessRuleFieldDefinition\.(metadata|values)",
        r"^(Definitions|Trigger|ObjectTrigger)\w+(\.\w+)*\.values is missing$",
    ),
    "side-loads": (r"^MacroObject\.(app_installation|categories|permissions|usage_\w+) is",),
    "recorded: an option within a field has few keys": (
        r"^CustomFieldOptionObject\.(allow_solving|position|url) is missing$",
    ),
    "recorded: each type of event has keys of its own": (
        r"^AuditObject\.events\.(body|field_name|value) is missing$",
    ),
    "recorded: empty for the API": (r"^ViaObject\.source\.(from|to)\.\w+ is missing$",),
    "of users of messaging": (r"^ConversationLogObject\.author\.zen:sunco:user_id is",),
    "the example has it in the other schema": (
        r"^ApprovalRequestsListResponse\..*\.photo is missing$",
    ),
    "the examples lack it": (r"^\w+\.operators\.format is missing$",),
    "the keys of a result stand beside the results by mistake": (
        r"^ArticleSearchResponse\.(result_type|snippet) is missing$",
    ),
    "described as never null; deleted users may lack it": (
        r"^(GET|DELETE) deleted_users.*\.(email|organization_id): None is not",
    ),
    "described as never null; those of users are recorded as null if they are unset": (
        r"organizations?(\.#)?\.organization_fields\.\w+: None is not valid",
    ),
    "a job may report rows that are not recovered": (r"^PUT suspended_tickets/recover_many: 422",),
    "the status is unconfirmed, and a switch of the emulator": (
        r"^POST /oauth/tokens: status 200$",
    ),
    "the test lets the request fail": (r"^POST uploads: (status 50\d|429 without error)$",),
    "of the root": (r"^\w+ it_asset_management/asset_types.*parent_id: None",),
    "the tests insert any number": (
        r"remote_authentications\.#(: '\w+' is a required|\.auth_mode: \d+ is)",
    ),
    "the tests insert the row without them": (
        r"^(SuspendedTicketObject\.author|ViaObject|TicketAuditViaObject)\.\w+ is",
    ),
    "the tests insert an empty revision": (
        r"^Trigger(Revision|Revisions|Snapshot)\w*\.(.*\.)?\w+ is",
    ),
}

_REQUESTS: Mapping[str, tuple[str, ...]] = {
    "an update sends what changed, and not what a new asset requires": (
        r"^POST it_asset_management/assets/jobs: job\.items\.#: \{.*'id':",
    ),
    "described in words": (r"^POST uploads: parameter token$",),
    "in the links of an example": (r"^GET ticket_audits: parameter limit$",),
    "the test creates a root": (r"^POST it_asset_management/asset_types: .*'parent_id' is a",),
    "one schema describes creation and update, which sends changes": (
        r"^PUT .*: (brand|macro|trigger): '\w+' is a required property$",
    ),
    "a parameter of the other requests, without which rows lack the creator": (
        r"^POST ticket_fields: parameter creator$",
    ),
    "a parameter of the export of which it is a sample": (
        r"^GET incremental/.*/sample: parameter support_type_scope$",
    ),
    "described in words: ids, addresses or objects": (
        r"^POST tickets: ticket\.collaborators\.#: \d",
    ),
    "the path or `translations` tell them; without either, Zendesk has to answer": (
        r"^POST help_center/sections/.*: article: '(locale|title)' is",
    ),
}


def _invert(reasons: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the reason of each pattern."""
    return {pattern: reason for reason, patterns in reasons.items() for pattern in patterns}


#: Differences of the emulator's responses, with their reasons.
OTHER_RESPONSES: dict[str, str] = _invert(_RESPONSES)
#: Differences of the library's requests, with their reasons.
OTHER_REQUESTS: dict[str, str] = _invert(_REQUESTS)
