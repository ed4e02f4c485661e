"""Organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, overload

from zendesk_orm.api.actions import action
from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET, ONCE, Paging
from zendesk_orm.api.vocabulary import CRUD, incremental_export, listing, resource, search_index
from zendesk_orm.errors import InvalidValue
from zendesk_orm.http.annotations import Self
from zendesk_orm.http.limits import require_duration
from zendesk_orm.queryset.queryset import ManagerDescriptor
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.schema.loading import load_int
from zendesk_orm.schema.tags import Tags
from zendesk_orm.schema.values import CaseInsensitiveStr, TrimmedCaseInsensitiveStr
from zendesk_orm.session.action_bodies import mapping_of
from zendesk_orm.support.organizations.organization_merges import OrganizationMerge
from zendesk_orm.support.ticket_management.samples import SampledManager, sample_of
from zendesk_orm.support.ticket_management.tags import Tagged, tag_actions


if TYPE_CHECKING:
    from zendesk_orm import help_center
    from zendesk_orm.support.groups.groups import Group
    from zendesk_orm.support.organizations.organization_memberships import OrganizationMembership
    from zendesk_orm.support.organizations.organization_subscriptions import (
        OrganizationSubscription,
    )
    from zendesk_orm.support.tickets.requests import Request
    from zendesk_orm.support.tickets.ticket_forms import TicketForm
    from zendesk_orm.support.tickets.tickets import Ticket
    from zendesk_orm.support.users.users import User


def _index_lookup(path: str, name: str, paging: Paging) -> Api:
    """Return a list that Zendesk reads from an index of names, which lags behind changes."""
    return listing(
        path,
        key="organizations",
        filters={name: "name"},
        required=(name,),
        default_order=None,
        fresh=False,
        paging=(paging,),
    )


T = TypeVar("T", bound="Organization")


class OrganizationManager(SampledManager[T]):
    """`Organization.objects`."""

    @action(
        "POST",
        "organizations/create_or_update",
        key="organization",
        name="upsert",
        call="create_or_update(external_id=..., **values)",
    )
    def create_or_update(self, **values: Any) -> T:
        """Update the organization with this id or external id, or create it, in one request.

        Args:
            values: its fields; `id` or `external_id` must identify the organization, not the name.

        Returns:
            The organization.

        Raises:
            FieldError, InvalidValue: a value is invalid; nothing was sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#create-or-update-organization
        """
        pk = values.get("id")
        record = self.model(**values)
        record.attach_to(self._session)
        payload = record.to_payload()
        if pk is None and not payload.get("external_id"):
            raise InvalidValue(
                "create_or_update() must have an id or an external_id, which identifies the "
                "organization; use create() if there is neither"
            )
        body = {**payload, **({} if pk is None else {"id": pk})}
        return self._call(
            "upsert",
            {"organization": body},
            then=lambda data: self._from_rows([data["organization"]])[0],
            in_dry_run=record,
        )


class OrganizationObjects(ManagerDescriptor["OrganizationManager[Any]"]):
    """The descriptor behind `Organization.objects`, which checkers resolve for subclasses, too."""

    if TYPE_CHECKING:
        # It returns a manager class for subclasses, too.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> OrganizationManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(self, record: object | None, owner: type[Any]) -> Any: ...


class Organization(Tagged):
    """A company or department that users and their tickets belong to.

    ::

        Organization.objects.filter(autocomplete="ac")     # by the beginning of the name
        Organization.objects.get(called="Acme")            # by the exact name
        Organization.objects.filter(user=user)             # of a user
    """

    objects = OrganizationObjects(OrganizationManager)

    url: ReadOnly[str]
    name: Field[TrimmedCaseInsensitiveStr]
    shared_tickets: Field[bool]
    shared_comments: Field[bool]
    external_id: Field[CaseInsensitiveStr | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]
    domain_names: Field[list[CaseInsensitiveStr]]
    details: Field[str | None]
    notes: Field[str | None]
    group: Ref[Group | None]
    group_id: Id[int | None]
    tags: Tags[str]
    organization_fields: Field[dict[str, Any]]

    tickets: Many[Ticket]
    users: Many[User]
    memberships: Many[OrganizationMembership]
    subscriptions: Many[OrganizationSubscription]
    requests: Many[Request]
    ticket_forms: Many[TicketForm] = by("restricted_organization_ids")
    user_segments: Many[help_center.UserSegment] = by("organization_ids")
    merges: Many[OrganizationMerge] = by("organization")

    autocomplete: Lookup[str]
    called: Lookup[str]
    changed_since: Lookup[datetime]
    user: Lookup[User]

    class Meta:
        custom = ("organization_fields", "OrganizationField")
        cache_seconds = 300
        required = "name"
        unique = ("name", "external_id")
        api = (
            resource(
                "organizations",
                bulk=CRUD,
                show_many_by=("external_id",),
                orders=("id",),
                count=True,
            )
            + listing("users/{user}/organizations", orders=("id",), count=True)
            + _index_lookup("organizations/autocomplete", "autocomplete", OFFSET)
            + _index_lookup("organizations/search", "called", ONCE)
            + search_index(
                "organization",
                ("tags",),
                tokenized=("name", "notes", "details", "external_id"),
                created_at="created",
                nested={"organization_fields": "*"},
            )
            + incremental_export("incremental/organizations")
            + sample_of("organizations")
            + tag_actions("organizations")
        )

    @action("POST", "organizations/{id}/merge", key="organization_merge")
    def merge(self, *, into: Organization | int, timeout: float | None = None) -> Organization:
        """Merge the organization into another and wait; it is deleted, which cannot be undone.

        Its users, tickets and domain names are moved; its other fields and custom fields are not.

        Args:
            into: the remaining organization, or its id.
            timeout: seconds to wait at most; None waits without limit.

        Returns:
            The remaining organization.

        Raises:
            InvalidValue: one of the organizations was never saved, both are the same, or `timeout`
                is not a positive number.
            JobTimeout: the merge has not ended in time; Zendesk continues it, see `.merges`.
            BulkError: the merge failed; it can be tried again.
            NotFound, PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#merge-organization-with-another-organization
        """
        if timeout is not None:
            require_duration("timeout", timeout)
        winner = self._session().id_of(Organization, into, "merge")
        if winner == self.pk:
            raise InvalidValue("into must be another, saved organization, or its id")
        session = self._session()
        body = {"organization_merge": {"winner_id": winner}}
        remaining = session.refer(Organization, winner)

        def finish(data: Any) -> Organization:
            session.materialize(OrganizationMerge, [data["organization_merge"]])[0].wait(timeout)
            session.remove(self)
            session.expire(remaining)
            return remaining

        return self._call("merge", body, then=finish, in_dry_run=remaining)

    @action("GET", "organizations/{id}/related", key="organization_related")
    def count_related_objects(self) -> dict[str, int]:
        """Return the numbers of objects related to the organization, by name.

        `tickets_count`, `users_count`.

        Raises:
            InvalidValue: the organization was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#show-organizations-related-information
        """
        return mapping_of(self._call("count_related_objects"), "organization_related", load_int)
