"""Organization memberships: which users belong to which organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm import support
from zendesk_orm.api.actions import action
from zendesk_orm.api.vocabulary import CREATE, DELETE, SHOW, listing, resource
from zendesk_orm.http.annotations import Self
from zendesk_orm.model import Model
from zendesk_orm.queryset.queryset import Manager
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, Ref
from zendesk_orm.session.action_bodies import objects_of


if TYPE_CHECKING:
    from zendesk_orm.session.session import Session
    from zendesk_orm.support.organizations.organizations import Organization
    from zendesk_orm.support.users.users import User

_SIDE = ("users", "organizations")


class OrganizationMembershipManager(Manager["OrganizationMembership"]):
    """`OrganizationMembership.objects`."""

    @action(
        "PUT",
        "users/{user}/organizations/{organization}/make_default",
        key="organization_membership",
    )
    def set_default(
        self, *, user: support.User | int, organization: support.Organization | int
    ) -> OrganizationMembership:
        """Make an organization of a user the default for the user's new tickets.

        If the membership is loaded, `make_default()` does the same, and also updates the user's
        other memberships.

        Args:
            user: a user, or the id.
            organization: an organization of the user, or its id.

        Returns:
            The membership.

        Raises:
            InvalidValue: the user or the organization was never saved.
            NotFound: the user is not a member of the organization.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/#set-organization-as-default
        """
        path = _path_ids(self._session, user, organization)

        def update(data: Any) -> OrganizationMembership:
            _expire_user(self._session, path["user"])
            return self._from_rows([data["organization_membership"]])[0]

        return self._call("set_default", path=path, then=update, in_dry_run=self.model(**path))

    @action("DELETE", "users/{user}/organizations/{organization}")
    def remove(self, *, user: support.User | int, organization: support.Organization | int) -> None:
        """Remove a user from an organization; Zendesk updates the user's open tickets later.

        Args:
            user: a user, or the id.
            organization: the organization, or its id.

        Raises:
            InvalidValue: the user or the organization was never saved.
            NotFound: the user is not a member of the organization.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/#unassign-organization
        """
        path = _path_ids(self._session, user, organization)

        def update(_: Any) -> None:
            _expire_user(self._session, path["user"])

        self._call("remove", path=path, then=update, in_dry_run=None)


class OrganizationMembership(Model):
    """A membership of a user in an organization; one of a user's memberships is the default.

    User and organization can be set only on creation. To move a user, create another
    membership and delete this one.
    """

    objects = OrganizationMembershipManager.as_manager()

    url: ReadOnly[str]
    user: Ref[User]
    user_id: Id[int]
    organization: Ref[Organization]
    organization_id: Id[int]
    organization_name: ReadOnly[str | None]
    default: CreateOnly[bool | None]
    view_tickets: ReadOnly[bool | None]
    created_at: ReadOnly[datetime]
    updated_at: ReadOnly[datetime]

    class Meta:
        required = ("user", "organization")
        api = (
            resource("organization_memberships", can=SHOW | CREATE | DELETE, bulk=CREATE | DELETE)
            + listing("organization_memberships", includes=_SIDE)
            + resource("users/{user}/organization_memberships", can=SHOW)
            + listing(
                "users/{user}/organization_memberships",
                # The default membership comes first, then by the name of the organization.
                default_order=None,
                includes=_SIDE,
            )
            + listing("organizations/{organization}/organization_memberships")
        )

    @action(
        "PUT",
        "users/{user}/organization_memberships/{id}/make_default",
        key="organization_memberships",
    )
    def make_default(self) -> Self:
        """Make this organization the default for the user's new tickets.

        All loaded memberships of the user are updated.

        Raises:
            InvalidValue: the membership was never saved.
            NotFound: the membership was deleted.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/#set-membership-as-default
        """

        def update(data: Any) -> None:
            session = self._session()
            for membership in session.materialize(
                OrganizationMembership, objects_of(data, "organization_memberships")
            ):
                if membership.pk == self.pk:
                    self.update_from_row(membership._row)
            _expire_user(session, self.user_id)

        self._call("make_default", then=update, in_dry_run=None)
        return self


def _path_ids(session: Session, user: Any, organization: Any) -> dict[str, Any]:
    """Return the ids in the path.

    Raises:
        InvalidValue: one of the objects was never saved, or is of another model.
    """
    return {
        "user": session.id_of("User", user, "user"),
        "organization": session.id_of("Organization", organization, "organization"),
    }


def _expire_user(session: Session, user: Any) -> None:
    """Discard the row of a user, whose organization follows the default membership."""
    model: Any = registry.find("User", "support")
    session.expire(session.refer(model, user))
