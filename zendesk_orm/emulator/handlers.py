"""What answers which call: by verb, and by hand where a path does what no verb says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from zendesk_orm.api.endpoint import Verb
from zendesk_orm.emulator import (
    account,
    bulk,
    chat,
    comments,
    custom_data,
    custom_records,
    deleted,
    directory,
    exports,
    guide,
    identities,
    imports,
    me,
    measures,
    people,
    reads,
    ruling,
    search,
    spam,
    tags,
    talk,
    ticket_merge,
    ticket_work,
    uploads,
    upserts,
    users,
    views,
    writes,
)
from zendesk_orm.emulator.world import Answer, Call, Target, World


#: Answers a call to one model's path.
Handler = Callable[[World, Call, Target], Answer]
#: Answers a call to a path that several models share.
Shared = Callable[[World, Call, Sequence[Target]], Answer]

HANDLERS: Mapping[Verb, Handler] = {
    Verb.SHOW: reads.show,
    Verb.SHOW_MANY: reads.show_many,
    Verb.LIST: reads.list_rows,
    Verb.COUNT: reads.count,
    Verb.FILTER: custom_records.search,
    Verb.INCREMENTAL: exports.export,
    Verb.CREATE: writes.create,
    Verb.UPDATE: writes.update,
    Verb.DELETE: writes.delete,
    Verb.CREATE_MANY: bulk.submit,
    Verb.UPDATE_MANY: bulk.submit,
    Verb.DESTROY_MANY: bulk.submit,
}
SHARED: Mapping[Verb, Shared] = {
    Verb.SEARCH: search.search,
    Verb.SEARCH_COUNT: search.search_count,
    Verb.SEARCH_EXPORT: search.search_export,
}

#: The same by method, path and model. What stands here need not be declared:
#: the account has the path all the same.
_ORGANIZATION, _TICKET, _USER = "support.Organization", "support.Ticket", "support.User"
_ATTACHMENT, _UPLOAD = "support.Attachment", "support.Upload"
_COMMENT, _IDENTITY = "support.Comment", "support.UserIdentity"
BY_HAND: Mapping[tuple[str, str, str], Handler] = {
    **account.ROUTES,
    **chat.ROUTES,
    **custom_data.ROUTES,
    **guide.ROUTES,
    **measures.ROUTES,
    **people.ROUTES,
    **ruling.ROUTES,
    **talk.ROUTES,
    **ticket_work.ROUTES,
    ("GET", "organizations/search", _ORGANIZATION): directory.search_organizations,
    ("GET", "organizations/autocomplete", _ORGANIZATION): directory.autocomplete,
    ("POST", "organizations/create_or_update", _ORGANIZATION): upserts.submit,
    ("POST", "users/create_or_update", _USER): upserts.submit,
    ("POST", "users/create_or_update_many", _USER): upserts.submit_many,
    ("PUT", "users/{}/merge", _USER): users.merge,
    ("GET", "users/{}/identities", _IDENTITY): identities.list_rows,
    ("PUT", "users/{}/identities/{}/make_primary", _IDENTITY): identities.make_primary,
    ("PUT", "users/{}/identities/{}/verify", _IDENTITY): identities.verify,
    (
        "PUT",
        "users/{}/identities/{}/request_verification",
        _IDENTITY,
    ): identities.request_verification,
    ("GET", "users/search", _USER): directory.search_users,
    ("GET", "users/autocomplete", _USER): directory.autocomplete,
    ("POST", "users/autocomplete", _USER): directory.autocomplete,
    ("GET", "incremental/tickets/sample", _TICKET): exports.sample,
    ("GET", "incremental/users/sample", _USER): exports.sample,
    ("GET", "incremental/organizations/sample", _ORGANIZATION): exports.sample,
    ("GET", "users/me", _USER): me.show,
    ("GET", "deleted_tickets", "support.DeletedTicket"): deleted.list_rows,
    ("PUT", "deleted_tickets/{}/restore", "support.DeletedTicket"): deleted.restore,
    ("PUT", "deleted_tickets/restore_many", "support.DeletedTicket"): deleted.restore_many,
    ("DELETE", "deleted_tickets/{}", "support.DeletedTicket"): deleted.destroy,
    ("DELETE", "deleted_tickets/destroy_many", "support.DeletedTicket"): deleted.destroy_many,
    ("POST", "imports/tickets", _TICKET): imports.submit,
    ("POST", "imports/tickets/create_many", _TICKET): imports.submit_many,
    ("PUT", "tickets/{}/comments/{}/make_private", _COMMENT): comments.make_private,
    ("PUT", "tickets/{}/comments/{}/redact", _COMMENT): comments.redact,
    ("PUT", "tickets/{}/mark_as_spam", _TICKET): spam.mark,
    ("PUT", "tickets/mark_many_as_spam", _TICKET): spam.mark_many,
    ("POST", "tickets/{}/merge", _TICKET): ticket_merge.submit,
    ("POST", "uploads", _UPLOAD): uploads.create,
    ("DELETE", "uploads/{}", _UPLOAD): uploads.delete,
    # At the account's host, but not of its API.
    ("GET", "~/attachments/token/{}", _ATTACHMENT): uploads.download,
    ("GET", "views/{}/tickets", _TICKET): views.list_tickets,
    ("DELETE", "views/destroy_many", "support.View"): views.destroy_many,
    ("GET", "views/{}/count", "support.View"): views.tally,
    ("GET", "organizations/{}/tags", _ORGANIZATION): tags.show,
    ("POST", "organizations/{}/tags", _ORGANIZATION): tags.replace,
    ("PUT", "organizations/{}/tags", _ORGANIZATION): tags.add,
    ("DELETE", "organizations/{}/tags", _ORGANIZATION): tags.remove,
    ("GET", "tickets/{}/tags", _TICKET): tags.show,
    ("POST", "tickets/{}/tags", _TICKET): tags.replace,
    ("PUT", "tickets/{}/tags", _TICKET): tags.add,
    ("DELETE", "tickets/{}/tags", _TICKET): tags.remove,
    ("GET", "users/{}/tags", _USER): tags.show,
    ("POST", "users/{}/tags", _USER): tags.replace,
    ("PUT", "users/{}/tags", _USER): tags.add,
    ("DELETE", "users/{}/tags", _USER): tags.remove,
}
