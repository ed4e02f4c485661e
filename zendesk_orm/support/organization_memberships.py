"""Organization memberships: which users belong to which organizations.

Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zendesk_orm.api.vocabulary import action, listed, resource
from zendesk_orm.manager import Manager
from zendesk_orm.model import Model
from zendesk_orm.schema import registry
from zendesk_orm.schema.fields import CreateOnly, Id, ReadOnly, Ref
from zendesk_orm.write import actions


if TYPE_CHECKING:
    from typing_extensions import Self

    from zendesk_orm.session.session import Session
    from zendesk_orm.support.organizations import Organization
    from zendesk_orm.support.users import User

_SIDE = "users organizations"


class OrganizationMembershipManager(Manager["OrganizationMembership"]):
    """`OrganizationMembership.objects`."""

    def set_default(
        self, *, user: User | int, organization: Organization | int
    ) -> OrganizationMembership:
        """Let an organization of a user be the one that their new tickets get.

        The two are enough; where the membership is at hand, `make_default()` does the same,
        and brings the user's other memberships up to date, too.

        Args:
            user: who; a user, or the id of one.
            organization: which of theirs.

        Returns:
            The membership.

        Raises:
            InvalidValue: one of the two was never saved.
            NotFound: the user does not belong to the organization.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/#set-organization-as-default
        """
        path = _pair(self._session, user, organization)
        data = self._call("set_default", path=path)
        if not data:
            return self.model(**path)
        _changed(self._session, path["user"])
        return self._made([data["organization_membership"]])[0]

    def remove(self, *, user: User | int, organization: Organization | int) -> None:
        """Take a user out of an organization; their working tickets leave it a while later.

        Args:
            user: who; a user, or the id of one.
            organization: the organization, or its id.

        Raises:
            InvalidValue: one of the two was never saved.
            NotFound: the user does not belong to the organization.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/#unassign-organization
        """
        path = _pair(self._session, user, organization)
        self._call("remove", path=path)
        _changed(self._session, path["user"])


class OrganizationMembership(Model):
    """A user's place in an organization; one who has several has a default one.

    Which user and which organization is settled when it is made. To move a user, make
    another membership and delete this one.
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
            resource("organization_memberships", can="show create delete", many="create destroy")
            + listed("organization_memberships", includes=_SIDE)
            + listed(
                "users/{user}/organization_memberships",
                # The default one first, then by the name of the organization.
                natural=None,
                includes=_SIDE,
            )
            + listed("organizations/{organization}/organization_memberships")
            + action(
                "make_default",
                "PUT",
                "users/{user}/organization_memberships/{id}/make_default",
                "organization_memberships",
            )
            + action(
                "set_default",
                "PUT",
                "users/{user}/organizations/{organization}/make_default",
                "organization_membership",
            )
            + action("remove", "DELETE", "users/{user}/organizations/{organization}")
        )

    def make_default(self) -> Self:
        """Let this be the organization that the user's new tickets get.

        All memberships of the user that are at hand are brought up to date.

        Raises:
            InvalidValue: it was never saved.
            NotFound: it is gone.

        Source: https://developer.zendesk.com/api-reference/ticketing/organizations/organization_memberships/#set-membership-as-default
        """
        data = self._call("make_default")
        if data:
            session = self._session()
            made = session.take_in(OrganizationMembership, data["organization_memberships"])
            for membership in made:
                if membership.pk == self.pk:
                    self.absorb(membership._row)
            _changed(session, self.user_id)
        return self


def _pair(session: Session, user: Any, organization: Any) -> dict[str, Any]:
    """Return what the path names.

    Raises:
        InvalidValue: one of the two was never saved, or is something else.
    """
    return {
        "user": session.id_of("User", user, "user"),
        "organization": session.id_of("Organization", organization, "organization"),
    }


def _changed(session: Session, user: Any) -> None:
    """Know no more of a user, whose organization is that of the default membership."""
    model: Any = registry.find("User", "support")
    actions.outdated(session, session.refer(model, user))
