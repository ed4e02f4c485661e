"""Tickets, users and related models."""

from __future__ import annotations

from collections.abc import Mapping


#: The schemas of each model: first of responses, then of requests.
RECEIVED: Mapping[str, tuple[str, ...]] = {
    "Attachment": ("AttachmentObject",),
    "Audit": ("TicketAuditObject",),
    "Brand": ("BrandObject",),
    "Comment": ("TicketCommentObject",),
    "CustomObject": ("CustomObject",),
    "CustomObjectRecord": ("CustomObjectRecord",),
    "DeletedTicket": (),
    "Group": ("GroupObject",),
    "JobStatus": ("JobStatusObject",),
    "Organization": ("OrganizationObject",),
    "Ticket": ("TicketObject",),
    "TicketField": ("TicketFieldObject",),
    "Upload": (),
    "User": ("UserForAdmin", "UserForEndUser"),
    "UserIdentity": ("UserIdentityObject",),
    "View": ("ViewObject",),
}
SENT: Mapping[str, tuple[str, ...]] = {
    "Attachment": ("AttachmentUpdateInput",),
    "TicketField": ("TicketFieldInput", "TicketFieldUpdateInput"),
    "CustomObject": ("CustomObjectCreateInput",),
    "User": ("UserCreateInput", "UserUpdateInput"),
    "UserIdentity": ("UserIdentityInput",),
}

#: Declared fields that are neither described nor recorded.
UNDESCRIBED: dict[str, str] = {
    "Comment.ticket_id": "the path tells it, and no row; the library writes it into the row",
    "CustomObject.id": "the key by another name: the model writes it into the row",
    "DeletedTicket.actor": "described without a schema of its own",
    "DeletedTicket.deleted_at": "the same",
    "DeletedTicket.id": "the same",
    "DeletedTicket.previous_state": "the same",
    "DeletedTicket.subject": "the same",
    "Upload.attachment": "described without a schema of its own; recorded",
    "Upload.attachments": "the same",
    "Upload.expires_at": "the same",
    "Upload.id": "the token by another name: the model writes it into the row",
    "Upload.token": "described without a schema of its own; recorded",
    "UserIdentity.skip_verify_email": "described in words alone",
    "View.all": "described in words alone: what `conditions` are sent as",
    "View.any": "the same",
    "View.output": "described in words alone: what `execution` is sent as",
}

#: Described properties that are not declared.
LEFT_OUT: dict[str, str] = {
    "Ticket.origin_zrn": "internal: where another product made the ticket",
    "Ticket.safe_update": "said by `save()`, not by a field",
    "Ticket.sharing_agreements": "the ids are `sharing_agreement_ids`",
    "Ticket.suspended_ticket_id": "internal: recovering suspended tickets has its own call",
    "Ticket.suspension_type_id": "internal, the same",
    "Ticket.system_metadata": "internal clients set it",
    "Ticket.tde_workspace": "internal: the workspace of the agent's browser",
    "Ticket.tpe_voice_comment": "Talk's partners make such tickets by a call of their own",
    "Ticket.updated_stamp": "said by `save()`, not by a field",
    "Ticket.via_id": "internal: `via` says it in words",
    "Ticket.voice_comment": "Talk makes such tickets by a call of its own",
    "UserIdentity.auto_ownership": "early access: shared e-mail addresses",
    "User.active_brand_id": "early access: brands with separate users",
    "User.auto_ownership": "early access: shared e-mail addresses",
    "User.group_id": "`default_group_id` by another name",
    "User.group_ids": "group memberships are rows of their own",
    "User.identities": "identities are rows of their own",
    "User.language": "`locale` by another name",
    "User.organization": "a relation here: an id or an organization, and none made on the way",
    "User.organization_ids": "organization memberships are rows of their own",
    "User.organization_name": "described as deprecated",
    "User.password": "a secret is set by a call of its own",
}

#: Recorded keys that are not declared.
NOT_DECLARED: dict[str, str] = {
    "User.authenticity_token": "of `users/me` alone: for pages of the Help Center",
    "User.result_type": "of search alone: which of its types a row is",
}

#: Declared types that are not the described ones.
OTHER_TYPES: dict[str, str] = {
    "Comment.uploads": "an upload stands for its token",
    "JobStatus.results": "a list of results, or one object for the whole job",
    "Organization.created_at": "described as a plain string, recorded as a moment",
    "Organization.updated_at": "the same",
    "Ticket.collaborators": "people, who are users, ids or e-mails here",
    "Ticket.comment": "a comment of a ticket, by the model's name",
    "Ticket.email_ccs": "the same",
    "Ticket.followers": "the same",
    "Ticket.requester": "a new user, or an address, of the relation of that name",
    "Ticket.tags": "a string of tags is taken, too, and never given",
    "User.photo": "described as any object, recorded as an attachment",
}

#: Fields whose access (read-only, write-only) differs from the description.
OTHER_ACCESS: dict[str, str] = {
    "Audit.events": "the history is never changed",
    "Audit.via": "the same",
    "Brand.is_deleted": "deleting is a call of its own",
    "Brand.logo": "set by an upload of its own",
    "Comment.add_short_url": "internal, and sent only",
    "Comment.channel_back": "internal, and sent only",
    "Comment.channel_source_id": "internal, and sent only",
    "Comment.translate_to": "sent only",
    "Comment.uploads": "sent only: they come back as attachments",
    "Comment.via": "Zendesk knows by which way it was asked",
    "CustomObjectRecord.name": "described as read-only, and sent in every example",
    "CustomObjectRecord.photo": "set by an upload of its own",
    "Organization.id": "an id is given by Zendesk, whatever the description forgets",
    "Ticket.comment": "sent only, as the guide to creating tickets says",
    "Ticket.description": "the first comment; recorded: sending it changes nothing",
    "Ticket.fields": "`custom_fields` by another name, of which one is enough to write",
    "Ticket.via": "Zendesk knows by which way it was asked; an import may tell",
    "TicketField.creator_app_name": "Zendesk knows who asked",
    "TicketField.creator_user_id": "the same",
    "UserIdentity.ownership": "early access: shared e-mail addresses",
    "UserIdentity.user_id": "the path tells it when an identity is made",
    "View.conditions": "sent as `all` and `any`",
    "View.execution": "sent as `output`",
    "User.agent_brand_ids": "described in words as sent only",
    "User.photo": "set by `remote_photo_url`, or an upload of its own",
    "User.remote_photo_url": "sent only: it comes back as `photo`",
    "User.separation": "early access: brands with separate users",
}

#: Calls that Zendesk does not describe, with their sources.
CALLS_UNDESCRIBED: dict[str, str] = {}

#: Parameters that Zendesk does not describe for a path, with their sources.
PARAMS_UNDESCRIBED: dict[tuple[str, str], str] = {
    ("GET tickets/{}/comments", "sort"): "recorded cursors of comments are by created_at, id",
    ("GET organizations/{}/users", "sort"): "unconfirmed; the list of all users takes it",
    ("GET users/{}/identities", "type[]"): "described in words: the format of `type`",
    ("GET incremental/tickets", "exclude_deleted"): "described by the page on exports",
    ("GET incremental/tickets/cursor", "exclude_deleted"): "described by the page on exports",
    ("GET incremental/tickets", "include"): "told by the page on incremental exports",
    ("GET incremental/tickets/cursor", "include"): "told by the page on incremental exports",
}

#: Side-loads that are known from another source than the description of the path.
SIDELOADS_UNDESCRIBED: dict[tuple[str, str], str] = {
    (path, name): "those of tickets, by the page on incremental exports"
    for path in ("incremental/tickets", "incremental/tickets/cursor")
    for name in ("users", "groups", "organizations")
}

#: Described side-loads that are not declared, with the reason.
SIDELOADS_LEFT_OUT: dict[tuple[str, str], str] = {
    ("organizations/{}", "lookup_relationship_fields"): "rows that custom fields point to",
    ("views", "app_installation"): "the app that brought a view along",
    ("views", "permissions"): "what the caller may do with each",
    ("views/show_many", "app_installation"): "the app that brought a view along",
    ("views/show_many", "permissions"): "what the caller may do with each",
    ("ticket_fields", "users"): "the creator is an id, not a relation",
    ("ticket_fields/{}", "users"): "the creator is an id, not a relation",
    ("ticket_fields/show_many", "users"): "the creator is an id, not a relation",
}

#: Declared styles of paging that are not described, with the reason.
OTHER_PAGING: dict[tuple[str, str], str] = {
    ("brands", "offset"): "described as internal; the cursor is always preferred",
    ("ticket_audits", "newest first"): "the example of the response has its cursors and links",
}

#: Described count endpoints of declared lists that are not declared, with the reason.
COUNTS_LEFT_OUT: dict[str, str] = {
    "organizations/{}/users": "also counts members with another default organization",
}
