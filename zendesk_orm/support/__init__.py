"""Zendesk Support: tickets, the people around them, and what describes them.

A model is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from zendesk_orm.support.attachments import Attachment
    from zendesk_orm.support.audits import Audit
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.comments import Comment
    from zendesk_orm.support.custom_objects import CustomObject, CustomObjectRecord
    from zendesk_orm.support.deleted_tickets import DeletedTicket
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.identities import UserIdentity
    from zendesk_orm.support.jobs import JobStatus
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.results import Result
    from zendesk_orm.support.ticket_fields import TicketField
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.uploads import Upload
    from zendesk_orm.support.users import User
    from zendesk_orm.support.views import View

__getattr__ = registry.on_first_use(
    __name__,
    {
        "attachments": "Attachment",
        "audits": "Audit",
        "brands": "Brand",
        "comments": "Comment",
        "custom_objects": "CustomObject CustomObjectRecord",
        "deleted_tickets": "DeletedTicket",
        "groups": "Group",
        "identities": "UserIdentity",
        "jobs": "JobStatus",
        "organizations": "Organization",
        "results": "Result",
        "ticket_fields": "TicketField",
        "tickets": "Ticket",
        "uploads": "Upload",
        "users": "User",
        "views": "View",
    },
)

__all__ = [
    "Attachment",
    "Audit",
    "Brand",
    "Comment",
    "CustomObject",
    "CustomObjectRecord",
    "DeletedTicket",
    "Group",
    "JobStatus",
    "Organization",
    "Result",
    "Ticket",
    "TicketField",
    "Upload",
    "User",
    "UserIdentity",
    "View",
]
