"""Users: end users, agents and administrators.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from zendesk_orm import support
from zendesk_orm.api.actions import action, action_endpoint, alters_data
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import CRUD, incremental_export, listing, resource, search_index
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.messages import display
from zendesk_orm.queryset.queryset import RelatedModelManager
from zendesk_orm.relations import Many, by
from zendesk_orm.schema import registry
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.loading import load_dict, load_int
from zendesk_orm.schema.tags import Tags
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.session.action_bodies import mapping_of
from zendesk_orm.support.ticket_management.samples import sample_of
from zendesk_orm.support.ticket_management.tags import Tagged, tag_actions
from zendesk_orm.support.tickets.attachments import Attachment
from zendesk_orm.support.users.deleted_users import DeletedUser
from zendesk_orm.support.users.passwords import WithPassword
from zendesk_orm.support.users.user_manager import UserManager, UserObjects
from zendesk_orm.through import Through
from zendesk_orm.write import calls


if TYPE_CHECKING:
    from zendesk_orm import help_center, talk
    from zendesk_orm.support.account_configuration.audit_logs import AuditLog
    from zendesk_orm.support.account_configuration.brand_agents import BrandAgent
    from zendesk_orm.support.account_configuration.custom_roles import CustomRole
    from zendesk_orm.support.account_configuration.locales import Locale
    from zendesk_orm.support.account_configuration.user_sessions import UserSession
    from zendesk_orm.support.agent_availability.agent_availabilities import AgentAvailability
    from zendesk_orm.support.agent_availability.capacity_rules import CapacityAssignee
    from zendesk_orm.support.csat.survey_responses import SurveyResponse
    from zendesk_orm.support.groups.group_memberships import GroupMembership
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.organizations.organization_memberships import OrganizationMembership
    from zendesk_orm.support.organizations.organization_subscriptions import (
        OrganizationSubscription,
    )
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.ticket_management.engagements import Engagement
    from zendesk_orm.support.tickets.approval_requests import ApprovalRequest
    from zendesk_orm.support.tickets.requests import Request
    from zendesk_orm.support.tickets.ticket_skips import TicketSkip
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.compliance import ComplianceDeletionStatus
    from zendesk_orm.support.users.identities import UserIdentity
    from zendesk_orm.support.users.profiles import UserProfile
    from zendesk_orm.support.users.user_events import UserEvent

Role = Literal["end-user", "agent", "admin"]

_SIDE = ("organizations", "groups")
_ROLES = {"role": "role", "role__in": "role[]", "custom_role": "permission_set"}


def _index_lookup(path: str, *, fits_in_memory: bool = False, **filters: str) -> Api:
    """Return a list that Zendesk reads from an index, which lags behind changes."""
    return listing(
        path,
        key="users",
        filters=filters,
        required=(next(iter(filters)),),
        default_order=None,
        includes=_SIDE,
        fits_in_memory=fits_in_memory,
        fresh=False,
        paging=(OFFSET,),
    )


class User(Tagged, WithPassword):
    """An end user, an agent or an administrator."""

    objects = UserObjects(UserManager)

    url: ReadOnly[str]
    name: Field[str]
    email: Field[CaseInsensitiveStr | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    time_zone: Field[str | None]
    iana_time_zone: ReadOnly[str | None]
    phone: Field[str | None]
    shared_phone_number: Field[bool | None]
    photo: ReadOnly[Attachment | None]
    remote_photo_url: WriteOnly[str | None]
    language: Ref[Locale | None] = by("locale_id")
    locale_id: Id[int | None]
    locale: Field[str | None]
    organization: Ref[Organization | None]
    organization_id: Id[int | None]
    role: Field[Role]
    role_type: ReadOnly[int | None]
    custom_role: Ref[CustomRole | None]
    custom_role_id: Id[int | None]
    verified: Field[bool]
    external_id: Field[CaseInsensitiveStr | None]
    tags: Tags[str]
    alias: Field[str | None]
    active: ReadOnly[bool]
    shared: ReadOnly[bool]
    shared_agent: ReadOnly[bool]
    last_login_at: ReadOnly[datetime | None]
    two_factor_auth_enabled: ReadOnly[bool | None]
    signature: Field[str | None]
    details: Field[str | None]
    notes: Field[str | None]
    moderator: Field[bool]
    ticket_restriction: Field[str | None]
    only_private_comments: Field[bool]
    restricted_agent: ReadOnly[bool]
    suspended: Field[bool]
    suspension_details: ReadOnly[dict[str, Any] | None]
    separation: ReadOnly[dict[str, Any] | None]
    default_group: Ref[Group | None]
    default_group_id: Id[int | None]
    agent_brand_ids: WriteOnly[list[int]]
    chat_only: ReadOnly[bool | None]
    report_csv: ReadOnly[bool]
    permanently_deleted: ReadOnly[bool | None]
    user_fields: Field[dict[str, Any]]
    skip_verify_email: WriteOnly[bool | None]

    requested_tickets: Many[Ticket] = by("requester")
    assigned_tickets: Many[Ticket] = by("assignee")
    submitted_tickets: Many[Ticket] = by("submitter")
    copied_tickets: Many[Ticket] = by("cc")
    followed_tickets: Many[Ticket] = by("follower")
    requests: Many[Request] = by("requester")
    identities: Many[UserIdentity]
    group_memberships: Many[GroupMembership]
    organization_memberships: Many[OrganizationMembership]
    organizations: Through[Organization] = by("OrganizationMembership")
    groups: Through[Group] = by("GroupMembership")
    organization_subscriptions: Many[OrganizationSubscription]
    brand_agents: Many[BrandAgent]
    sessions: Many[UserSession]
    skips: Many[TicketSkip]
    engagements: Many[Engagement] = by("agent")
    survey_responses: Many[SurveyResponse] = by("responder")
    capacity_assignments: Many[CapacityAssignee] = by("agent")
    profiles: Many[UserProfile] = by("user")
    events: Many[UserEvent] = by("user")
    approval_requests: Many[ApprovalRequest] = by("assignee_user")
    audit_logs: Many[AuditLog] = by("actor")
    articles: Many[help_center.Article] = by("author")
    article_comments: Many[help_center.ArticleComment] = by("author")
    posts: Many[help_center.Post] = by("author")
    post_comments: Many[help_center.PostComment] = by("author")
    votes: Many[help_center.Vote] = by("user")
    subscriptions: Many[help_center.Subscription] = by("user")
    user_segments: Many[help_center.UserSegment] = by("added_user_ids")
    badge_assignments: Many[help_center.BadgeAssignment]
    talk_activity: Many[talk.AgentActivity]
    compliance_deletion_statuses: Many[ComplianceDeletionStatus] = by("user")

    autocomplete: Lookup[str]
    changed_since: Lookup[datetime]
    collaborates_on: Lookup[Ticket]
    copied_in_on: Lookup[Ticket]
    follows: Lookup[Ticket]
    group: Lookup[Group]
    query: Lookup[str]

    #: Deleted users, including permanently deleted ones.
    deleted: ClassVar = RelatedModelManager(DeletedUser)

    get_role_display = Display()

    class Meta:
        custom = ("user_fields", "UserField")
        cache_seconds = 300
        required = "name"
        unique = ("email", "external_id")
        api = (
            resource(
                "users",
                can=CRUD,
                bulk=CRUD,
                show_many_by=("external_id",),
                includes=_SIDE,
            )
            + listing(
                "users",
                filters={**_ROLES, "external_id": "external_id"},
                orders=("id", "updated_at"),
                includes=_SIDE,
                count=True,
            )
            + listing(
                # Its members, of whom some have another default organization.
                "organizations/{organization}/users",
                filters=_ROLES,
                orders=("id",),
                tokenized=("organization",),
            )
            + listing("groups/{group}/users", filters=_ROLES, count=True)
            + listing(
                "tickets/{collaborates_on}/collaborators",
                "tickets/{copied_in_on}/email_ccs",
                "tickets/{follows}/followers",
                key="users",
                default_order=None,
                fits_in_memory=True,
                paging=(ONCE,),
            )
            + _index_lookup("users/search", query="query")
            + _index_lookup("users/autocomplete", fits_in_memory=True, autocomplete="name")
            + search_index(
                "user",
                ("role", "organization", "tags"),
                tokenized=("name", "email", "notes", "details", "external_id", "phone"),
                supports_none=("email", "external_id", "phone", "organization"),
                created_at="created",
                verified="is_verified",
                suspended="is_suspended",
                nested={"user_fields": "*"},
            )
            + action_endpoint(
                "create_or_update",
                "POST",
                "users/create_or_update",
                "user",
                call="update_or_create(email=...)",
            )
            + action_endpoint(
                "create_or_update_many",
                "POST",
                "users/create_or_update_many",
                "job_status",
                call="bulk_create([...], update_conflicts=True)",
            )
            + incremental_export("incremental/users/cursor", "incremental/users")
            + sample_of("users")
            + tag_actions("users")
        )

    @property
    def availability(self) -> support.AgentAvailability:
        """The status of the agent at this moment, which is fetched when it is read.

        Raises:
            InvalidValue: the user was not saved yet.
        """
        if self.pk is None:
            raise InvalidValue(f"{display(self)} has no id yet; save it first")
        model: Any = registry.find("AgentAvailability", "support")
        availability: AgentAvailability = self._session().refer(model, str(self.pk))
        return availability

    @property
    def is_deleted(self) -> bool:
        """Whether the user was deleted; exports by `changed_since()` return such users."""
        return self.active is False

    @alters_data
    def suspend(self) -> Self:
        """Suspend the user, and return it; suspended users cannot sign in.

        E-mails of the user become suspended tickets. Other edits remain unsaved.

        Raises:
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#update-user
        """
        self.suspended = True
        return self.save(update_fields=["suspended"])

    @alters_data
    def unsuspend(self) -> Self:
        """End the suspension of the user; see `suspend()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#update-user
        """
        self.suspended = False
        return self.save(update_fields=["suspended"])

    @action("PUT", "users/{id}/merge", key="user", removes=True)
    def merge(self, into: User | int) -> User:
        """Merge this end user into another end user; this cannot be undone.

        This user is deleted. Its tickets, comments and identities move to the remaining user.
        Tickets that were read before still refer to this user, until they are read again.

        Args:
            into: the remaining end user, or the id.

        Returns:
            The remaining user, updated.

        Raises:
            InvalidValue: one of the users is an agent, as far as the role is loaded, or was never
                saved; or both are the same user.
            ValidationError: this user has requested more than 10,000 tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#merge-end-users
        """
        session = self._session()
        pk = session.id_of(User, into, "merge")
        other = into if isinstance(into, User) else session.refer(type(self), pk)
        if self.pk is None or self.pk == other.pk:
            raise InvalidValue("the users of merge() must be saved and different")
        for user in (self, other):
            role = user._row.get("role", "end-user")
            if role != "end-user":
                raise InvalidValue(f"{display(user)} is {role}; only end users can be merged")

        def update(data: Any) -> User:
            session.remove(self)
            if data:
                session.store(other, data["user"])
            else:
                # The response was lost, and the repeated request found no user to merge.
                session.expire(other)
            return other

        return self._call("merge", {"user": {"id": other.pk}}, then=update, in_dry_run=other)

    @action("DELETE", "deleted_users/{id}", name="destroy", call="delete(permanent=True)")
    def delete(
        self, *, using: str | None = None, permanent: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete the user, but not the tickets; `User.deleted` still contains the user.

        Args:
            using: the account's alias; by default the account of the object.
            permanent: also erase name, addresses and comments of the user in a second request,
                which cannot be undone.

        Raises:
            InvalidValue: the user was never saved.
            PermissionDenied: the caller may not delete the user, or, if the user was deleted, not
                permanently.
            ValidationError: the user is assigned to tickets that must be solved first.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#permanently-delete-user
        """
        counts = super().delete(using=using)
        if permanent:
            calls.call_for(self._session(using), self, "destroy")
        return counts

    @action("GET", "users/{id}/related", key="user_related")
    def count_related_objects(self) -> dict[str, int]:
        """Return the numbers of objects related to the user, by name.

        `assigned_tickets`, `requested_tickets`, `ccd_tickets`, `organization_subscriptions`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-user-related-information
        """
        return mapping_of(self._call("count_related_objects"), "user_related", load_int)

    @action("GET", "users/{id}/entitlements/full", key="entitlements")
    def entitlements(self) -> dict[str, dict[str, Any]]:
        """Return the agent's roles by product: `{"chat": {"name": "agent", ...}}`.

        Raises:
            NotFound: the user is not an agent.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#get-full-user-entitlements
        """
        return mapping_of(self._call("entitlements"), "entitlements", load_dict)

    @action("DELETE", "users/{id}/sessions")
    def logout(self) -> None:
        """End all sessions of the user.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#bulk-delete-sessions
        """
        self._call("logout")
