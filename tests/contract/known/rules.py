"""Business rules and their parts: fields, forms, statuses, schedules, routing."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model: first of responses, then of requests.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "AgentSkill": ("ManySkillBasedRoutingAttributeValues",),
    "Automation": ("AutomationObject",),
    "CustomStatus": ("CustomStatusObject",),
    "DynamicContentItem": ("DynamicContentObject",),
    "DynamicContentVariant": ("DynamicContentVariantObject",),
    "GroupSlaPolicy": ("GroupSLAPolicyObject",),
    "Holiday": (),
    "Macro": ("MacroObject",),
    "MacroAttachment": ("MacroAttachmentObject",),
    "OrganizationField": ("OrganizationFieldObject",),
    "Queue": ("QueueObject",),
    "RoutingAttribute": ("SkillBasedRoutingAttributeObject",),
    "RoutingAttributeValue": ("SkillBasedRoutingAttributeValueObject",),
    "Schedule": (),
    "SlaPolicy": ("SLAPolicyObject",),
    "Target": ("TargetObject",),
    "TargetFailure": ("TargetFailureObject",),
    "TicketFieldOption": ("CustomFieldOptionObject",),
    "TicketForm": ("TicketFormObject",),
    "TicketFormStatus": ("TicketFormStatusObject",),
    "Trigger": ("TriggerObject",),
    "TriggerCategory": ("TriggerCategory",),
    "TriggerRevision": (),
    "UserField": ("UserFieldObject",),
    "UserFieldOption": ("CustomFieldOptionObject",),
    "ViewCount": ("ViewCountObject",),
    "Workspace": ("WorkspaceObject",),
}
SENT: Mapping[str, tuple[str, ...]] = {
    "Workspace": ("WorkspaceInput",),
}

_SCHEDULES = "the page on schedules; Zendesk's description has none of it"
_PATH = "the path tells it, and no row; the library writes it into the row"
_INLINE = "described without a schema of its own"
_WORD = "the id of the other row, which is a word"

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    "Automation.all": "recorded: what `conditions` may be sent as",
    "Automation.any": "the same",
    "CustomStatus.url": "known from zenpy's objects",
    "DynamicContentVariant.item_id": _PATH,
    "Macro.attachments": "known from public clients: files that a new macro is to have",
    "MacroAttachment.macro_id": _PATH,
    "Queue.primary_groups_id": "known from public clients: what `primary_groups` is sent as",
    "Queue.secondary_groups_id": "the same",
    "RoutingAttributeValue.conditions": "described in words: which new tickets get the value",
    "TicketFieldOption.ticket_field_id": _PATH,
    "TicketForm.restricted_organization_ids": "known from zenpy's objects",
    "UserFieldOption.user_field_id": _PATH,
    "ViewCount.id": "the view's id by another name: the model writes it into the row",
    **{
        f"Holiday.{name}": _SCHEDULES
        for name in ("id", "schedule_id", "name", "start_date", "end_date")
    },
    **{
        f"Schedule.{name}": _SCHEDULES
        for name in ("id", "name", "time_zone", "intervals", "created_at", "updated_at")
    },
    **{
        f"TriggerRevision.{name}": _INLINE
        for name in ("id", "author_id", "created_at", "diff", "snapshot", "trigger_id", "url")
    },
}

#: Described properties that are not declared.
LEFT_OUT: dict[str, str] = {
    "Trigger.category": "a relation here: an id or a category, and none made on the way",
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "AgentSkill.attribute_id": _WORD,
    "AgentSkill.attribute_value_id": _WORD,
    "Macro.app_installation": "described as a string; the side-loaded rows were not recorded",
    "Macro.categories": "the same",
    "Macro.permissions": "the same",
    "RoutingAttributeValue.attribute_id": _WORD,
    "Trigger.category_id": _WORD,
    "Trigger.created_at": "described as a plain string, recorded as a moment",
    "Trigger.updated_at": "the same",
    "TriggerCategory.created_at": "described as a plain string, shown as a moment",
    "TriggerCategory.updated_at": "the same",
}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    "CustomStatus.default": "set by a call for several: `CustomStatus.objects.set_defaults()`",
    "MacroAttachment.created_at": "Zendesk sets it, whatever the description forgets",
    **{
        f"Macro.{name}": "comes only with a side-load"
        for name in ("app_installation", "categories", "permissions")
    },
    **{f"Macro.usage_{span}": "comes only with a side-load" for span in ("1h", "24h", "7d", "30d")},
    "Queue.primary_groups": "sent as `primary_groups_id`",
    "Queue.secondary_groups": "sent as `secondary_groups_id`",
    "TicketFormStatus.custom_status_id": "made by calls of the form, or of the status",
    "TicketFormStatus.ticket_form_id": "the same",
    "Trigger.all": "sent only: they come back as `conditions`",
    "Trigger.any": "the same",
    **{
        f"Workspace.{name}": "not among what a workspace is sent as"
        for name in (
            "activated",
            "apps",
            "macro_ids",
            "position",
            "prefer_workspace_app_order",
            "selected_macros",
        )
    },
    **{
        f"Workspace.{name}": "Zendesk sets it, whatever the description forgets"
        for name in ("created_at", "id", "updated_at", "url")
    },
    "Workspace.macros": "sent only: they come back as `macro_ids`",
}

_HOURS = "business_hours/schedules"

CALLS_UNDESCRIBED: dict[str, str] = {
    f"{method} {_HOURS}{suffix}": _SCHEDULES
    for suffix, methods in (
        ("", "GET POST"),
        ("/{}", "GET PUT DELETE"),
        ("/{}/workweek", "PUT"),
        ("/{}/holidays", "GET POST"),
        ("/{}/holidays/{}", "GET PUT DELETE"),
    )
    for method in methods.split()
}

PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET triggers/{}/revisions", "include"): "described in words: it side-loads users",
    ("GET triggers/{}/revisions/{}", "include"): "described in words: it side-loads users",
}

_BESIDES = {
    "app_installation": "the app that brought a rule along",
    "permissions": "what the caller may do with each",
    "usage_1h": "a key in each row, and no rows of their own",
    "usage_24h": "a key in each row, and no rows of their own",
    "usage_7d": "a key in each row, and no rows of their own",
    "usage_30d": "a key in each row, and no rows of their own",
}

SIDELOADS_LEFT_OUT: dict[tuple[str, str], str] = {
    **{
        (path, name): reason
        for path in (
            "automations",
            "automations/active",
            "automations/search",
            "triggers",
            "triggers/active",
            "triggers/search",
        )
        for name, reason in _BESIDES.items()
    },
    **{
        (path, name): _BESIDES[name]
        for path in ("views/active", "views/search")
        for name in ("app_installation", "permissions")
    },
    (
        "routing/attributes",
        "attribute_values",
    ): "the values of an attribute are a list of their own",
}

#: Operations whose effect another call of the library has.
SERVED_BY_OTHERS: dict[str, str] = {
    "PUT ticket_forms/{}/ticket_form_statuses/{}": "ticket_form.change_statuses()",
}
