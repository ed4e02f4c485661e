"""Users and related models: groups, roles, sessions, and requests of end users."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "Activity": ("ActivityObject",),
    "AvailableAgent": (),
    "ComplianceDeletionStatus": ("ComplianceDeletionStatusObject",),
    "CustomRole": ("CustomRoleObject",),
    "DeletedUser": ("DeletedUserObject",),
    "EndUser": ("UserForEndUser",),
    "EndUserIdentity": ("UserIdentityObject",),
    "GroupMembership": ("GroupMembershipObject",),
    "Request": ("RequestObject",),
    "RequestComment": ("TicketCommentObject",),
    "UserSession": ("SessionObject",),
    "UserSettings": (),
}
SENT: Mapping[str, tuple[str, ...]] = {"EndUserIdentity": ("UserIdentityInput",)}


def _repeat(model: str, fields: str, reason: str) -> dict[str, str]:
    """Return the same reason for several fields of a model."""
    return {f"{model}.{name}": reason for name in fields.split()}


#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    **_repeat(
        "AvailableAgent",
        "id name email role role_type custom_role_id photo_url entitlements suspended",
        "described without a schema of its own",
    ),
    "ComplianceDeletionStatus.id": "these rows have none",
    "EndUser.remote_photo_url": "the same as of any user",
    "EndUserIdentity.skip_verify_email": "described in words alone",
    **_repeat(
        "Request",
        "additional_collaborators collaborators comment requester via_followup_source_id",
        "described in words alone: what a request is made, or answered, with",
    ),
    "RequestComment.request_id": "the path tells it, and no row",
    "UserSettings.id": "there is one row, without an id; the library gives it one",
    **_repeat(
        "UserSettings",
        "admin_center agent_home_pinned_views lotus shared_views_order",
        "described without a schema of its own",
    ),
}

#: Described properties that are not declared.
LEFT_OUT: dict[str, str] = {
    "EndUserIdentity.auto_ownership": "early access: shared e-mail addresses",
    **_repeat(
        "RequestComment",
        "add_short_url channel_back channel_source_id translate_to",
        "of comments that agents write",
    ),
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    **_repeat("Activity", "actor user", "described as any object, recorded as a user"),
    **_repeat("Activity", "created_at updated_at", "a plain string, recorded as a moment"),
    "ComplianceDeletionStatus.created_at": "a plain string, a moment in the example",
    **_repeat("DeletedUser", "created_at updated_at", "a plain string, a moment in the example"),
    "DeletedUser.photo": "described as any object, recorded as an attachment of users",
    "DeletedUser.shared_phone_number": "a boolean, as that of users",
    "EndUser.photo": "described as any object, recorded as an attachment of users",
    "RequestComment.uploads": "an upload stands for its token",
    **_repeat(
        "UserSession", "authenticated_at last_seen_at", "a plain string, a moment in examples"
    ),
}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    **_repeat(
        "ComplianceDeletionStatus",
        "account_subdomain action application created_at executer_id user_id",
        "a history is never changed",
    ),
    **_repeat(
        "DeletedUser",
        "active created_at email id locale locale_id name organization_id phone photo role "
        "separation shared_phone_number time_zone updated_at url",
        "a deleted user is shown and destroyed, and never changed",
    ),
    "EndUser.photo": "set by `remote_photo_url`, or an upload of its own",
    "EndUser.role": "who is an end user cannot become anything else alone",
    "EndUser.verified": "the same",
    "EndUserIdentity.ownership": "early access: shared e-mail addresses",
    "EndUserIdentity.user_id": "the path tells it when an identity is made",
    "Request.via": "Zendesk knows by which way it was asked",
    "RequestComment.author_id": "whoever is asking",
    "RequestComment.public": "who asks can write no private comment",
    "RequestComment.uploads": "sent only: they come back as attachments",
    "RequestComment.via": "Zendesk knows by which way it was asked",
    **_repeat(
        "UserSession",
        "authenticated_at id last_seen_at url user_id",
        "a session is ended, and never changed",
    ),
}

#: Calls that Zendesk does not describe, with their sources.
CALLS_UNDESCRIBED: dict[str, str] = {
    "GET end_users/{}": "of the page on end users, and called by other clients",
    "PUT end_users/{}": "the same",
}

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET requests/search", "organization_id"): "told by the examples of the description",
    ("GET requests/search", "status"): "the same",
    ("GET requests/{}/comments", "sort"): "told by the words of the description",
    ("GET requests/{}/comments", "sort_by"): "the same",
}

#: Described side-loads that are not declared, with the reason.
SIDELOADS_LEFT_OUT: dict[tuple[str, str], str] = {
    ("activities", "fields_metadata"): "about the fields of tickets that changed",
    ("requests/{}", "users"): "the users who are copied in, of whom only the ids are there",
}

#: Operations whose effect another call of the library has.
SERVED_BY_OTHERS: dict[str, str] = {
    "DELETE users/{}/group_memberships/{}": "group_membership.delete()",
    "POST users/autocomplete": "User.objects.filter(autocomplete=...)",
    "POST users/{}/group_memberships": "GroupMembership.objects.create(...)",
}

#: Operations that the library does not support, with the reason.
NOT_SERVED: dict[str, str] = {
    "GET organizations/{}/users/count": "also counts members with another default organization",
}
