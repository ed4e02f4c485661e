"""Organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, overload

from attrs import evolve

from zendesk_orm.api.endpoint import Api
from zendesk_orm.api.paging import OFFSET, ONCE, Paging
from zendesk_orm.api.vocabulary import MANY, action, exported, listed, resource, searched
from zendesk_orm.errors import InvalidValue
from zendesk_orm.manager import Manager
from zendesk_orm.queryset.objects import Own
from zendesk_orm.relations import Many, by
from zendesk_orm.schema.fields import Field, Id, Lookup, ReadOnly, Ref
from zendesk_orm.schema.members import Tags
from zendesk_orm.schema.values import CaseInsensitiveStr, TrimmedCaseInsensitiveStr
from zendesk_orm.support.organization_merges import OrganizationMerge
from zendesk_orm.support.tags import Tagged, tagging
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm import help_center
    from zendesk_orm.support.groups import Group
    from zendesk_orm.support.organization_memberships import OrganizationMembership
    from zendesk_orm.support.organization_subscriptions import OrganizationSubscription
    from zendesk_orm.support.requests import Request
    from zendesk_orm.support.ticket_forms import TicketForm
    from zendesk_orm.support.tickets import Ticket
    from zendesk_orm.support.users import User


def _looked_up(path: str, name: str, paging: Paging) -> Api:
    """Return a list of what an index finds by a name, and learns of later."""
    (found,) = listed(
        path, key="organizations", takes={name: "name"}, needs=name, natural=None, paging=(paging,)
    )
    return Api((evolve(found, fresh=False),))


T = TypeVar("T", bound="Organization")


class OrganizationManager(Manager[T]):
    """`Organization.objects`."""

    def create_or_update(self, **values: Any) -> T:
        """Change the organization of that id or external id, or make it, in one request.

        Args:
            values: its fields; `id` or `external_id` tell which one is meant, and no name does.

        Returns:
            The organization.

        Raises:
            FieldError, InvalidValue: before anything is sent.
            ValidationError and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#create-or-update-organization
        """
        pk = values.get("id")
        record = self.model(**values)
        record.attach_to(self._session)
        said = record.to_payload()
        if pk is None and not said.get("external_id"):
            raise InvalidValue(
                "create_or_update() wants an id or an external_id, by which Zendesk knows the "
                "organization; create() makes one without"
            )
        body = {**said, **({} if pk is None else {"id": pk})}
        data = self._call("upsert", {"organization": body})
        return self._made([data["organization"]])[0] if data else record


class OrganizationObjects(Own["OrganizationManager[Any]"]):
    """The descriptor behind `Organization.objects`; type checkers know it of subclasses, too."""

    if TYPE_CHECKING:
        # It gives another class than every model's own.
        @overload  # type: ignore[override] # another class than every model's
        def __get__(self, record: None, owner: type[T]) -> OrganizationManager[T]: ...
        @overload
        def __get__(self, record: object, owner: type[Any]) -> Self: ...
        def __get__(  # pyright: ignore[reportIncompatibleMethodOverride] # the same reason
            self, record: object | None, owner: type[Any]
        ) -> Any: ...


class Organization(Tagged):
    """A company or a department, to which users and their tickets belong.

    ::

        Organization.objects.filter(autocomplete="ac")     # whose name begins so
        Organization.objects.get(called="Acme")            # whose name is this
        Organization.objects.filter(user=user)             # those of a user
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
        keep = 300
        required = "name"
        unique = ("name", "external_id")
        api = (
            resource("organizations", many=MANY, by="external_id", orders="id", count=True)
            + listed("users/{user}/organizations", orders="id", count=True)
            + _looked_up("organizations/autocomplete", "autocomplete", OFFSET)
            + _looked_up("organizations/search", "called", ONCE)
            + searched(
                "organization",
                "tags",
                words="name notes details external_id",
                created_at="created",
                inside={"organization_fields": "*"},
            )
            + exported("incremental/organizations")
            # Not by its own name, which `update_or_create(name=...)` would take it by: it
            # knows organizations by their ids alone.
            + action(
                "upsert",
                "POST",
                "organizations/create_or_update",
                "organization",
                call="create_or_update(external_id=..., **values)",
            )
            + action("merge", "POST", "organizations/{id}/merge", "organization_merge")
            + action("related", "GET", "organizations/{id}/related", "organization_related")
            + tagging("organizations")
        )

    def merge(self, *, into: Organization | int, timeout: float | None = None) -> Organization:
        """Merge the organization into another, and wait; it is gone then, and cannot be restored.

        Its users, tickets and domain names move. Its other fields, and its custom ones, do not.

        Args:
            into: the organization that stays, or its id.
            timeout: seconds to wait at most; None for as long as it takes.

        Returns:
            The organization that stays.

        Raises:
            InvalidValue: one of the two was never saved, or they are the same.
            TimeoutError: it goes on at Zendesk; `.merges` tells how far it is.
            BulkError: the merge failed; it can be tried again.
            NotFound, PermissionDenied and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#merge-organization-with-another-organization
        """
        winner = self._session().id_of(Organization, into, "merge")
        if winner == self.pk:
            raise InvalidValue("merge() wants another organization that was saved, or its id")
        session = self._session()
        body = {"organization_merge": {"winner_id": winner}}
        data = self._call("merge", body)
        found = session.refer(Organization, winner)
        if data:
            session.take_in(OrganizationMerge, [data["organization_merge"]])[0].wait(timeout)
            session.forget(Organization, self.pk)
            session.account.recent.note(Organization, self.pk, None, None)
            actions.outdated(session, found)
        return found

    def related(self) -> dict[str, int]:
        """Return how many rows are related to the organization, by name.

        `tickets_count`, `users_count`.

        Raises:
            InvalidValue: it was never saved.
            NotFound and the other `ApiError`s; `TransportError`.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organizations/#show-organizations-related-information
        """
        found: dict[str, int] = self._call("related")["organization_related"]
        return found
