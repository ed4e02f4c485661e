"""Users: end users, agents and administrators.

Source: https://developer.zendesk.com/api-reference/ticketing/users/users/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET, ONCE
from zendesk_orm.api.vocabulary import MANY, action, exported, listed, resource, searched
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Elsewhere
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.display import Display
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref, WriteOnly
from zendesk_orm.schema.members import Tags
from zendesk_orm.schema.values import CaseInsensitiveStr
from zendesk_orm.support.attachments import Attachment
from zendesk_orm.support.deleted_users import DeletedUser
from zendesk_orm.support.passwords import WithPassword
from zendesk_orm.support.tags import Tagged, tagging
from zendesk_orm.support.user_manager import UserManager, UserObjects
from zendesk_orm.through import Through, joined
from zendesk_orm.write import actions
from zendesk_orm.write.writer import take_over


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm import help_center, talk
    from zendesk_orm.support.approval_requests import ApprovalRequest
    from zendesk_orm.support.audit_logs import AuditLog
    from zendesk_orm.support.brand_agents import BrandAgent
    from zendesk_orm.support.compliance import ComplianceDeletionStatus
    from zendesk_orm.support.custom_roles import CustomRole
    from zendesk_orm.support.engagements import Engagement
    from zendesk_orm.support.group_memberships import GroupMembership
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.identities import UserIdentity
    from zendesk_orm.support.locales import Locale
    from zendesk_orm.support.organization_memberships import OrganizationMembership
    from zendesk_orm.support.organization_subscriptions import OrganizationSubscription
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.requests import Request
    from zendesk_orm.support.ticket_skips import TicketSkip
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.user_sessions import UserSession

Role = Literal["end-user", "agent", "admin"]

_SIDE = "organizations groups"
_ROLES = {"role": "role", "custom_role": "permission_set"}


def _looked_up(path: str, *, small: bool = False, **takes: str) -> Api:
    """Return a list of what an index finds, which learns of new rows later."""
    (found,) = listed(
        path,
        key="users",
        takes=takes,
        needs=next(iter(takes)),
        natural=None,
        includes=_SIDE,
        small=small,
        paging=(OFFSET,),
    )
    return Api((evolve(found, fresh=False),))


class User(Tagged, WithPassword):
    """A person: somebody who asks, or somebody who answers."""

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
    organizations: Through[Organization] = joined("OrganizationMembership")
    groups: Through[Group] = joined("GroupMembership")
    organization_subscriptions: Many[OrganizationSubscription]
    brand_agents: Many[BrandAgent]
    sessions: Many[UserSession]
    skips: Many[TicketSkip]
    engagements: Many[Engagement] = by("agent")
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

    #: Users who were deleted, the permanently deleted ones among them.
    deleted: ClassVar = Elsewhere(DeletedUser)

    get_role_display = Display()

    class Meta:  # pyright: ignore[reportIncompatibleVariableOverride] # its own, as in Django
        custom = ("user_fields", "UserField")
        keep = 300
        required = "name"
        unique = ("email", "external_id")
        api = (
            resource(
                "users",
                can="show create update delete",
                many=MANY,
                by="external_id",
                includes=_SIDE,
            )
            + listed(
                "users",
                takes={**_ROLES, "external_id": "external_id"},
                orders="id updated_at",
                includes=_SIDE,
                count=True,
            )
            + listed("organizations/{organization}/users", takes=_ROLES, orders="id", count=True)
            + listed("groups/{group}/users", takes=_ROLES, count=True)
            + listed(
                "tickets/{collaborates_on}/collaborators",
                "tickets/{copied_in_on}/email_ccs",
                "tickets/{follows}/followers",
                key="users",
                natural=None,
                small=True,
                paging=(ONCE,),
            )
            + _looked_up("users/search", query="query")
            + _looked_up("users/autocomplete", small=True, autocomplete="name")
            + searched(
                "user",
                "role organization tags",
                words="name email notes details external_id phone",
                absent="email external_id phone organization",
                created_at="created",
                verified="is_verified",
                suspended="is_suspended",
                inside={"user_fields": "*"},
            )
            + action("me", "GET", "users/me", "user")
            + action(
                "create_or_update",
                "POST",
                "users/create_or_update",
                "user",
                call="update_or_create(email=...)",
            )
            + action(
                "create_or_update_many",
                "POST",
                "users/create_or_update_many",
                "job_status",
                call="bulk_create([...], update_conflicts=True)",
            )
            + action("request_create", "POST", "users/request_create")
            + action("logout_many", "POST", "users/logout_many")
            + action("merge", "PUT", "users/{id}/merge", "user", removes=True)
            + action("destroy", "DELETE", "deleted_users/{id}", call="delete(permanent=True)")
            + action("related", "GET", "users/{id}/related", "user_related")
            + action("entitlements", "GET", "users/{id}/entitlements/full", "entitlements")
            + action("logout", "DELETE", "users/{id}/sessions")
            + action("set_password", "POST", "users/{id}/password")
            + action("change_password", "PUT", "users/{id}/password")
            + action("password_requirements", "GET", "users/{id}/password/requirements")
            + exported("incremental/users/cursor", "incremental/users")
            + tagging("users")
        )

    def suspend(self) -> Self:
        """Let the user neither sign in nor write any more, and return the user.

        Tickets that the user writes by e-mail go to the suspended ones. Other edits stay unsaved.

        Raises:
            PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#update-user
        """
        self.suspended = True
        return self.save(update_fields=["suspended"])

    def unsuspend(self) -> Self:
        """Take back the suspension of the user; see `suspend()`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#update-user
        """
        self.suspended = False
        return self.save(update_fields=["suspended"])

    def merge(self, into: User | int) -> User:
        """Merge this end user into another one, who remains; it cannot be taken back.

        The other one has the tickets, comments and addresses of both, and this one is gone.
        Tickets that were read before still name this one, until they are read again.

        Args:
            into: the end user who remains, or the id.

        Returns:
            The user who remains, brought up to date.

        Raises:
            InvalidValue: one of them is no end user, as far as it is known, or was never saved;
                or they are the same.
            ValidationError: Zendesk refuses: this one has asked for more than 10,000 tickets.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#merge-end-users
        """
        session = self._session()
        pk = session.id_of(User, into, "merge")
        other = into if isinstance(into, User) else session.refer(type(self), pk)
        if self.pk is None or self.pk == other.pk:
            raise InvalidValue("merge() wants two different users that were saved")
        for each in (self, other):
            role = each._row.get("role", "end-user")
            if role != "end-user":
                raise InvalidValue(f"{each!r} is {role}; only end users can be merged")
        data = self._call("merge", {"user": {"id": other.pk}})
        if session.outbox is not None:
            return other
        session.forget(type(self), self.pk)
        session.account.recent.note(type(self), self.pk, None, None)
        if not data:
            # The response with the row was lost, and the repeated request found nothing to merge.
            actions.outdated(session, other)
        else:
            take_over(session, other, data["user"])
            session.account.recent.note(type(self), other.pk, None, other._row)
        return other

    def delete(
        self, *, using: str | None = None, permanent: bool = False
    ) -> tuple[int, dict[str, int]]:
        """Delete the user, whose tickets stay; in `User.deleted` the user is still shown.

        Args:
            using: the account's alias; where the object came from by default.
            permanent: forget all that the user is known by, too, in a second request: name,
                addresses, comments. There is no way back.

        Raises:
            InvalidValue: the user was never saved.
            PermissionDenied: the user was deleted, perhaps, and is not forgotten.
            ValidationError: there are tickets that the user has to solve first.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#permanently-delete-user
        """
        done = super().delete(using=using)
        if permanent:
            actions.act(self._session(using), self, "destroy")
        return done

    def related(self) -> dict[str, int]:
        """Return how many rows are related to the user, by name.

        `assigned_tickets`, `requested_tickets`, `ccd_tickets`, `organization_subscriptions`.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#show-user-related-information
        """
        found: dict[str, int] = self._call("related")["user_related"]
        return found

    def entitlements(self) -> dict[str, dict[str, Any]]:
        """Return which products an agent may use, and as what: `{"chat": {"name": "agent", ...}}`.

        Raises:
            NotFound: the user is no agent.

        Source: https://developer.zendesk.com/api-reference/ticketing/users/users/#get-full-user-entitlements
        """
        found: dict[str, dict[str, Any]] = self._call("entitlements")["entitlements"]
        return found

    def logout(self) -> None:
        """End all sessions of the user, who has to sign in again.

        Source: https://developer.zendesk.com/api-reference/ticketing/account-configuration/sessions/#bulk-delete-sessions
        """
        self._call("logout")
