"""Zendesk Support: tickets, the people around them, and what describes them.

A model is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zendesk_orm.schema import registry


if TYPE_CHECKING:
    from zendesk_orm.support.account_settings import AccountSettings, EmailSettings
    from zendesk_orm.support.activities import Activity
    from zendesk_orm.support.agent_skills import AgentSkill
    from zendesk_orm.support.approval_requests import ApprovalRequest
    from zendesk_orm.support.asset_types import AssetField, AssetType
    from zendesk_orm.support.assets import Asset, AssetLocation, AssetStatus
    from zendesk_orm.support.attachments import Attachment
    from zendesk_orm.support.audit_logs import AuditLog
    from zendesk_orm.support.audits import Audit
    from zendesk_orm.support.automations import Automation
    from zendesk_orm.support.available_agents import AvailableAgent
    from zendesk_orm.support.bookmarks import Bookmark
    from zendesk_orm.support.brand_agents import BrandAgent
    from zendesk_orm.support.brands import Brand, HostMapping
    from zendesk_orm.support.channel_framework import ChannelResource
    from zendesk_orm.support.comments import Comment
    from zendesk_orm.support.compliance import ComplianceDeletionStatus
    from zendesk_orm.support.conversation_log import ConversationEvent
    from zendesk_orm.support.countries import Country
    from zendesk_orm.support.custom_object_fields import CustomObjectField
    from zendesk_orm.support.custom_object_permissions import AccessRule, PermissionPolicy
    from zendesk_orm.support.custom_objects import CustomObject, CustomObjectRecord
    from zendesk_orm.support.custom_roles import CustomRole
    from zendesk_orm.support.custom_statuses import CustomStatus
    from zendesk_orm.support.deleted_tickets import DeletedTicket
    from zendesk_orm.support.deleted_users import DeletedUser
    from zendesk_orm.support.deletion_schedules import DeletionSchedule
    from zendesk_orm.support.dynamic_content import DynamicContentItem, DynamicContentVariant
    from zendesk_orm.support.email_notifications import EmailNotification
    from zendesk_orm.support.end_users import EndUser, EndUserIdentity
    from zendesk_orm.support.engagements import Engagement
    from zendesk_orm.support.field_options import TicketFieldOption, UserFieldOption
    from zendesk_orm.support.group_memberships import GroupMembership
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.identities import UserIdentity
    from zendesk_orm.support.jira_links import JiraLink
    from zendesk_orm.support.jobs import JobStatus
    from zendesk_orm.support.locales import Locale
    from zendesk_orm.support.lookup_relationships import LookupRelationship
    from zendesk_orm.support.macro_attachments import MacroAttachment
    from zendesk_orm.support.macros import Macro
    from zendesk_orm.support.nps import NpsRecipient, NpsResponse
    from zendesk_orm.support.oauth import (
        GlobalOAuthClient,
        OAuthClient,
        OAuthGrant,
        OAuthToken,
        TokenSummary,
    )
    from zendesk_orm.support.object_triggers import ObjectTrigger
    from zendesk_orm.support.organization_fields import OrganizationField
    from zendesk_orm.support.organization_memberships import OrganizationMembership
    from zendesk_orm.support.organization_merges import OrganizationMerge
    from zendesk_orm.support.organization_subscriptions import OrganizationSubscription
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.push_notification_devices import PushNotificationDevice
    from zendesk_orm.support.queues import Queue
    from zendesk_orm.support.recipient_addresses import RecipientAddress
    from zendesk_orm.support.record_attachments import CustomObjectRecordAttachment
    from zendesk_orm.support.request_comments import RequestComment
    from zendesk_orm.support.requests import Request
    from zendesk_orm.support.resource_collections import ResourceCollection
    from zendesk_orm.support.results import Result
    from zendesk_orm.support.routing import RoutingAttribute, RoutingAttributeValue
    from zendesk_orm.support.satisfaction_ratings import SatisfactionRating, SatisfactionReason
    from zendesk_orm.support.saved_searches import SavedSearch
    from zendesk_orm.support.schedules import Holiday, Schedule
    from zendesk_orm.support.security_settings import RemoteAuthentication, SecuritySettings
    from zendesk_orm.support.sharing_agreements import SharingAgreement
    from zendesk_orm.support.sla_policies import GroupSlaPolicy, SlaPolicy
    from zendesk_orm.support.suspended_tickets import SuspendedTicket
    from zendesk_orm.support.tags import Tag
    from zendesk_orm.support.targets import Target, TargetFailure
    from zendesk_orm.support.task_lists import TaskList, TaskListTemplate
    from zendesk_orm.support.tasks import Task
    from zendesk_orm.support.ticket_content_pins import TicketContentPin
    from zendesk_orm.support.ticket_events import TicketEvent
    from zendesk_orm.support.ticket_fields import TicketField
    from zendesk_orm.support.ticket_form_statuses import TicketFormStatus
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.ticket_metric_events import TicketMetricEvent
    from zendesk_orm.support.ticket_metrics import TicketMetric
    from zendesk_orm.support.ticket_skips import TicketSkip
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.trial_accounts import TrialAccount
    from zendesk_orm.support.trigger_categories import TriggerCategory
    from zendesk_orm.support.trigger_revisions import TriggerRevision
    from zendesk_orm.support.triggers import Trigger
    from zendesk_orm.support.twitter import MonitoredTwitterHandle
    from zendesk_orm.support.uploads import Upload
    from zendesk_orm.support.user_fields import UserField
    from zendesk_orm.support.user_sessions import UserSession
    from zendesk_orm.support.user_settings import UserSettings
    from zendesk_orm.support.users import User
    from zendesk_orm.support.views import View, ViewCount
    from zendesk_orm.support.webhooks import (
        InvocationAttempt,
        SigningSecret,
        Webhook,
        WebhookInvocation,
        WebhookResponse,
    )
    from zendesk_orm.support.workspaces import Workspace
    from zendesk_orm.support.zis import Integration

else:
    __getattr__, __dir__ = registry.on_first_use(
        __name__,
        {
            "account_settings": "AccountSettings EmailSettings",
            "activities": "Activity",
            "agent_skills": "AgentSkill",
            "approval_requests": "ApprovalRequest",
            "asset_types": "AssetField AssetType",
            "assets": "Asset AssetLocation AssetStatus",
            "attachments": "Attachment",
            "audit_logs": "AuditLog",
            "audits": "Audit",
            "automations": "Automation",
            "available_agents": "AvailableAgent",
            "bookmarks": "Bookmark",
            "brand_agents": "BrandAgent",
            "brands": "Brand HostMapping",
            "channel_framework": "ChannelResource",
            "comments": "Comment",
            "compliance": "ComplianceDeletionStatus",
            "conversation_log": "ConversationEvent",
            "countries": "Country",
            "custom_object_fields": "CustomObjectField",
            "custom_object_permissions": "AccessRule PermissionPolicy",
            "custom_objects": "CustomObject CustomObjectRecord",
            "custom_roles": "CustomRole",
            "custom_statuses": "CustomStatus",
            "deleted_tickets": "DeletedTicket",
            "deleted_users": "DeletedUser",
            "deletion_schedules": "DeletionSchedule",
            "dynamic_content": "DynamicContentItem DynamicContentVariant",
            "email_notifications": "EmailNotification",
            "end_users": "EndUser EndUserIdentity",
            "engagements": "Engagement",
            "field_options": "TicketFieldOption UserFieldOption",
            "group_memberships": "GroupMembership",
            "groups": "Group",
            "identities": "UserIdentity",
            "jira_links": "JiraLink",
            "jobs": "JobStatus",
            "locales": "Locale",
            "lookup_relationships": "LookupRelationship",
            "macro_attachments": "MacroAttachment",
            "macros": "Macro",
            "nps": "NpsRecipient NpsResponse",
            "oauth": "GlobalOAuthClient OAuthClient OAuthGrant OAuthToken TokenSummary",
            "object_triggers": "ObjectTrigger",
            "organization_fields": "OrganizationField",
            "organization_memberships": "OrganizationMembership",
            "organization_merges": "OrganizationMerge",
            "organization_subscriptions": "OrganizationSubscription",
            "organizations": "Organization",
            "push_notification_devices": "PushNotificationDevice",
            "queues": "Queue",
            "recipient_addresses": "RecipientAddress",
            "record_attachments": "CustomObjectRecordAttachment",
            "request_comments": "RequestComment",
            "requests": "Request",
            "resource_collections": "ResourceCollection",
            "results": "Result",
            "routing": "RoutingAttribute RoutingAttributeValue",
            "satisfaction_ratings": "SatisfactionRating SatisfactionReason",
            "saved_searches": "SavedSearch",
            "schedules": "Holiday Schedule",
            "security_settings": "RemoteAuthentication SecuritySettings",
            "sharing_agreements": "SharingAgreement",
            "sla_policies": "GroupSlaPolicy SlaPolicy",
            "suspended_tickets": "SuspendedTicket",
            "tags": "Tag",
            "targets": "Target TargetFailure",
            "task_lists": "TaskList TaskListTemplate",
            "tasks": "Task",
            "ticket_content_pins": "TicketContentPin",
            "ticket_events": "TicketEvent",
            "ticket_fields": "TicketField",
            "ticket_form_statuses": "TicketFormStatus",
            "ticket_forms": "TicketForm",
            "ticket_metric_events": "TicketMetricEvent",
            "ticket_metrics": "TicketMetric",
            "ticket_skips": "TicketSkip",
            "tickets": "Ticket",
            "trial_accounts": "TrialAccount",
            "trigger_categories": "TriggerCategory",
            "trigger_revisions": "TriggerRevision",
            "triggers": "Trigger",
            "twitter": "MonitoredTwitterHandle",
            "uploads": "Upload",
            "user_fields": "UserField",
            "user_sessions": "UserSession",
            "user_settings": "UserSettings",
            "users": "User",
            "views": "View ViewCount",
            "webhooks": "InvocationAttempt SigningSecret Webhook WebhookInvocation WebhookResponse",
            "workspaces": "Workspace",
            "zis": "Integration",
        },
    )

__all__ = [
    "AccessRule",
    "AccountSettings",
    "Activity",
    "AgentSkill",
    "ApprovalRequest",
    "Asset",
    "AssetField",
    "AssetLocation",
    "AssetStatus",
    "AssetType",
    "Attachment",
    "Audit",
    "AuditLog",
    "Automation",
    "AvailableAgent",
    "Bookmark",
    "Brand",
    "BrandAgent",
    "ChannelResource",
    "Comment",
    "ComplianceDeletionStatus",
    "ConversationEvent",
    "Country",
    "CustomObject",
    "CustomObjectField",
    "CustomObjectRecord",
    "CustomObjectRecordAttachment",
    "CustomRole",
    "CustomStatus",
    "DeletedTicket",
    "DeletedUser",
    "DeletionSchedule",
    "DynamicContentItem",
    "DynamicContentVariant",
    "EmailNotification",
    "EmailSettings",
    "EndUser",
    "EndUserIdentity",
    "Engagement",
    "GlobalOAuthClient",
    "Group",
    "GroupMembership",
    "GroupSlaPolicy",
    "Holiday",
    "HostMapping",
    "Integration",
    "InvocationAttempt",
    "JiraLink",
    "JobStatus",
    "Locale",
    "LookupRelationship",
    "Macro",
    "MacroAttachment",
    "MonitoredTwitterHandle",
    "NpsRecipient",
    "NpsResponse",
    "OAuthClient",
    "OAuthGrant",
    "OAuthToken",
    "ObjectTrigger",
    "Organization",
    "OrganizationField",
    "OrganizationMembership",
    "OrganizationMerge",
    "OrganizationSubscription",
    "PermissionPolicy",
    "PushNotificationDevice",
    "Queue",
    "RecipientAddress",
    "RemoteAuthentication",
    "Request",
    "RequestComment",
    "ResourceCollection",
    "Result",
    "RoutingAttribute",
    "RoutingAttributeValue",
    "SatisfactionRating",
    "SatisfactionReason",
    "SavedSearch",
    "Schedule",
    "SecuritySettings",
    "SharingAgreement",
    "SigningSecret",
    "SlaPolicy",
    "SuspendedTicket",
    "Tag",
    "Target",
    "TargetFailure",
    "Task",
    "TaskList",
    "TaskListTemplate",
    "Ticket",
    "TicketContentPin",
    "TicketEvent",
    "TicketField",
    "TicketFieldOption",
    "TicketForm",
    "TicketFormStatus",
    "TicketMetric",
    "TicketMetricEvent",
    "TicketSkip",
    "TokenSummary",
    "TrialAccount",
    "Trigger",
    "TriggerCategory",
    "TriggerRevision",
    "Upload",
    "User",
    "UserField",
    "UserFieldOption",
    "UserIdentity",
    "UserSession",
    "UserSettings",
    "View",
    "ViewCount",
    "Webhook",
    "WebhookInvocation",
    "WebhookResponse",
    "Workspace",
]
