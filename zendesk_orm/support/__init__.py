"""Zendesk Support: tickets, the people around them, and what describes them.

A model is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from zendesk_orm.support.activities import Activity
    from zendesk_orm.support.attachments import Attachment
    from zendesk_orm.support.audits import Audit
    from zendesk_orm.support.available_agents import AvailableAgent
    from zendesk_orm.support.brands import Brand
    from zendesk_orm.support.comments import Comment
    from zendesk_orm.support.compliance import ComplianceDeletionStatus
    from zendesk_orm.support.custom_objects import CustomObject, CustomObjectRecord
    from zendesk_orm.support.custom_roles import CustomRole
    from zendesk_orm.support.deleted_tickets import DeletedTicket
    from zendesk_orm.support.deleted_users import DeletedUser
    from zendesk_orm.support.end_users import EndUser, EndUserIdentity
    from zendesk_orm.support.group_memberships import GroupMembership
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.identities import UserIdentity
    from zendesk_orm.support.jobs import JobStatus
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.request_comments import RequestComment
    from zendesk_orm.support.requests import Request
    from zendesk_orm.support.results import Result
    from zendesk_orm.support.ticket_fields import TicketField
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.uploads import Upload
    from zendesk_orm.support.user_sessions import UserSession
    from zendesk_orm.support.user_settings import UserSettings
    from zendesk_orm.support.users import User
    from zendesk_orm.support.views import View

__getattr__ = registry.on_first_use(
    __name__,
    {
        "activities": "Activity",
        "attachments": "Attachment",
        "audits": "Audit",
        "available_agents": "AvailableAgent",
        "brands": "Brand",
        "comments": "Comment",
        "compliance": "ComplianceDeletionStatus",
        "custom_objects": "CustomObject CustomObjectRecord",
        "custom_roles": "CustomRole",
        "deleted_tickets": "DeletedTicket",
        "deleted_users": "DeletedUser",
        "end_users": "EndUser EndUserIdentity",
        "group_memberships": "GroupMembership",
        "groups": "Group",
        "identities": "UserIdentity",
        "jobs": "JobStatus",
        "organizations": "Organization",
        "request_comments": "RequestComment",
        "requests": "Request",
        "results": "Result",
        "ticket_fields": "TicketField",
        "tickets": "Ticket",
        "uploads": "Upload",
        "user_sessions": "UserSession",
        "user_settings": "UserSettings",
        "users": "User",
        "views": "View",
    },
)

__all__ = [
    "Activity",
    "Attachment",
    "Audit",
    "AvailableAgent",
    "Brand",
    "Comment",
    "ComplianceDeletionStatus",
    "CustomObject",
    "CustomObjectRecord",
    "CustomRole",
    "DeletedTicket",
    "DeletedUser",
    "EndUser",
    "EndUserIdentity",
    "Group",
    "GroupMembership",
    "JobStatus",
    "Organization",
    "Request",
    "RequestComment",
    "Result",
    "Ticket",
    "TicketField",
    "Upload",
    "User",
    "UserIdentity",
    "UserSession",
    "UserSettings",
    "View",
]
