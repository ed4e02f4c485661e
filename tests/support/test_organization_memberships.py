"""Organization memberships and subscriptions."""

from __future__ import annotations

import pytest

from tests.support.people import create_user
from zendesk_orm import (
    Comment,
    FieldError,
    InvalidValue,
    NotFound,
    Organization,
    OrganizationMembership,
    OrganizationSubscription,
    Ticket,
    ValidationError,
)


@pytest.fixture
def acme(account):
    """Create an organization."""
    return Organization.objects.create(name="Acme")


@pytest.fixture
def globex(account):
    """Create another organization."""
    return Organization.objects.create(name="Globex")


@pytest.fixture
def ann(account):
    """Create a user without an organization."""
    return create_user("Ann")


def test_a_membership_joins_user_and_organization(account, acme, ann, count_requests):
    """A membership is listed from both sides; the first one of a user is the default."""
    with count_requests(account, 1):
        membership = acme.memberships.create(user=ann)
    assert (
        membership.user,
        membership.organization,
        membership.default,
        membership.organization_name,
    ) == (
        ann,
        acme,
        True,
        "Acme",
    )

    with count_requests(account, 3):
        assert list(acme.memberships.all()) == [membership]
        assert list(ann.organization_memberships.all()) == [membership]
        assert list(acme.users) == [ann]
    ann.refresh_from_db()
    assert ann.organization == acme


def test_a_user_created_with_an_organization_is_a_member(account, acme, count_requests):
    """Creating a user with an organization creates a membership."""
    user = create_user("Bob", organization=acme)
    rows = OrganizationMembership.objects.select_related("user", "organization")
    with count_requests(account, 1):
        (membership,) = rows
        assert (membership.user.name, membership.organization.name) == ("Bob", "Acme")
    assert membership.user == user


def test_make_default_changes_the_default_organization(account, acme, globex, ann, count_requests):
    """`make_default()` updates the other memberships and the organization of the user."""
    first = acme.memberships.create(user=ann)
    second = globex.memberships.create(user=ann)
    assert (first.default, second.default) == (True, None)

    with count_requests(account, 1):
        assert second.make_default() is second
        assert (first.default, second.default) == (None, True)
    with count_requests(account, 1):
        assert ann.organization_id == globex.pk


def test_memberships_are_addressed_by_user_and_organization(
    account, acme, globex, ann, count_requests
):
    """`set_default()` and `remove()` find a membership by user and organization."""
    acme.memberships.create(user=ann)
    globex.memberships.create(user=ann)
    members = OrganizationMembership.objects
    with count_requests(account, 2):
        assert members.set_default(user=ann, organization=globex).default
        members.remove(user=ann.pk, organization=globex.pk)

    assert list(ann.organizations) == [acme]
    assert ann.organization_id == acme.pk
    with pytest.raises(NotFound):
        members.remove(user=ann, organization=globex)


@pytest.mark.parametrize("wrong", [None, Organization(name="New"), "Acme"])
def test_remove_requires_saved_objects(account, ann, count_requests, wrong):
    """`remove()` with an object that has no id raises `InvalidValue` before any request."""
    with count_requests(account, 0), pytest.raises(InvalidValue):
        OrganizationMembership.objects.remove(user=ann, organization=wrong)


def test_a_membership_is_unique(account, acme, ann):
    """A second membership of the same user and organization raises `ValidationError`."""
    acme.memberships.create(user=ann)

    with pytest.raises(ValidationError, match="taken"):
        acme.memberships.create(user=ann)


def test_a_membership_cannot_be_changed(account, acme, globex, ann, count_requests):
    """Saving a changed membership raises `FieldError` before any request."""
    membership = acme.memberships.create(user=ann)
    membership.organization = globex
    with count_requests(account, 0), pytest.raises(FieldError, match="does not support update"):
        membership.save()


def test_deleting_a_membership_changes_unsolved_tickets(account, acme, ann, count_requests):
    """Deleting a membership removes the organization from unsolved tickets of the user."""
    membership = acme.memberships.create(user=ann)
    values = {"subject": "x", "requester": ann, "organization": acme}
    ticket, solved = (
        Ticket.objects.create(**values, comment=Comment(body="y"), status=status)
        for status in ("open", "solved")
    )
    with count_requests(account, 1):
        membership.delete()

    ticket.refresh_from_db()
    solved.refresh_from_db()
    ann.refresh_from_db()
    assert (ticket.organization, solved.organization, ann.organization) == (None, acme, None)


def test_memberships_are_created_and_deleted_in_bulk(account, acme):
    """Memberships are created and deleted in bulk by jobs."""
    people = [create_user(name) for name in ("Bob", "Carol", "Dan")]
    memberships = [OrganizationMembership(user=user, organization=acme) for user in people]

    OrganizationMembership.objects.bulk_create(memberships)

    assert set(acme.users) == set(people)
    assert int(acme.memberships.all().delete()) == 3
    assert list(acme.users) == []


def test_subscriptions_are_listed_from_both_sides(account, acme, ann, count_requests):
    """A subscription is listed from the organization and from the user, and can be deleted."""
    with count_requests(account, 3):
        subscription = acme.subscriptions.create(user=ann)
        assert list(acme.subscriptions.all()) == [subscription]
        assert list(ann.organization_subscriptions.all()) == [subscription]
    assert (subscription.user, subscription.organization) == (ann, acme)

    subscription.delete()
    assert list(OrganizationSubscription.objects.all()) == []
